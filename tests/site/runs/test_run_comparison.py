"""Fits side by side: which of their numbers may be compared."""

from types import SimpleNamespace

from labdata.plugin import Fit, Interval, Result, Statistic
from labdata.site.runs.comparison import compare_statistics


def fit(measurement_id, bic):
    return SimpleNamespace(
        measurement_id=measurement_id,
        parts=Result(
            fits=(
                Fit(
                    statistics=(Statistic("bic", "BIC", bic, "lower"),),
                    weights="none",
                    axis="wavelength",
                    window=Interval(600.0, 800.0),
                ),
            )
        ),
    )


def best_of(rows):
    lines, are_comparable = compare_statistics(rows)
    (bic,) = lines
    return [cell["is_best"] for cell in bic["cells"]], are_comparable


def test_of_two_fits_to_one_spectrum_the_lower_bic_is_best():
    assert best_of([fit(1, 300.0), fit(1, 200.0)]) == ([False, True], True)


def test_no_fit_is_the_best_of_two_spectra():
    assert best_of([fit(1, 300.0), fit(2, 200.0)]) == ([False, False], False)
