"""How a measurement's runs are told; analyses live above this app and say so here."""

from collections.abc import Callable, Iterable

DescribeRuns = Callable[[list[int]], dict[int, list[dict]]]
_descriptions: list[DescribeRuns] = []


def register_run_description(describe: DescribeRuns) -> None:
    """Add what maps row ids of measurements to their runs, in few queries."""
    if describe in _descriptions:
        raise ValueError(f"{describe!r} is registered twice")
    _descriptions.append(describe)


def describe_runs(measurement_ids: Iterable[int]) -> dict[int, list[dict]]:
    """The runs of measurements, newest first, by the row ids of the measurements."""
    ids = list(measurement_ids)
    told: dict[int, list[dict]] = {}
    for describe in _descriptions:
        for pk, runs in describe(ids).items():
            told.setdefault(pk, []).extend(runs)
    return told
