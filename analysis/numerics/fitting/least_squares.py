"""Fit one model to one curve or to millions: Levenberg-Marquardt in batches."""

from __future__ import annotations

import functools
import importlib
import math
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from enum import IntEnum
from types import ModuleType
from typing import Any

import numpy as np

from analysis.numerics.fitting import constants, vectorised

BACKENDS = ("numba", "numpy")
NUMPY_CHUNK_BYTES = 16_000_000
POINTS_PER_CHUNK = 500_000
POINTS_WORTH_A_THREAD = 100_000


class Status(IntEnum):
    """How a fit ended; only ``CONVERGED`` is a minimum."""

    CONVERGED = constants.CONVERGED
    EXHAUSTED = constants.EXHAUSTED
    """The limit of evaluations was reached."""
    SINGULAR = constants.SINGULAR
    """The data do not determine all parameters; there is no covariance."""
    NOT_FINITE = constants.NOT_FINITE
    """Data, weights or the model at the start are not finite."""
    STALLED = constants.STALLED
    """No step leads downhill, and yet the slope is not zero."""
    UNACCEPTABLE = constants.UNACCEPTABLE
    """Of several starts, none ended where the caller accepts it."""


@dataclass(frozen=True, slots=True)
class Model:
    """A function to fit, written once for numpy and, where speed matters, for numba.

    Attributes
    ----------
    name : str
        For messages and records.
    evaluate : callable
        ``evaluate(x, parameters)`` takes x of shape (n,) and parameters of shape
        (k, p) and returns a new array of shape (k, p + 1, n): the values, then the
        partial derivative by each parameter.
    kernel : callable or None
        Returns the compiled twin, made with ``compiled.model_kernel``. It is called
        only when numba is there, so that the model's module need not import numba.
        Without it the model is always fitted by numpy.
    """

    name: str
    evaluate: Callable[[np.ndarray, np.ndarray], np.ndarray]
    kernel: Callable[[], Any] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Fits:
    """Results over the leading shape of the starts, written ``...``.

    Attributes
    ----------
    parameters : ndarray, shape (..., p)
    covariance : ndarray, shape (..., p, p)
        Zero in the rows of parameters that were fixed or ended at a bound; NaN
        where there is none.
    chi_square : ndarray, shape (...)
        Weighted sum of squared residuals.
    points : ndarray, shape (...)
        Points with a weight above zero.
    evaluations, status : ndarray, shape (...)
        How often the model was evaluated; a `Status`.
    at_bound : ndarray of bool, shape (..., p)
        Parameters that were free and ended at a bound.
    """

    parameters: np.ndarray
    covariance: np.ndarray
    chi_square: np.ndarray
    points: np.ndarray
    evaluations: np.ndarray
    status: np.ndarray
    at_bound: np.ndarray

    def __getitem__(self, index: Any) -> Fits:
        """Select along the leading shape."""
        return Fits(*(getattr(self, field.name)[index] for field in fields(self)))

    @property
    def freedom(self) -> np.ndarray:
        """Degrees of freedom."""
        return self.points - self.parameters.shape[-1]

    @property
    def reduced_chi_square(self) -> np.ndarray:
        return self.chi_square / self.freedom

    @property
    def standard_errors(self) -> np.ndarray:
        return np.sqrt(np.diagonal(self.covariance, axis1=-2, axis2=-1))

    @property
    def converged(self) -> np.ndarray:
        return self.status == Status.CONVERGED

    def best(self, acceptable: np.ndarray | bool = True) -> Fits:
        """Keep the lowest χ² of the last leading axis, the one of the starts.

        Parameters
        ----------
        acceptable : ndarray of bool, shape (...)
            Which minima may win, besides having converged. Where none may, the
            lowest of all is returned with the status ``UNACCEPTABLE``.
        """
        eligible = self.converged & acceptable
        any_eligible = np.any(eligible, axis=-1)
        candidates = np.where(
            np.where(any_eligible[..., None], eligible, True)
            & np.isfinite(self.chi_square),
            self.chi_square,
            np.inf,
        )
        winner = np.argmin(candidates, axis=-1)
        lead = np.ix_(*(np.arange(size) for size in winner.shape))
        best = self[(*lead, winner)]
        status = np.where(any_eligible, best.status, int(Status.UNACCEPTABLE))
        return Fits(
            best.parameters,
            best.covariance,
            best.chi_square,
            best.points,
            best.evaluations,
            status,
            best.at_bound,
        )


