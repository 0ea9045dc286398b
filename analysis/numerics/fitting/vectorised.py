"""The least-squares core in numpy: many fits side by side, no compiler needed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from analysis.numerics.fitting.constants import (
    CONVERGED,
    EXACT,
    EXHAUSTED,
    FIRST_DAMPING,
    LEAST_DAMPING,
    LEAST_GAIN,
    LEAST_PIVOT,
    MOST_DAMPING,
    NOISE,
    NOT_FINITE,
    SINGULAR,
    STALLED,
)

Evaluate = Callable[[np.ndarray, np.ndarray], np.ndarray]


def minimise(
    model: Evaluate,
    x: np.ndarray,
    y: np.ndarray,
    root_weights: np.ndarray,
    spectrum: np.ndarray,
    lowest: np.ndarray,
    highest: np.ndarray,
    max_evaluations: int,
    tolerance: float,
    parameters: np.ndarray,
    covariance: np.ndarray,
    chi_square: np.ndarray,
    evaluations: np.ndarray,
    status: np.ndarray,
) -> None:
    """Levenberg-Marquardt for all rows of ``parameters`` at once, in place.

    Step for step what ``compiled.minimise`` does; there every fit runs to its end
    before the next, here all take their steps together.
    """
    count = parameters.shape[1]
    if root_weights.shape[0] > 1:
        root_weights = root_weights[spectrum]
    state = _State(model, x, y[spectrum], root_weights, parameters)
    points = np.broadcast_to(
        np.count_nonzero(root_weights, axis=-1) if root_weights.size else x.size,
        parameters.shape[:1],
    )
    freedom = np.maximum(points - count, 1)
    chi2, gradient, curvature = state.normal_equations(slice(None), parameters)
    size = state.size()
    fits = parameters.shape[0]
    status[:] = np.where(np.isfinite(chi2), EXHAUSTED, NOT_FINITE)
    evaluations[:] = 1
    damping, growth = np.full(fits, FIRST_DAMPING), np.full(fits, 2.0)
    flat, fresh = np.zeros(fits, dtype=np.int64), np.ones(fits, dtype=bool)
    scale, free = np.ones((fits, count)), np.ones((fits, count), dtype=bool)
    active = np.flatnonzero(status == EXHAUSTED)
    while active.size:
        new = active[fresh[active]]
        if new.size:
            p, slope = parameters[new], gradient[new]
            scale[new], positive = _scale(curvature[new])
            free[new] = (
                positive
                & (lowest < highest)
                & ~((p <= lowest) & (slope <= 0))
                & ~((p >= highest) & (slope >= 0))
            )
            step, regular = _solve(curvature[new], slope, scale[new], free[new], 0.0)
            decrement = np.where(
                regular, np.sum(step * slope, axis=-1, where=free[new]), np.inf
            )
            done = decrement <= tolerance**2 * chi2[new] / freedom[new]
            last = np.where(free[new], p + step, p)[done]
            parameters[new[done]] = np.clip(last, lowest, highest)
            status[new[done | (chi2[new] <= EXACT * size[new])]] = CONVERGED
            fresh[new] = False
        active = active[
            (status[active] == EXHAUSTED) & (evaluations[active] < max_evaluations)
        ]
        if not active.size:
            break
        p, slope, bend = parameters[active], gradient[active], curvature[active]
        step, regular = _solve(
            bend, slope, scale[active], free[active], damping[active]
        )
        trial = np.clip(p + step, lowest, highest)
        step = trial - p
        predicted = 2 * np.einsum("ki,ki->k", slope, step)
        predicted -= np.einsum("ki,kij,kj->k", step, bend, step)
        promising = regular & (predicted > 0)
        at, promised = active[promising], predicted[promising]
        if at.size:
            trial_chi2, slope, bend = state.normal_equations(at, trial[promising])
            evaluations[at] += 1
            in_noise = promised <= NOISE * chi2[at]
            flat[at] = np.where(in_noise, flat[at] + 1, 0)
            gain = (chi2[at] - trial_chi2) / promised
            accepted = (gain > LEAST_GAIN) | (
                in_noise & (trial_chi2 <= chi2[at] * (1 + 100 * NOISE))
            )
            moved, gain = at[accepted], np.clip(gain[accepted], 0, 1)
            damping[moved] *= np.maximum(0.1, 1 - (2 * gain - 1) ** 3)
            damping[moved] = np.maximum(damping[moved], LEAST_DAMPING)
            growth[moved] = 2.0
            fresh[moved] = True
            chi2[moved] = trial_chi2[accepted]
            parameters[moved] = trial[promising][accepted]
            gradient[moved], curvature[moved] = slope[accepted], bend[accepted]
        refused = active[~fresh[active]]
        damping[refused] *= growth[refused]
        growth[refused] *= 2
        status[active[damping[active] > MOST_DAMPING]] = STALLED
        status[active[flat[active] >= 3]] = CONVERGED
        active = active[status[active] == EXHAUSTED]
    chi_square[:] = chi2
    scale, _ = _scale(curvature)
    free = (lowest < parameters) & (parameters < highest)
    covariance[:], regular = _invert(curvature, scale, free)
    finite = status != NOT_FINITE
    status[finite & ~regular] = SINGULAR
    covariance[~finite | ~regular] = np.nan


class _State:
    """Data of all fits, and the sums over their points."""

    def __init__(
        self,
        model: Evaluate,
        x: np.ndarray,
        y: np.ndarray,
        root_weights: np.ndarray,
        parameters: np.ndarray,
    ) -> None:
        self.model, self.x, self.y = model, x, y
        shape = (parameters.shape[0], x.size)
        self.root_weights = (
            np.broadcast_to(root_weights, shape) if root_weights.size else None
        )

    def size(self) -> np.ndarray:
        data = self.y if self.root_weights is None else self.root_weights * self.y
        return np.einsum("ki,ki->k", data, data)

    def normal_equations(
        self, at: np.ndarray | slice, parameters: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return χ² (k,), JᵀWr (k, p) and JᵀWJ (k, p, p) of the fits ``at``."""
        # A wild trial step may overflow: its χ² is not finite and it is refused.
        with np.errstate(all="ignore"):
            rows = self.model(self.x, parameters)
            np.subtract(self.y[at], rows[:, 0], out=rows[:, 0])
            if self.root_weights is not None:
                rows *= self.root_weights[at][:, None]
            products = np.matmul(rows, rows.transpose(0, 2, 1))
        return products[:, 0, 0], products[:, 0, 1:], products[:, 1:, 1:]


