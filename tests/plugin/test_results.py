"""What a result keeps and what is read back of it."""

import json

import pytest

from labdata.plugin import (
    Candidate,
    Column,
    Comparison,
    Data,
    Definition,
    Detail,
    Drawing,
    Fit,
    Flag,
    Interval,
    Line,
    Mark,
    Marks,
    Missing,
    Number,
    Parameter,
    Points,
    RaisedFlag,
    Result,
    Search,
    Statistic,
    Table,
)

WHOLE = Result(
    fits=(
        Fit(
            "decay",
            "Decay",
            "reverse",
            "A*exp(-t/tau)",
            (Statistic("bic", "BIC", 12.5, "lower"),),
            (
                Parameter("A", 2.0, 0.1, "%", start=1.0),
                Parameter("tau", 5.0, 0.2, "ns"),
            ),
            ((0.01, 0.01), (0.01, 0.04)),
            "Poisson",
            300,
            "time",
            "ns",
            Interval(0.0, None),
            search=Search(32, 30, 12, 900),
        ),
    ),
    comparisons=(
        Comparison(
            "models",
            "Models",
            "BIC",
            (
                Candidate("two", 10.0, parameters=(Parameter("A", 1.0),), chosen=True),
                Candidate("one", 25.0),
                Candidate("three", refused="no minimum"),
            ),
        ),
    ),
    tables=(
        Table(
            "rows",
            "Rows",
            (Column("name", "Name"), Column("value", "Value", "nm")),
            (
                ("a", Number(1.0, 0.1)),
                ("b", Interval(None, 2.0)),
                (None, 3),
                ("c", 1.5),
            ),
            total=40,
        ),
    ),
    details=(Detail("window", "Window", Interval(1.0, 2.0), "h", "reverse"),),
    definitions=(Definition("tau", "where it falls to 1/e", "trpl.lifetime"),),
    missing=(Missing("jv.voc", "forward", "the sweep ends before it"),),
    remarks=("Fine.",),
    flags=(RaisedFlag("poor", "reverse", "R² 0.9"),),
    drawings=(
        Drawing(
            "decay",
            "Decay",
            "time",
            (
                Data(),
                Line("fit", "fit", on="offset", part=True, mark="I"),
                Marks((Mark("gap", 1, until=2), Mark("MPP", 1, 2, side="forward"))),
            ),
            log=("y",),
        ),
        Drawing(
            "residual",
            "Residual",
            "time",
            (Points("fit", "residual", residual_of="fit"),),
            under="decay",
        ),
    ),
    intervals="95 %",
)


def stored(result, **options):
    return json.loads(json.dumps(result.to_json(**options), allow_nan=False))


def test_every_part_comes_back_as_it_was():
    assert Result.from_json(stored(WHOLE)) == WHOLE


@pytest.mark.parametrize("nothing", [{}, None, [], ""])
def test_what_an_unfinished_run_holds_is_an_empty_result(nothing):
    assert Result.from_json(nothing) == Result()


def test_parts_of_another_time_are_named_and_not_guessed():
    kept = stored(WHOLE)
    kept["drawings"][0]["layers"].append({"kind": "contour", "role": "fit"})
    kept["fits"].append({"covariance": [[1.0]], "parameters": []})
    kept["tables"][0]["rows"].append(["too", "many", "cells"])
    kept["fits"][0]["colour"] = "red"
    kept["hologram"] = [1]

    again = Result.from_json(kept)

    assert sorted(again.unread) == ["drawings", "fits", "tables"]
    assert again.fits == WHOLE.fits
    assert [one.key for one in again.drawings] == ["residual"]


def test_a_result_of_another_format_is_not_read_as_one_of_this():
    again = Result.from_json({**stored(WHOLE), "format": 99})

    assert again == Result(unread=("format 99",))


def test_the_words_of_the_flags_it_raises_are_kept():
    flags = [
        Flag("poor", "poor fit", "It is poor."),
        Flag("rich", "rich", "It is not raised."),
    ]

    assert stored(WHOLE, flags=flags)["flag_words"] == {
        "poor": {
            "word": "poor fit",
            "sentence": "It is poor.",
            "severity": "doubt",
            "bars_good": True,
        }
    }


def test_parts_are_found_by_their_keys():
    assert WHOLE.fit().key == "decay"
    assert WHOLE.fit("decay").parameter("tau").value == 5.0
    assert WHOLE.detail("window", "reverse") == Interval(1.0, 2.0)
    assert WHOLE.definition("trpl.lifetime") == "where it falls to 1/e"
    assert WHOLE.definition("trpl.area") == ""
    assert WHOLE.reason("jv.voc[forward]") == "the sweep ends before it"
    with pytest.raises(LookupError, match=r"no table 'cells' \(there: rows\)"):
        WHOLE.table("cells")
    with pytest.raises(LookupError, match=r"no parameter 'B' \(there: A, tau\)"):
        WHOLE.fit().parameter("B")


def test_correlation_follows_from_covariance_and_knows_held_parameters():
    fit = WHOLE.fit()
    held = Fit(parameters=fit.parameters, covariance=((0.01, 0.0), (0.0, 0.0)))

    assert fit.correlation[0] == pytest.approx((1.0, 0.5))
    assert held.correlation == ((pytest.approx(1.0), None), (None, None))


def test_rivals_are_told_by_how_far_they_are_from_the_best():
    models = WHOLE.comparison("models")

    assert models.chosen.name == "two"
    assert [models.distance(one) for one in models.candidates] == [0.0, 15.0, None]