@functools.cache
def _compiled() -> tuple[ModuleType | None, str]:
    """Import the numba kernels once; say why where that fails."""
    try:
        return importlib.import_module("analysis.numerics.fitting.compiled"), ""
    except ImportError as error:
        return None, f"numba cannot be imported: {error}"
    except RuntimeError as error:
        # Numba finds no directory it may write its compiled code to.
        return None, f"numba cannot keep compiled code: {error}"


def choose_backend(model: Model, backend: str | None = None) -> str:
    """Return the backend a fit of ``model`` will use: ``numba`` or ``numpy``.

    Raises
    ------
    ValueError
        If the named backend does not exist or cannot be had.
    """
    return "numpy" if _kernels(model, backend) is None else "numba"


def _kernels(
    model: Model, backend: str | None
) -> tuple[Callable[[], Any], ModuleType] | None:
    """Return the model's kernel and the compiled solver, or None to fit by numpy."""
    if backend not in (None, *BACKENDS):
        raise ValueError(f"no backend {backend!r} (known: {', '.join(BACKENDS)})")
    if backend == "numpy" or (backend is None and model.kernel is None):
        return None
    if model.kernel is None:
        raise ValueError(f"{model.name} has no compiled kernel")
    compiled, reason = _compiled()
    if compiled is None and backend == "numba":
        raise ValueError(reason)
    return None if compiled is None else (model.kernel, compiled)


