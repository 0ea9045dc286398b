"""The PL fit: labels, axes, offsets, starts, flags and clear refusals."""

import numpy as np
import pytest

from analysis.numerics.peaks import gaussians
from labdata.plugin import (
    Axis,
    Channel,
    Dataset,
    FitFailed,
    Number,
    ParameterError,
    UnsuitableData,
)
from tests.analysis.methods.published import (
    HC,
    SPEC,
    WAVELENGTH,
    gauss,
    noisy,
    published_curve,
    spectrum,
)


def test_both_conventions_and_the_correlation_are_told():
    result = SPEC.apply(noisy(1))
    fit = result.fit()

    origin = dict(result.table("origin").rows)
    sigma = fit.parameter("sigma[I]")
    width = Number(2 * sigma.value, 2 * sigma.uncertainty)
    assert origin["w, peak I"] == width
    area = fit.parameter("A[I]")
    assert origin["A, peak I"] == Number(area.value, area.uncertainty)
    assert fit.names[:4] == ("y0", "A[I]", "xc[I]", "sigma[I]")
    covariance = np.array(fit.covariance)
    errors = [one.uncertainty for one in fit.parameters]
    np.testing.assert_allclose(np.sqrt(np.diag(covariance)), errors)
    np.testing.assert_allclose(np.diag(fit.correlation), 1.0)
    n, p, r = fit.points, len(errors), fit.statistic("r_squared")
    assert fit.statistic("degrees_of_freedom") == n - p == 244
    assert fit.statistic("adjusted_r_squared") == pytest.approx(
        1 - (1 - r) * (n - 1) / (n - p)
    )
    assert fit.search.starts == 32
    assert 1 <= fit.search.agreeing <= fit.search.converged


def test_curves_add_up_to_the_data():
    curves = SPEC.apply(noisy(1)).datasets["fit"]

    parts = curves["offset"] + curves["component_I"] + curves["component_II"]
    np.testing.assert_allclose(parts, curves["fit"], rtol=1e-12)
    np.testing.assert_allclose(curves["fit"] + curves["residual"], curves["data"])
    assert curves.unit("wavelength") == "nm"
    assert curves["component_I"].max() == pytest.approx(8499, rel=0.02)


@pytest.mark.parametrize("axis", ["nm", "eV"])
def test_peak_one_has_the_highest_energy_on_either_axis(axis):
    counts = 10 + gauss(WAVELENGTH, 9e3, 740, 30) + gauss(WAVELENGTH, 3e3, 640, 30)
    counts += np.random.default_rng(0).normal(0, 1, counts.size)

    result = SPEC.apply(spectrum(counts), {"axis": axis})

    assert result["pl.peak_wavelength[I]"].value == pytest.approx(640, abs=1)
    assert result["pl.peak_wavelength[II]"].value == pytest.approx(740, abs=1)
    assert result["pl.peak_energy[I]"].value > result["pl.peak_energy[II]"].value
    # The largest peak answers where no label is named.
    assert result["pl.peak_wavelength"] == result["pl.peak_wavelength[II]"]
    assert result["pl.relative_intensity[II/I]"].value == pytest.approx(3, rel=0.1)


