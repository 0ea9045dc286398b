"""The least-squares core against certified answers, lmfit and itself."""

import subprocess
import sys
import tracemalloc

import lmfit
import numpy as np
import pytest

from analysis.numerics.fitting.compiled import exponential, model_kernel
from analysis.numerics.fitting.least_squares import Model, Status, choose_backend, fit
from analysis.numerics.peaks import gaussians
from labdata.plugin import Axis, Channel, Dataset

BACKENDS = ("numba", "numpy")
each_backend = pytest.mark.parametrize("backend", BACKENDS)

# y0, area, centre, sigma, area, centre, sigma; centres from the middle of the window
TRUTH = np.array([81.13, 418305.79, -17.18, 19.635, 21896.09, 16.94, 10.89])
START = TRUTH * [1, 0.9, 1, 1.1, 1.5, 1, 0.8] + [0, 0, 2, 0, 0, -3, 0]
X = np.linspace(-125.0, 125.0, 251)


def gauss_on_exponential(x, parameters):
    """The model of NIST's Gauss1 to Gauss3, with its derivatives."""
    b = parameters[:, :, None]
    rows = np.empty((len(parameters), 9, x.size))
    decay = np.exp(-b[:, 1] * x)
    rows[:, 0] = b[:, 0] * decay
    rows[:, 1], rows[:, 2] = decay, -b[:, 0] * x * decay
    for k in (2, 5):
        z = (x - b[:, k + 1]) / b[:, k + 2]
        shape = np.exp(-z * z)
        rows[:, 0] += b[:, k] * shape
        rows[:, k + 1] = shape
        rows[:, k + 2] = b[:, k] * shape * 2 * z / b[:, k + 2]
        rows[:, k + 3] = b[:, k] * shape * 2 * z * z / b[:, k + 2]
    return rows


@model_kernel
def gauss_on_exponential_kernel(x, b, rows):
    for i in range(x.shape[0]):
        decay = exponential(-b[1] * x[i])
        rows[0, i] = b[0] * decay
        rows[1, i], rows[2, i] = decay, -b[0] * x[i] * decay
        for k in (2, 5):
            z = (x[i] - b[k + 1]) / b[k + 2]
            shape = exponential(max(-z * z, -700.0))
            rows[0, i] += b[k] * shape
            rows[k + 1, i] = shape
            rows[k + 2, i] = b[k] * shape * 2.0 * z / b[k + 2]
            rows[k + 3, i] = b[k] * shape * 2.0 * z * z / b[k + 2]


NIST = Model(
    "two Gaussians on an exponential",
    gauss_on_exponential,
    lambda: gauss_on_exponential_kernel,
)
LINE = Model(
    "line",
    lambda x, p: np.stack(
        [
            p[:, :1] + p[:, 1:] * x,
            np.ones((len(p), x.size)),
            np.broadcast_to(x, (len(p), x.size)),
        ],
        axis=1,
    ),
)


def read_nist(path):
    """Return x, y, the two starts, certified values and standard deviations."""
    lines = path.read_text(encoding="ascii").splitlines()
    table = np.array(
        [line.split("=")[1].split() for line in lines[40:48] if "=" in line], float
    )
    data = np.array([line.split() for line in lines[60:] if line.strip()], float)
    return data[:, 1], data[:, 0], table[:, :2].T, table[:, 2], table[:, 3]


def draw(count, seed=3, noise=114.13):
    clean = gaussians.evaluate_gaussians(X, TRUTH[None])[0, 0]
    return clean + np.random.default_rng(seed).normal(0, noise, (count, X.size))


@each_backend
@pytest.mark.parametrize("start", [0, 1], ids=["start 1", "start 2"])
@pytest.mark.parametrize("name", ["Gauss1", "Gauss2", "Gauss3"])
def test_certified_values_and_deviations_are_met(real_file, name, start, backend):
    x, y, starts, certified, deviations = read_nist(real_file(f"nist_strd/{name}.dat"))

    found = fit(NIST, x, y, starts[start], backend=backend)

    assert found.status == Status.CONVERGED
    np.testing.assert_allclose(found.parameters, certified, rtol=5e-9)
    np.testing.assert_allclose(found.standard_errors, deviations, rtol=5e-6)


