"""The PL fit against published answers, lmfit and the errors it states itself."""

import lmfit
import numpy as np
import pytest

from analysis.numerics.fitting.least_squares import fit
from analysis.numerics.peaks import gaussians
from tests.analysis.methods.published import (
    HC,
    PUBLISHED,
    REDUCED_CHI_SQUARE,
    SPEC,
    TRUTH,
    WAVELENGTH,
    gauss,
    noisy,
    published_curve,
    spectrum,
)


@pytest.fixture(scope="module")
def drawn():
    """Fits of 200 spectra drawn at the published parameters with that noise."""
    return [SPEC.apply(noisy(seed)) for seed in range(200)]


def test_the_seven_published_standard_errors_follow_from_the_covariance():
    values, errors = np.array(list(PUBLISHED.values())).T
    as_sigma = np.array([1, 1, 1, 0.5, 1, 1, 0.5])
    exact = values * as_sigma

    found = fit(
        gaussians.GAUSSIANS,
        WAVELENGTH,
        published_curve(),
        exact,
        weights=np.full(WAVELENGTH.size, 1 / REDUCED_CHI_SQUARE),
        absolute_weights=True,
    )

    assert WAVELENGTH.size == 251
    np.testing.assert_allclose(found.standard_errors / as_sigma, errors, rtol=0.02)


def test_published_parameters_are_recovered_within_four_standard_errors(drawn):
    outside = [
        (seed, name)
        for seed, result in enumerate(drawn)
        for name, truth in TRUTH.items()
        if abs(result[name].value - truth) > 4 * result[name].uncertainty
    ]

    # The area of the weak peak and its error shrink together, so that one draw in
    # 200 lies further below the truth than a symmetric error can say.
    assert {seed for seed, _ in outside} <= {outside[0][0]} if outside else True
    assert {name for _, name in outside} <= {
        "pl.area[II]",
        "pl.relative_intensity[II/I]",
    }


@pytest.mark.parametrize("name", TRUTH)
def test_pulls_have_unit_width_and_no_bias(drawn, name):
    pulls = [
        (result[name].value - TRUTH[name]) / result[name].uncertainty
        for result in drawn
    ]

    # 200 draws know the width to 5 % and the mean to 7 % of it.
    assert abs(np.mean(pulls)) < 0.25
    assert 0.85 < np.std(pulls) < 1.15


def test_reduced_chi_square_is_that_of_the_noise(drawn):
    found = [result["pl.reduced_chi_square"].value for result in drawn]

    assert np.mean(found) == pytest.approx(REDUCED_CHI_SQUARE, rel=0.02)


@pytest.mark.parametrize("weights", ["none", "poisson"])
def test_the_stated_interval_covers_the_truth_as_often_as_it_says(draws, weights):
    truth = {
        "pl.peak_wavelength[I]": 640.0,
        "pl.fwhm[I]": 20 * gaussians.FWHM_PER_SIGMA,
        "pl.area[I]": 40000.0,
        "pl.peak_wavelength[II]": 700.0,
        "pl.fwhm[II]": 15 * gaussians.FWHM_PER_SIGMA,
        "pl.area[II]": 20000.0,
        "pl.peak_energy[II]": HC / 700.0,
        "pl.relative_intensity[II/I]": 0.5,
    }
    clean = 30 + gauss(WAVELENGTH, 40000, 640, 40) + gauss(WAVELENGTH, 20000, 700, 30)
    rng = np.random.default_rng(11)
    covered = {name: [] for name in truth}

    for _ in range(draws(100, 500)):
        counts = (
            rng.poisson(clean).astype(float)
            if weights == "poisson"
            else clean + rng.normal(0, 25, clean.size)
        )
        result = SPEC.apply(spectrum(counts), {"weights": weights})
        for name, value in truth.items():
            inside = abs(result[name].value - value) <= result[name].uncertainty
            covered[name].append(inside)

    for name, inside in covered.items():
        assert draws.agree(inside, 0.64, 0.73), name


