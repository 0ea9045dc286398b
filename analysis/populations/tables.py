"""A population as answers and files tell it: groups, points and tests as plain rows."""

from __future__ import annotations

from urllib.parse import urlencode

from analysis.populations.summary import group_filter

STATISTICS = (
    "mean",
    "median",
    "standard_deviation",
    "lower_quartile",
    "upper_quartile",
    "whisker_low",
    "whisker_high",
    "minimum",
    "maximum",
    "mean_low",
    "mean_high",
    "median_low",
    "median_high",
)
POINT_FIELDS = (
    "sample",
    "sample_id",
    "cell",
    "state",
    "value",
    "uncertainty",
    "bound",
    "label",
    "origin",
    "source",
    "run",
)
TABLES = ("groups", "points", "tests")


def group_rows(population):
    """One row a group: how many, the statistics, and the champion."""
    rows = []
    for group in population.groups:
        summary, champion = group.summary, group.champion
        rows.append(
            {
                "group": group.name,
                "low": group.low,
                "high": group.high,
                "n": summary.count,
                "devices": group.devices,
                "excluded": len(group.excluded),
                "bounded": group.bounded,
                "simulated": group.simulated,
                "outliers": len(group.outliers),
                **{name: getattr(summary, name) for name in STATISTICS},
                "champion": champion.name if champion else None,
                "champion_value": champion.value if champion else None,
                "champion_source": champion.source if champion else None,
                "champion_query": champion_query(population.question, group),
            }
        )
    return rows


def point_rows(population):
    """One row a value, those left out with their reason."""
    rows = []
    for group in population.groups:
        outliers = {id(point) for point in group.outliers}
        for point in (*group.points, *group.excluded):
            rows.append(
                {"group": group.name}
                | {name: getattr(point, name) for name in POINT_FIELDS}
                | {
                    "outlier": id(point) in outliers,
                    "excluded": point.is_excluded,
                    "reason": point.reason or None,
                    "excluded_by": point.excluded_by or None,
                    "excluded_at": point.excluded_at,
                }
            )
    return rows


def test_rows(population):
    """All tests in words and numbers, of values and, where nested, of devices."""
    rows = []
    for comparison in (population.device_tests, population.tests):
        if comparison is None:
            continue
        unit = {"cluster": "device", "value": "value"}[comparison.unit]
        for test in (comparison.welch, comparison.ranks):
            if test is not None:
                rows.append(_test(unit, None, None, test, None, None, None, None))
        for pair in comparison.pairs:
            ends = (pair.difference, pair.low, pair.high)
            for test, corrected in (
                (pair.welch, pair.welch_p_holm),
                (pair.ranks, pair.ranks_p_holm),
            ):
                if test is not None:
                    rows.append(
                        _test(unit, pair.first, pair.second, test, corrected, *ends)
                    )
    return rows


def _test(unit, first, second, test, corrected, difference, low, high):
    return {
        "independent": unit,
        "first": first,
        "second": second,
        "test": test.name,
        "statistic": test.statistic,
        "degrees_of_freedom": ", ".join(f"{n:.6g}" for n in test.degrees_of_freedom),
        "p_value": test.p_value,
        "p_value_holm": corrected,
        "effect_name": test.effect_name,
        "effect": test.effect,
        "difference": difference,
        "difference_low": low,
        "difference_high": high,
        "words": test.description,
    }


def champion_query(question, group):
    """The query of a relation whose first row is the champion of a group."""
    relation = question.relation
    filters = [str(condition.filter) for condition in relation.conditions]
    filters += [text for text in [group_filter(question, group)] if text]
    asked = {
        "x": "sample.code",
        "y": str(question.y.asked),
        "filter": filters,
        "origin": list(relation.origins),
        "sort": "-y" if question.best == "highest" else "y",
        "limit": 1,
    }
    return urlencode(asked, doseq=True)
