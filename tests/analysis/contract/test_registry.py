"""Registering and applying an analysis."""

from dataclasses import dataclass

import numpy as np
import pytest

from analysis.choices import analysis_choices
from analysis.contract.registry import analyses
from labdata.plugin import (
    Analysis,
    Dataset,
    Estimate,
    InvalidResult,
    LabelledEstimate,
    Result,
    UnsuitableData,
    finite_curve,
    parameter,
)
from measurements.registry import techniques


@dataclass(frozen=True)
class Parameters:
    factor: float = parameter(2.0, label="Factor")


def double(dataset, parameters, progress):
    value = float(dataset["counts"].max()) * parameters.factor
    return Result((LabelledEstimate("pl.r_squared", Estimate(value)),))


def make(**changes):
    options = {
        "key": "double",
        "version": 1,
        "label": "Double",
        "techniques": ("pl",),
        "parameters": Parameters,
        "outputs": ("pl.r_squared",),
        "run": double,
    }
    return Analysis(**(options | changes))


@pytest.fixture
def curve():
    return Dataset.curve(
        ("wavelength", "nm", [1.0, 2.0, 3.0]), counts=("1", [1.0, 5.0, 2.0])
    )


def test_parameters_may_be_given_as_json_or_ready(curve):
    spec = make()

    assert spec.apply(curve)["pl.r_squared"].value == 10.0
    assert spec.apply(curve, {"factor": 3})["pl.r_squared"].value == 15.0
    assert spec.apply(curve, Parameters(4.0))["pl.r_squared"].value == 20.0


def test_an_undeclared_quantity_is_a_bug(curve):
    with pytest.raises(InvalidResult, match=r"quantity pl\.r_squared is not declared"):
        make(outputs=("pl.area",)).apply(curve)


def test_it_can_only_be_default_where_it_serves():
    with pytest.raises(ValueError, match=r"double is default for \{'jv'\}"):
        make(default_for=("jv",))


def test_the_pl_fit_is_registered_and_default():
    assert analyses["pl_gaussians"].default_for == ("pl",)
    assert ("pl_gaussians", "Gaussian PL peaks") in analysis_choices()


def test_a_curve_with_gaps_is_refused_with_number_and_place(curve):
    holed = Dataset.curve(
        ("wavelength", "nm", [1.0, 2.0, 3.0]), counts=("1", [1.0, np.nan, np.nan])
    )

    x, y = finite_curve(curve, "counts")

    assert (x.size, y.max()) == (3, 5.0)
    with pytest.raises(UnsuitableData, match="2 of 3 values of counts are missing"):
        finite_curve(holed, "counts")


def test_parameters_on_another_axis_leave_window_and_start_values():
    spec = analyses["pl_gaussians"]
    stored = spec.parameters_json(
        spec.clean_parameters(
            {
                "peaks": 1,
                "offset": "linear",
                "window": [600, 700],
                "start": [{"centre": 650, "fwhm": 40}],
            }
        )
    )

    moved = spec.with_axis({**stored, "of an old version": 1}, "eV")

    assert (moved.axis, moved.offset, moved.peaks) == ("eV", "linear", 1)
    assert moved.window is None
    assert moved.start is None


def test_an_axis_nobody_offers_is_answered_with_the_defaults():
    spec = analyses["pl_gaussians"]

    assert spec.with_axis({"peaks": 1}, "furlong") == spec.clean_parameters()


def test_the_whole_spectrum_is_what_the_fit_sees_without_a_window():
    spec = analyses["pl_gaussians"]
    spectrum = techniques["pl"].example()

    seen = spec.view(spectrum, spec.with_axis({"window": [600, 700]}, "eV"))
    fitted = spec.apply(spectrum, {"axis": "eV"}).datasets["fit"]

    assert seen.axes[0].unit == "eV"
    np.testing.assert_array_equal(seen.axes[0].values, fitted.axes[0].values)
    np.testing.assert_array_equal(seen["data"], fitted["data"])


def test_an_analysis_without_a_view_of_its_own_shows_the_data(curve):
    assert make().view(curve, None) is curve