def test_a_poisson_fit_is_the_maximum_of_the_likelihood():
    clean = 8 + gauss(WAVELENGTH, 900, 700, 40)
    counts = np.random.default_rng(6).poisson(clean).astype(float)

    result = SPEC.apply(spectrum(counts), {"weights": "poisson", "peaks": 1})

    fitted = result.fit().parameters
    values, errors = np.array([(one.value, one.uncertainty) for one in fitted]).T
    rows = gaussians.evaluate_gaussians(WAVELENGTH, values[None])[0]
    score = rows[1:] @ (counts / rows[0] - 1)
    assert np.abs(score * errors).max() < 1e-4


def test_poisson_weights_do_not_lose_counts(draws):
    clean = 3 + gauss(WAVELENGTH, 2000, 700, 40)
    rng = np.random.default_rng(4)

    areas = [
        SPEC.apply(
            spectrum(rng.poisson(clean).astype(float)),
            {"weights": "poisson", "peaks": 1},
        )["pl.area"]
        for _ in range(draws(80, 200))
    ]

    # Weights from the data instead of the curve lose 3 standard errors here.
    pull = [(one.value - 2000) / one.uncertainty for one in areas]
    assert draws.are_pulls(pull, bias=0.25)


def test_agrees_with_lmfit_to_a_thousandth_of_a_standard_error():
    data = noisy(3)
    model = (
        lmfit.models.ConstantModel()
        + lmfit.models.GaussianModel(prefix="a_")
        + lmfit.models.GaussianModel(prefix="b_")
    )
    start = model.make_params(
        c=81, a_amplitude=4e5, a_center=683, a_sigma=20,
        b_amplitude=2e4, b_center=717, b_sigma=11,
    )  # fmt: skip

    ours = SPEC.apply(data)
    theirs = model.fit(data["counts"], start, x=WAVELENGTH)

    for label, prefix in (("I", "a_"), ("II", "b_")):
        for quantity, name in (
            ("peak_wavelength", "center"),
            ("sigma", "sigma"),
            ("fwhm", "fwhm"),
            ("area", "amplitude"),
            ("height", "height"),
        ):
            found = ours[f"pl.{quantity}[{label}]"]
            expected = theirs.params[prefix + name]
            assert abs(found.value - expected.value) < 1e-3 * expected.stderr
            assert found.uncertainty == pytest.approx(expected.stderr, rel=2e-3)
    fit = ours.fit()
    assert fit.statistic("aic") == pytest.approx(theirs.aic, rel=1e-9)
    assert fit.statistic("bic") == pytest.approx(theirs.bic, rel=1e-9)
    assert fit.statistic("r_squared") == pytest.approx(theirs.rsquared, rel=1e-9)
    assert fit.statistic("reduced_chi_square") == pytest.approx(theirs.redchi, rel=1e-9)


@pytest.mark.parametrize("weights", ["none", "poisson"])
def test_errors_on_the_energy_axis_cover_the_truth(draws, weights):
    wavelength = np.arange(550.0, 950.0)
    energy = HC / wavelength
    per_energy = 2e6 * np.exp(-0.5 * ((energy - 1.7) / 0.06) ** 2) + 8e4
    expected = per_energy * HC / wavelength**2
    truth = {
        "pl.peak_energy": 1.7,
        "pl.peak_wavelength": HC / 1.7,
        "pl.sigma": 0.06 * HC / 1.7**2,
        "pl.height": 2e6 * 1.7**2 / HC,
        "pl.area": 2e6 * 0.06 * np.sqrt(2 * np.pi),
    }
    rng = np.random.default_rng(9)
    pulls = {name: [] for name in truth}

    for _ in range(draws(60, 200)):
        if weights == "poisson":
            counts = rng.poisson(expected).astype(float)
        else:
            # Constant noise on the transformed spectrum is what "none" assumes.
            counts = expected + rng.normal(0, 4e4, expected.size) * HC / wavelength**2
        options = {"axis": "eV", "peaks": 1, "weights": weights}
        result = SPEC.apply(spectrum(counts, wavelength), options)
        for name, value in truth.items():
            pulls[name].append((result[name].value - value) / result[name].uncertainty)

    for name, found in pulls.items():
        assert draws.are_pulls(found, bias=0.25, width=(0.85, 1.15)), name


def test_a_peak_the_data_support_is_not_flagged(drawn):
    assert not [
        one for result in drawn for one in result.estimates if one.estimate.flags
    ]