def test_a_gaussian_in_energy_is_recovered_on_the_energy_axis():
    wavelength = np.arange(500.0, 1000.0)
    energy = HC / wavelength
    truth = {"area": 5000.0, "centre": 1.7, "sigma": 0.05}
    per_energy = (
        truth["area"]
        / (truth["sigma"] * np.sqrt(2 * np.pi))
        * np.exp(-0.5 * ((energy - truth["centre"]) / truth["sigma"]) ** 2)
    )
    counts = (200 + per_energy) * HC / wavelength**2

    result = SPEC.apply(spectrum(counts, wavelength), {"axis": "eV", "peaks": 1})

    at = HC / 1.7
    width = 0.05 * HC / 1.7**2
    assert result["pl.peak_energy"].value == pytest.approx(1.7, rel=1e-9)
    assert result["pl.peak_wavelength"].value == pytest.approx(at, rel=1e-9)
    assert result["pl.sigma"].value == pytest.approx(width, rel=1e-7)
    assert result["pl.fwhm"].value == pytest.approx(
        width * gaussians.FWHM_PER_SIGMA, rel=1e-7
    )
    assert result["pl.area"].value == pytest.approx(5000, rel=1e-7)
    assert result["pl.height"].value == pytest.approx(
        5000 / (0.05 * np.sqrt(2 * np.pi)) * 1.7**2 / HC, rel=1e-7
    )
    curves = result.datasets["fit"]
    assert (curves.unit("energy"), curves.unit("data")) == ("eV", "nm/eV")
    assert "pl.reduced_chi_square" not in result


@pytest.mark.parametrize("axis", ["nm", "eV"])
def test_errors_are_propagated_with_the_whole_covariance(axis):
    counts = gauss(WAVELENGTH, 5e4, 690, 40) + gauss(WAVELENGTH, 2e4, 735, 50)
    counts += np.random.default_rng(1).normal(0, 30, counts.size)

    def quantities(p):
        area, centre, sigma = p
        flip = HC / centre**2 if axis == "eV" else 1.0
        return {
            "pl.peak_wavelength[I]": HC / centre if axis == "eV" else centre,
            "pl.peak_energy[I]": centre if axis == "eV" else HC / centre,
            "pl.sigma[I]": sigma * flip,
            "pl.fwhm[I]": sigma * flip * gaussians.FWHM_PER_SIGMA,
            "pl.area[I]": area,
            "pl.height[I]": area / (sigma * np.sqrt(2 * np.pi)) / flip,
        }

    result = SPEC.apply(spectrum(counts), {"axis": axis})

    fit = result.fit()
    names = fit.names
    at = [names.index(name) for name in ("A[I]", "xc[I]", "sigma[I]")]
    covariance = np.array(fit.covariance)[np.ix_(at, at)]
    p = np.array([fit.parameters[k].value for k in at])
    for name, value in quantities(p).items():
        slope = np.empty(3)
        for k in range(3):
            h = np.zeros(3)
            h[k] = 1e-5 * p[k]
            slope[k] = (quantities(p + h)[name] - quantities(p - h)[name]) / (2 * h[k])
        assert result[name].value == pytest.approx(value, rel=1e-12)
        assert result[name].uncertainty == pytest.approx(
            np.sqrt(slope @ covariance @ slope), rel=1e-7
        )


def test_a_linear_offset_is_taken_out():
    slope = 40 + 3.0 * (WAVELENGTH - 700)
    counts = 1000 + slope + gauss(WAVELENGTH, 4e4, 690, 40)

    result = SPEC.apply(spectrum(counts), {"peaks": 1, "offset": "linear"})

    assert result["pl.area"].value == pytest.approx(4e4, rel=1e-8)
    assert result.fit().parameter("slope").value == pytest.approx(3.0)
    assert result.fit().parameter("y0").value == pytest.approx(1040.0)
    assert result.detail("middle") == 700.0


PEAKS = [(6e4, 620, 30), (3e4, 690, 36), (2e4, 760, 30)]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_auto_finds_how_many_peaks_there_are(count):
    counts = 100 + sum(gauss(WAVELENGTH, *peak) for peak in PEAKS[:count])
    found = []

    for seed in range(12):
        noise = np.random.default_rng(seed).normal(0, 30, counts.size)
        result = SPEC.apply(spectrum(counts + noise), {"peaks": "auto"})
        found.append(result.comparison().chosen.name)

    assert found == [f"{count} peak{'s' * (count > 1)}"] * 12
    tried = [one.name for one in result.comparison().candidates]
    assert tried == ["1 peak", "2 peaks", "3 peaks"]