def test_backends_agree_to_ten_digits():
    y = draw(40)
    weights = np.random.default_rng(5).uniform(0.5, 2, y.shape)

    one, two = (
        fit(gaussians.GAUSSIANS, X, y, START, weights=weights, backend=backend)
        for backend in BACKENDS
    )

    assert (one.status == Status.CONVERGED).all()
    assert np.array_equal(one.evaluations, two.evaluations)
    np.testing.assert_allclose(one.parameters, two.parameters, rtol=1e-10)
    np.testing.assert_allclose(one.covariance, two.covariance, rtol=1e-9)
    np.testing.assert_allclose(one.chi_square, two.chi_square, rtol=1e-12)


@each_backend
def test_agrees_with_lmfit_to_a_thousandth_of_a_standard_error(backend):
    y = draw(3)
    model = (
        lmfit.models.ConstantModel()
        + lmfit.models.GaussianModel(prefix="a_")
        + lmfit.models.GaussianModel(prefix="b_")
    )
    names = ["c"] + [
        f"{peak}_{name}" for peak in "ab" for name in ("amplitude", "center", "sigma")
    ]

    ours = fit(gaussians.GAUSSIANS, X, y, START, backend=backend)

    for place, curve in enumerate(y):
        start = model.make_params(**dict(zip(names, START, strict=True)))
        theirs = model.fit(curve, start, x=X)
        value = np.array([theirs.params[name].value for name in names])
        error = np.array([theirs.params[name].stderr for name in names])
        assert np.abs((ours.parameters[place] - value) / error).max() < 1e-3
        np.testing.assert_allclose(ours.standard_errors[place], error, rtol=2e-3)


@each_backend
def test_is_at_the_minimum_to_eight_digits(backend):
    y = draw(5)
    tight = fit(gaussians.GAUSSIANS, X, y, START, tolerance=1e-12, backend=backend)

    found = fit(gaussians.GAUSSIANS, X, y, START, backend=backend)

    np.testing.assert_allclose(found.parameters, tight.parameters, rtol=1e-8)
    np.testing.assert_allclose(found.standard_errors, tight.standard_errors, rtol=1e-8)


@each_backend
def test_exact_data_are_met_to_rounding(backend):
    clean = draw(1, noise=0.0)[0]

    found = fit(gaussians.GAUSSIANS, X, clean, START, backend=backend)

    assert found.status == Status.CONVERGED
    np.testing.assert_allclose(found.parameters, TRUTH, rtol=1e-9)


@each_backend
def test_a_point_without_weight_does_not_count(backend):
    y = draw(1)[0]
    weights = np.ones(X.size)
    y[100:120], weights[100:120] = 1e6, 0.0
    kept = weights > 0

    masked = fit(gaussians.GAUSSIANS, X, y, START, weights=weights, backend=backend)
    cut = fit(gaussians.GAUSSIANS, X[kept], y[kept], START, backend=backend)

    assert masked.points == kept.sum()
    np.testing.assert_allclose(masked.parameters, cut.parameters, rtol=1e-9)
    np.testing.assert_allclose(masked.standard_errors, cut.standard_errors, rtol=1e-8)


@each_backend
def test_known_errors_are_not_rescaled_by_the_scatter(backend):
    x = np.arange(50.0)
    sigma = np.where(x < 25, 1.0, 3.0)
    y = 2 + 0.5 * x + np.random.default_rng(1).normal(0, 10, x.size)
    design = np.stack([np.ones_like(x), x])
    expected = np.linalg.inv((design / sigma**2) @ design.T)

    line = {"backend": "numpy"} if backend == "numpy" else {}
    known = fit(LINE, x, y, [0, 0], weights=sigma**-2, absolute_weights=True, **line)
    relative = fit(LINE, x, y, [0, 0], weights=sigma**-2, **line)

    np.testing.assert_allclose(known.covariance, expected, rtol=1e-9)
    np.testing.assert_allclose(
        relative.covariance, expected * relative.reduced_chi_square, rtol=1e-9
    )


@each_backend
def test_a_fixed_parameter_stays_and_has_no_error(backend):
    y = draw(1)[0]
    lower, upper = np.full(7, -np.inf), np.full(7, np.inf)
    lower[5] = upper[5] = 20.0

    found = fit(
        gaussians.GAUSSIANS, X, y, START, lower=lower, upper=upper, backend=backend
    )

    assert found.status == Status.CONVERGED
    assert found.parameters[5] == 20.0
    assert not found.at_bound.any()
    assert (found.standard_errors == 0).tolist() == [False] * 5 + [True, False]