def fit(
    model: Model,
    x: Sequence[float] | np.ndarray,
    y: Sequence[float] | np.ndarray,
    start: Sequence[float] | np.ndarray,
    *,
    weights: np.ndarray | None = None,
    lower: Sequence[float] | np.ndarray | None = None,
    upper: Sequence[float] | np.ndarray | None = None,
    absolute_weights: bool = False,
    max_evaluations: int = 200,
    tolerance: float = 3e-8,
    backend: str | None = None,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Fits:
    r"""Fit a model to one curve or a batch of curves over the same x.

    Parameters
    ----------
    model : Model
    x : array_like, shape (n,)
    y : array_like, shape (..., n)
        Finite; a point without data has the weight zero and any finite value.
    start : array_like, shape (p,), (..., p) or (..., s, p)
        The same start for all curves, one per curve, or s per curve.
    weights : array_like, shape (n,) or (..., n), optional
        :math:`1/\sigma_i^2`; one by default.
    lower, upper : array_like, shape (p,), optional
        Bounds. Equal bounds fix a parameter.
    absolute_weights : bool
        Whether the weights are known errors. If not, the covariance is scaled by
        the reduced χ².
    max_evaluations : int
        Per fit.
    tolerance : float
        Stop when the next undamped step is this fraction of the standard errors or
        less. That step is still taken, so that what remains is far smaller.
    backend : {"numba", "numpy"}, optional
        By default numba where it is installed and the model has a kernel.
    threads : int, optional
        For numba; by default as many as there are processors to run on.
    progress : callable, optional
        Told the fits done and the fits in all, now and then; may raise to stop.

    Returns
    -------
    Fits
        Over the leading shape of ``start``, or of ``y`` where there is one start.

    Raises
    ------
    ValueError
        If shapes do not fit or there are not more points than parameters.

    Notes
    -----
    With :math:`r = y - f(p)`, J the derivatives of f and W the weights, a step solves

    .. math:: (J^TWJ + \lambda D)\,\delta = J^TWr,\quad D = diag(J^TWJ),

    after Marquardt [1]_, by a Cholesky factorisation of the matrix scaled to a unit
    diagonal. The ratio of achieved to promised reduction of χ² sets :math:`\lambda`
    after Nielsen [2]_: a good step divides it by up to ten, a refused one multiplies
    it by 2, 4, 8 … A step is clipped at the bounds; a parameter at a bound that the
    slope pushes outwards takes no part in the step. A fit has converged when the
    undamped step, measured in standard errors, is below the tolerance; when χ² can
    not be told from zero; or when three steps running promise less than rounding.

    Compiled kernels are kept on disk, beside the source in ``__pycache__`` or in
    ``NUMBA_CACHE_DIR``, and run without the interpreter lock on threads that live
    for one call: nothing is left over that a fork could break.

    References
    ----------
    .. [1] D. W. Marquardt, J. Soc. Ind. Appl. Math. 11, 431 (1963).
       :doi:`10.1137/0111030`
    .. [2] H. B. Nielsen, *Damping parameter in Marquardt's method*, IMM-REP-1999-05,
       Technical University of Denmark, 1999.
    """
    x = np.ascontiguousarray(x, dtype=np.float64)
    y = np.asarray(y, dtype=np.float64)
    start = np.asarray(start, dtype=np.float64)
    if x.ndim != 1 or y.shape[-1:] != x.shape:
        raise ValueError(f"x of shape {x.shape} does not fit y of shape {y.shape}")
    count, lead = start.shape[-1], y.shape[:-1]
    if x.size <= count:
        raise ValueError(f"{count} parameters need more than {x.size} points")
    if start.ndim == 1:
        start = np.broadcast_to(start, (*lead, count))
    if start.shape[: len(lead)] != lead or start.ndim > len(lead) + 2:
        raise ValueError(f"start of shape {start.shape} does not fit y {y.shape}")
    shape = start.shape[:-1]
    curves = np.ascontiguousarray(y.reshape(-1, x.size))
    parameters = np.array(start, order="C").reshape(-1, count)
    total = len(parameters)
    spectrum = np.repeat(np.arange(len(curves)), total // max(len(curves), 1))
    root_weights, points = _weights(weights, lead, x.size, spectrum)
    lowest = _bound(lower, -math.inf, count)
    highest = _bound(upper, math.inf, count)
    np.clip(parameters, lowest, highest, out=parameters)
    kernels = _kernels(model, backend)
    covariance = np.empty((total, count, count))
    chi_square = np.empty(total)
    evaluations = np.empty(total, dtype=np.int64)
    status = np.empty(total, dtype=np.int64)

    def run(low: int, high: int) -> None:
        part = slice(low, high)
        minimise(
            function,
            x,
            curves,
            root_weights,
            spectrum[part],
            lowest,
            highest,
            max_evaluations,
            tolerance,
            parameters[part],
            covariance[part],
            chi_square[part],
            evaluations[part],
            status[part],
        )

    if kernels is not None:
        kernel, compiled = kernels
        function, minimise = kernel(), compiled.minimise
        threads = threads or _processors()
        chunk = _chunk(total, POINTS_PER_CHUNK // x.size, threads)
        if total * x.size < POINTS_WORTH_A_THREAD:
            threads, chunk = 1, total
    else:
        function, minimise, threads = model.evaluate, vectorised.minimise, 1
        chunk = max(1, NUMPY_CHUNK_BYTES // (8 * x.size * (count + 1)))
    _in_chunks(run, total, chunk, threads, progress)
    if not absolute_weights:
        covariance *= (chi_square / np.maximum(points - count, 1))[:, None, None]
    at_bound = ((parameters <= lowest) | (parameters >= highest)) & (lowest < highest)
    return Fits(
        parameters.reshape(*shape, count),
        covariance.reshape(*shape, count, count),
        chi_square.reshape(shape),
        points.reshape(shape),
        evaluations.reshape(shape),
        status.reshape(shape),
        at_bound.reshape(*shape, count),
    )


def _weights(
    weights: np.ndarray | None, lead: tuple[int, ...], size: int, spectrum: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return √weights, shape (0, n), (1, n) or (m, n), and the points of each fit."""
    if weights is None:
        return np.empty((0, size)), np.full(len(spectrum), size)
    weights = np.asarray(weights, dtype=np.float64)
    if weights.shape not in ((size,), (*lead, size)):
        raise ValueError(f"weights of shape {weights.shape} do not fit the data")
    if not (weights >= 0).all():
        raise ValueError("weights must be zero or positive")
    rows = np.ascontiguousarray(weights.reshape(-1, size))
    points = np.count_nonzero(rows, axis=1)
    one_for_all = len(rows) == 1
    return np.sqrt(rows), points[np.zeros_like(spectrum) if one_for_all else spectrum]


def _bound(
    bound: Sequence[float] | np.ndarray | None, default: float, count: int
) -> np.ndarray:
    if bound is None:
        return np.full(count, default)
    bound = np.ascontiguousarray(bound, dtype=np.float64)
    if bound.shape != (count,):
        raise ValueError(f"bounds of shape {bound.shape} for {count} parameters")
    return bound


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _chunk(total: int, at_most: int, threads: int) -> int:
    """Return fits per chunk: several per thread, since some fits take longer."""
    return max(1, min(at_most, math.ceil(total / (4 * threads))))


def _in_chunks(
    run: Callable[[int, int], None],
    total: int,
    chunk: int,
    threads: int,
    progress: Callable[[int, int], None] | None,
) -> None:
    if threads == 1:
        for low in range(0, total, chunk):
            run(low, min(low + chunk, total))
            if progress:
                progress(min(low + chunk, total), total)
        return
    # A pool per call: threads kept for the next one would not survive a fork.
    with ThreadPoolExecutor(threads) as pool:
        jobs = [
            pool.submit(run, low, min(low + chunk, total))
            for low in range(0, total, chunk)
        ]
        try:
            for place, job in enumerate(jobs, 1):
                job.result()
                if progress:
                    progress(min(place * chunk, total), total)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