def test_a_window_in_the_unit_of_the_axis_cuts_the_spectrum():
    data = noisy(2)

    narrow = SPEC.apply(data, {"window": [600, 800]})
    energy = SPEC.apply(data, {"window": [HC / 800, HC / 600], "axis": "eV"})

    assert narrow.datasets["fit"].axes[0].values[[0, -1]].tolist() == [600, 800]
    assert narrow.fit().points == 201
    assert 199 <= energy.fit().points <= 201


def test_given_start_values_are_where_the_fit_begins():
    start = [
        {"centre": 683.0, "fwhm": 45.0, "height": 8000.0},
        {"centre": 717.0, "fwhm": 25.0, "area": 2e4},
    ]
    automatic = SPEC.apply(noisy(2))

    given = SPEC.apply(noisy(2), {"start": start})

    assert given.fit().search.starts == 1
    assert given["pl.area[II]"].value == pytest.approx(
        automatic["pl.area[II]"].value, rel=1e-6
    )


def test_the_order_of_the_points_does_not_matter():
    data = noisy(2)
    shuffled = np.random.default_rng(1).permutation(WAVELENGTH.size)
    mixed = spectrum(data["counts"][shuffled], WAVELENGTH[shuffled])

    assert SPEC.apply(mixed).to_json() == SPEC.apply(data).to_json()


def test_a_channel_with_a_unit_keeps_its_area_out_of_the_quantities():
    data = spectrum(
        published_curve() * 0,
        luminescence_flux=("1/(s*cm**2*nm)", noisy(1)["counts"]),
    )

    result = SPEC.apply(data, {"channel": "luminescence_flux"})

    assert "pl.area" not in result
    assert "pl.reduced_chi_square" not in result
    assert result["pl.peak_wavelength[I]"].value == pytest.approx(682.8, abs=1)
    assert "luminescence_flux is in 1/(s*cm**2*nm)" in result.remarks[0]


def test_a_peak_the_data_do_not_support_is_flagged():
    clean = 100 + gauss(WAVELENGTH, 5e4, 690, 40)
    flagged = []

    for seed in range(20):
        noise = np.random.default_rng(seed).normal(0, 20, clean.size)
        try:
            result = SPEC.apply(spectrum(clean + noise), {"peaks": 2})
        except FitFailed:
            continue
        doubtful = {one.label for one in result.estimates if one.estimate.flags}
        flagged.append(len(doubtful & {"I", "II"}) >= 1)
        assert any("may be noise" in note for note in result.remarks)

    assert len(flagged) > 10
    assert all(flagged)


def test_peaks_that_cannot_be_told_apart_are_flagged_as_unresolved():
    clean = gauss(WAVELENGTH, 5e4, 690, 40) + gauss(WAVELENGTH, 5e4, 700, 40)
    start = [{"centre": 688, "fwhm": 40}, {"centre": 702, "fwhm": 40}]
    noise = np.random.default_rng(1).normal(0, 30, clean.size)

    result = SPEC.apply(spectrum(clean + noise), {"start": start})

    flags = {one.label: one.estimate.flags for one in result.estimates}
    assert flags["II"] == ("unresolved", "unsupported", "order_uncertain")
    assert flags["I"] == ("order_uncertain",)
    assert any("barely determined" in note for note in result.remarks)


def test_counts_that_scatter_more_than_counts_do_are_noted():
    result = SPEC.apply(
        spectrum(np.maximum(noisy(1)["counts"], 0)), {"weights": "poisson"}
    )

    assert any("stated errors are too small" in note for note in result.remarks)
    assert any("no whole numbers" in note for note in result.remarks)


def with_value(at, value):
    counts = published_curve()
    counts[at] = value
    return spectrum(counts)


def rising_edge():
    x = WAVELENGTH
    return spectrum(50 + gauss(x, 4e5, 835, 80) + np.cos(x))