@each_backend
def test_a_bound_that_is_in_the_way_holds_the_parameter(backend):
    y = draw(1)[0]
    lower, upper = np.full(7, -np.inf), np.full(7, np.inf)
    upper[2] = -20.0

    held = fit(
        gaussians.GAUSSIANS, X, y, START, lower=lower, upper=upper, backend=backend
    )
    lower[2] = -20.0
    fixed = fit(
        gaussians.GAUSSIANS, X, y, START, lower=lower, upper=upper, backend=backend
    )

    assert held.status == Status.CONVERGED
    assert held.at_bound.tolist() == [False, False, True] + [False] * 4
    np.testing.assert_allclose(held.parameters, fixed.parameters, rtol=1e-7)


@each_backend
def test_the_status_says_how_a_fit_ended(backend):
    y = draw(1)[0]
    broken = y.copy()
    broken[7] = np.nan

    def status(data, start, **options):
        return fit(
            gaussians.GAUSSIANS, X, data, start, backend=backend, **options
        ).status

    assert status(y, START, max_evaluations=3) == Status.EXHAUSTED
    assert status(broken, START) == Status.NOT_FINITE
    assert status(y, TRUTH * 0) == Status.NOT_FINITE


def test_a_model_whose_derivatives_are_wrong_stalls():
    def uphill(x, parameters):
        rows = LINE.evaluate(x, parameters)
        rows[:, 1:] *= -1
        return rows

    x = np.arange(20.0)

    found = fit(Model("uphill", uphill), x, 3 + 2 * x, [0.0, 0.0])

    assert found.status == Status.STALLED


@each_backend
def test_an_undetermined_fit_has_no_covariance(backend):
    twins = TRUTH.copy()
    twins[4:] = twins[1:4]
    clean = gaussians.evaluate_gaussians(X, twins[None])[0, 0]

    found = fit(gaussians.GAUSSIANS, X, clean, twins, backend=backend)

    # Two equal peaks: only the sum of their areas can be known.
    assert found.status == Status.SINGULAR
    assert np.isnan(found.covariance).all()


@each_backend
def test_the_best_of_several_starts_wins(backend):
    y = draw(2)
    poor = TRUTH + np.array([0, 0, 60, 0, 0, -60, 0])
    starts = np.stack([[poor, START, poor]] * 2)

    fits = fit(gaussians.GAUSSIANS, X, y, starts, backend=backend)
    best = fits.best()

    assert fits.parameters.shape == (2, 3, 7)
    assert np.array_equal(best.chi_square, fits.chi_square.min(axis=1))
    alone = fit(gaussians.GAUSSIANS, X, y, START, backend=backend)
    np.testing.assert_allclose(best.chi_square, alone.chi_square, rtol=1e-9)


def test_a_minimum_that_is_not_acceptable_is_said_to_be_so():
    fits = fit(gaussians.GAUSSIANS, X, draw(1)[0], np.stack([START, START]))

    assert fits.best(np.array([False, True])).status == Status.CONVERGED
    assert fits.best(np.array([False, False])).status == Status.UNACCEPTABLE


@each_backend
def test_a_map_is_fitted_as_each_of_its_pixels_would_be(backend):
    y = draw(6).reshape(2, 3, X.size)

    image = fit(gaussians.GAUSSIANS, X, y, START, backend=backend)
    pixel = fit(gaussians.GAUSSIANS, X, y[1, 2], START, backend=backend)

    assert image.parameters.shape == (2, 3, 7)
    assert image.covariance.shape == (2, 3, 7, 7)
    np.testing.assert_allclose(image.parameters[1, 2], pixel.parameters, rtol=1e-12)


def test_threads_give_what_one_thread_gives():
    y = draw(600)

    one = fit(gaussians.GAUSSIANS, X, y, START, threads=1)
    four = fit(gaussians.GAUSSIANS, X, y, START, threads=4)

    assert np.array_equal(one.parameters, four.parameters)
    assert np.array_equal(one.covariance, four.covariance)


@pytest.mark.parametrize("threads", [1, 2])
def test_progress_counts_the_fits_and_can_stop_them(threads):
    y, told = draw(600), []

    def stop_at_half(done, total):
        told.append((done, total))
        if done >= total / 2:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        fit(gaussians.GAUSSIANS, X, y, START, threads=threads, progress=stop_at_half)

    assert told[0][0] > 0
    assert told[-1][1] == 600