def _scale(curvature: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    diagonal = np.diagonal(curvature, axis1=1, axis2=2)
    positive = diagonal > 0
    return 1 / np.sqrt(np.where(positive, diagonal, 1.0)), positive


def _scaled(
    curvature: np.ndarray,
    scale: np.ndarray,
    free: np.ndarray,
    damping: np.ndarray | float,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the matrices factorised in the compiled twin, and which are positive.

    A matrix that is not becomes the identity.
    """
    both = free[:, :, None] & free[:, None, :]
    matrix = np.where(both, curvature * scale[:, :, None] * scale[:, None, :], 0.0)
    index = np.arange(matrix.shape[-1])
    added = np.asarray(damping)[..., None]
    matrix[:, index, index] = np.where(free, 1.0 + added, 1.0)
    try:
        lower = np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        lower = np.zeros_like(matrix)
        for place, one in enumerate(matrix):
            try:
                lower[place] = np.linalg.cholesky(one)
            except np.linalg.LinAlgError:
                continue
    pivots = np.diagonal(lower, axis1=1, axis2=2) ** 2
    positive = np.all(pivots > LEAST_PIVOT, axis=1)
    matrix[~positive] = np.eye(matrix.shape[-1])
    return matrix, positive


def _solve(
    curvature: np.ndarray,
    gradient: np.ndarray,
    scale: np.ndarray,
    free: np.ndarray,
    damping: np.ndarray | float,
) -> tuple[np.ndarray, np.ndarray]:
    matrix, positive = _scaled(curvature, scale, free, damping)
    right = np.where(free, gradient * scale, 0.0)
    return np.linalg.solve(matrix, right[..., None])[..., 0] * scale, positive


def _invert(
    curvature: np.ndarray, scale: np.ndarray, free: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    matrix, positive = _scaled(curvature, scale, free, 0.0)
    inverse = np.linalg.inv(matrix) * scale[:, :, None] * scale[:, None, :]
    return np.where(free[:, :, None] & free[:, None, :], inverse, 0.0), positive