REFUSALS = {
    "too few points": (
        spectrum(published_curve()[:13], WAVELENGTH[:13]),
        {},
        UnsuitableData,
        "only 13 points; 2 peaks and a constant offset need at least 14",
    ),
    "too few in the window": (
        noisy(1),
        {"window": [680, 685]},
        UnsuitableData,
        "only 6 points in the window",
    ),
    "nothing in the window": (
        noisy(1),
        {"window": [1, 2]},
        UnsuitableData,
        "no point between 1 and 2 nm; the spectrum runs from 575 to 825 nm",
    ),
    "missing values": (
        with_value([5, 9], np.nan),
        {},
        UnsuitableData,
        r"2 of 251 values of counts are missing \(NaN\), the first at wavelength 580"
        r" nm \(point 6\)",
    ),
    "infinite values": (
        with_value([250], np.inf),
        {},
        UnsuitableData,
        "1 of 251 values of counts are not finite, the first at wavelength 825 nm",
    ),
    "constant": (
        spectrum(np.full(251, 7.0)),
        {},
        UnsuitableData,
        "all 251 values of counts are 7",
    ),
    "noise only": (
        spectrum(np.random.default_rng(1).normal(50, 3, 251)),
        {},
        UnsuitableData,
        "no peak above the noise",
    ),
    "a negative count": (
        with_value([3, 4], -12.0),
        {"weights": "poisson"},
        UnsuitableData,
        "2 values of counts are negative, the lowest -12",
    ),
    "a peak outside the window": (
        rising_edge(),
        {"peaks": 1},
        FitFailed,
        "centre leaves the window",
    ),
    "more peaks than there are": (
        spectrum(100 + gauss(WAVELENGTH, 5e4, 690, 40)),
        {},
        FitFailed,
        "fewer peaks",
    ),
    "a map": (
        Dataset(
            (
                Axis("frame", "1", "Frame", np.arange(4.0), "frame"),
                Axis("wavelength", "nm", "Wavelength", WAVELENGTH),
            ),
            (Channel("counts", "1", "Intensity", np.ones((4, 251))),),
        ),
        {},
        UnsuitableData,
        "needs one curve, this dataset is 4 × 251 over frame, wavelength",
    ),
    "an axis that is no wavelength": (
        Dataset.curve(("energy", "eV", WAVELENGTH), counts=("1", published_curve())),
        {},
        UnsuitableData,
        "needs a wavelength in nm, not eV",
    ),
    "an unknown channel": (
        noisy(1),
        {"channel": "dark"},
        UnsuitableData,
        r"no channel 'dark' \(there: counts\)",
    ),
}


@pytest.mark.parametrize(
    ("data", "parameters", "error", "message"), REFUSALS.values(), ids=REFUSALS
)
def test_data_that_cannot_be_fitted_are_refused_with_the_reason(
    data, parameters, error, message
):
    with pytest.raises(error, match=message):
        SPEC.apply(data, parameters)


@pytest.mark.parametrize(
    ("parameters", "field", "message"),
    [
        ({"peaks": 4}, "peaks", "Must be one of 1, 2, 3, 'auto', got 4."),
        ({"window": [700, 600]}, "window", "Must rise from above 0, got 700 to 600."),
        ({"window": [700]}, "window", "Must be a list of 2, got 1."),
        (
            {"start": [{"centre": 1, "fwhm": 1}], "peaks": "auto"},
            "start",
            "Start values need a number of peaks, not auto.",
        ),
        ({"start": [{"centre": 1, "fwhm": 1}]}, "start", "1 given for 2 peaks."),
        (
            {
                "start": [{"centre": 1, "fwhm": 1, "height": 1, "area": 1}],
                "peaks": 1,
            },
            "start",
            "Give a height or an area, not both.",
        ),
    ],
)
def test_parameters_that_contradict_are_refused_at_their_field(
    parameters, field, message
):
    with pytest.raises(ParameterError) as raised:
        SPEC.clean_parameters(parameters)

    assert raised.value.errors == {field: [message]}