def test_shapes_that_do_not_fit_are_refused():
    y = draw(2)

    with pytest.raises(ValueError, match="does not fit y"):
        fit(gaussians.GAUSSIANS, X[:-1], y, START)
    with pytest.raises(ValueError, match="start of shape"):
        fit(gaussians.GAUSSIANS, X, y, np.stack([START] * 3))
    with pytest.raises(ValueError, match="7 parameters need more than 7 points"):
        fit(gaussians.GAUSSIANS, X[:7], y[0, :7], START)
    with pytest.raises(ValueError, match="weights must be zero or positive"):
        fit(gaussians.GAUSSIANS, X, y, START, weights=-np.ones(X.size))
    with pytest.raises(ValueError, match="weights of shape"):
        fit(gaussians.GAUSSIANS, X, y, START, weights=np.ones(3))
    with pytest.raises(ValueError, match="bounds of shape"):
        fit(gaussians.GAUSSIANS, X, y, START, lower=[0.0])


def test_a_model_without_kernel_runs_in_numpy():
    assert choose_backend(LINE) == "numpy"
    assert choose_backend(gaussians.GAUSSIANS) == "numba"
    with pytest.raises(ValueError, match="line has no compiled kernel"):
        choose_backend(LINE, "numba")
    with pytest.raises(ValueError, match="no backend 'fortran'"):
        choose_backend(LINE, "fortran")


def test_without_numba_everything_still_works():
    program = """
import sys
sys.modules["numba"] = None
import numpy as np
from analysis.numerics.peaks import gaussians
from labdata.plugin import Axis, Channel, Dataset
from analysis.numerics.fitting.least_squares import choose_backend, fit
x = np.linspace(-5, 5, 60)
y = gaussians.evaluate_gaussians(x, np.array([[1.0, 2.0, 0.3, 0.7]]))[0, 0]
print(choose_backend(gaussians.GAUSSIANS))
print(fit(gaussians.GAUSSIANS, x, y, [0.5, 1.0, 0.0, 1.0]).parameters.round(9).tolist())
try:
    choose_backend(gaussians.GAUSSIANS, "numba")
except ValueError as error:
    print(error)
"""

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        check=True,
    )

    backend, parameters, refusal = done.stdout.splitlines()
    assert backend == "numpy"
    assert parameters == "[1.0, 2.0, 0.3, 0.7]"
    assert refusal.startswith("numba cannot be imported")


@each_backend
@pytest.mark.parametrize("shape", [(), (3,), (2, 3)])
def test_frozen_arrays_of_any_dimension_are_fitted_as_writable_ones(backend, shape):
    clean = gaussians.evaluate_gaussians(X, TRUTH[None])[0, 0]
    noise = np.random.default_rng(2).normal(0, 100.0, (*shape, X.size))
    axes = [Axis(f"a{n}", "1", "", np.arange(size)) for n, size in enumerate(shape)]
    signal = Channel("signal", "1", "", clean + noise)
    data = Dataset((*axes, Axis("x", "nm", "", X)), (signal,))
    lower, upper = gaussians.bounds(X, 2, linear=False)
    for bound in (lower, upper):
        bound.setflags(write=False)

    assert not data["signal"].flags.writeable
    frozen, writable = (
        fit(
            gaussians.GAUSSIANS,
            copied(data["x"]),
            copied(data["signal"]),
            START,
            lower=lower,
            upper=upper,
            backend=backend,
        )
        for copied in (np.asarray, np.array)
    )

    assert frozen.parameters.shape == (*shape, TRUTH.size)
    assert frozen.converged.all()
    np.testing.assert_array_equal(frozen.parameters, writable.parameters)


def test_a_frozen_map_is_fitted_without_a_copy_of_it():
    across = np.ones((40, 50, 1)) * gaussians.evaluate_gaussians(X, TRUTH[None])[0, 0]
    across.setflags(write=False)
    fit(gaussians.GAUSSIANS, X, across[0, 0], START, max_evaluations=2)

    tracemalloc.start()
    try:
        fit(gaussians.GAUSSIANS, X, across, START, max_evaluations=2, backend="numba")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < across.nbytes / 2
