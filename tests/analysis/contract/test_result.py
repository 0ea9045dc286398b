"""Results: finite, addressed by variable, with exactly one default label."""

import numpy as np
import pytest

from analysis.contract.quantities import quantities
from labdata.plugin import Detail, Estimate, FitFailed, LabelledEstimate, Result


def estimates(*rows):
    return tuple(
        LabelledEstimate(quantity, Estimate(value), label, default)
        for quantity, label, value, default in rows
    )


def test_an_estimate_answers_to_its_label_and_the_default_to_none():
    result = Result(
        estimates(
            ("pl.fwhm", "I", 46.0, False),
            ("pl.fwhm", "II", 25.0, True),
            ("pl.r_squared", "", 0.99, False),
        )
    )

    assert result["pl.fwhm[I]"].value == 46.0
    assert result["pl.fwhm"].value == 25.0
    assert result["pl.r_squared"].value == 0.99
    assert "pl.fwhm" in result
    assert "pl.sigma" not in result
    with pytest.raises(LookupError, match=r"there: pl.fwhm\[I\], pl.fwhm\[II\]"):
        result["pl.sigma"]


def test_json_carries_unit_name_and_default():
    result = Result(estimates(("pl.fwhm", "I", 46.0, True)), remarks=("Fine.",))

    row = result.estimates[0].describe(quantities)
    kept = result.to_json(quantities=quantities)

    assert row["unit"] == kept["quantities"]["pl.fwhm"]["unit"] == "nm"
    assert row["is_default"] is True
    assert row["bound"] == "="
    assert kept["remarks"] == ["Fine."]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            [("pl.fwhm", "I", 1.0, True), ("pl.fwhm", "I", 2.0, False)],
            "estimated twice",
        ),
        (
            [("pl.fwhm", "I", 1.0, True), ("pl.fwhm", "", 2.0, False)],
            "with and without a label",
        ),
        (
            [("pl.fwhm", "I", 1.0, True), ("pl.fwhm", "II", 2.0, True)],
            "exactly one default",
        ),
        ([("pl.fwhm", "I", 1.0, False)], "exactly one default"),
    ],
)
def test_labels_that_contradict_each_other_are_refused(rows, message):
    with pytest.raises(ValueError, match=message):
        Result(estimates(*rows))


def test_numbers_that_are_not_finite_end_the_analysis():
    with pytest.raises(FitFailed, match="the value of an estimate is nan"):
        Estimate(np.nan)
    with pytest.raises(FitFailed, match="the uncertainty of an estimate is inf"):
        Estimate(1.0, np.inf)
    with pytest.raises(FitFailed, match="uncertainty is negative"):
        Estimate(1.0, -1.0)
    with pytest.raises(ValueError, match="no bound"):
        Estimate(1.0, bound="≥")
    with pytest.raises(ValueError, match="JSON"):
        Result(details=(Detail("chi", "χ", float("nan")),))


def test_numpy_numbers_become_plain_ones():
    assert type(Estimate(np.float64(1), np.float32(2)).uncertainty) is float
