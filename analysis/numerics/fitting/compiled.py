"""The least-squares core as numba kernels; imported only where numba is."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import float64, int64, njit, types

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

BLOCK = 256
"""Points per call of a model: its rows stay in the first-level cache."""

# What is only read may be frozen, as the arrays of a `Dataset` are: numba makes a
# frozen array of a writable one, but not the reverse.
FROZEN_ROW = types.Array(float64, 1, "C", readonly=True)
FROZEN_ROWS = types.Array(float64, 2, "C", readonly=True)

ROWS = types.void(FROZEN_ROW, float64[::1], float64[:, ::1])
"""Signature of a compiled model: ``(x, parameters, rows)``.

For each of the at most ``BLOCK`` points it writes the value to ``rows[0]`` and the
partial derivative by parameter ``j`` to ``rows[j + 1]``. One signature for all models
lets one compiled, cached solver call any of them through a pointer.
"""

LOG2_E = 1.4426950408889634
LN2_HIGH = 0.6931471803691238
LN2_LOW = 1.9082149292705877e-10
ROUNDER = 6755399441055744.0  # 1.5 * 2**52: adding it rounds to a whole number
LOWEST_EXPONENT = -700.0
INVERSE_ROOT_TWO_PI = 1 / math.sqrt(2 * math.pi)


# Division by zero gives infinity, as in numpy: a wild step is refused, not an error.
OPTIONS: dict[str, Any] = {"nogil": True, "cache": True, "error_model": "numpy"}

# A fast-math reordering would cancel ROUNDER; fused multiply-add is all it may do.
model_kernel = njit(ROWS, fastmath={"contract"}, **OPTIONS)


@njit(inline="always")
def exponential(argument):
    r"""Return :math:`e^x` for -700 <= x <= 700, in arithmetic that vectorises.

    Notes
    -----
    ``math.exp`` is a call and keeps the loop scalar. Here
    :math:`e^x = 2^k e^r` with :math:`|r| \le \ln 2 / 2`, the minimax polynomial of
    degree 11 for :math:`e^r` (error 3e-18) and :math:`2^k` written into the exponent
    bits, where adding ``ROUNDER`` has left k in the lowest bits.
    """
    shifted = np.float64(argument * LOG2_E + ROUNDER)
    whole = shifted - ROUNDER
    r = (argument - whole * LN2_HIGH) - whole * LN2_LOW
    series = 2.5110049204818658e-08 * r + 2.763265472252779e-07
    series = series * r + 2.755724088722987e-06
    series = series * r + 2.4801485441561313e-05
    series = series * r + 0.00019841269890076403
    series = series * r + 0.0013888888952352863
    series = series * r + 0.008333333333319589
    series = series * r + 0.04166666666648795
    series = series * r + 0.1666666666666668
    series = series * r + 0.5000000000000019
    series = series * r + 1.0
    series = series * r + 1.0
    power = np.int64((np.float64(shifted).view(np.int64) + 1023) << 52)
    return series * power.view(np.float64)


@model_kernel
def gaussians(x, p, rows):
    """Write offset (constant or linear) plus Gaussian peaks; see `gaussians.py`."""
    count = p.shape[0]
    linear = count % 3 == 2
    value = rows[0]
    for i in range(x.shape[0]):
        value[i] = p[0]
        rows[1, i] = 1.0
    if linear:
        for i in range(x.shape[0]):
            value[i] += p[1] * x[i]
            rows[2, i] = x[i]
    for k in range(2 if linear else 1, count, 3):
        area, centre, inverse = p[k], p[k + 1], 1.0 / p[k + 2]
        norm = INVERSE_ROOT_TWO_PI * inverse
        by_area, by_centre, by_sigma = rows[k + 1], rows[k + 2], rows[k + 3]
        for i in range(x.shape[0]):
            z = (x[i] - centre) * inverse
            unit = norm * exponential(max(-0.5 * z * z, LOWEST_EXPONENT))
            peak = area * unit
            value[i] += peak
            by_area[i] = unit
            by_centre[i] = peak * inverse * z
            by_sigma[i] = peak * inverse * (z * z - 1.0)


@njit(
    float64(
        types.FunctionType(ROWS),
        FROZEN_ROW,
        FROZEN_ROW,
        float64[::1],
        float64[::1],
        float64[:, ::1],
        float64[:, ::1],
        float64[::1],
    ),
    fastmath={"reassoc", "contract"},
    **OPTIONS,
)
def normal_equations(model, x, y, root_weights, p, rows, curvature, gradient):
    """Fill JᵀWJ (upper triangle) and JᵀWr; return the weighted sum of squares."""
    count = p.shape[0]
    total = 0.0
    for i in range(count):
        gradient[i] = 0.0
        for j in range(i, count):
            curvature[i, j] = 0.0
    for low in range(0, x.shape[0], BLOCK):
        size = min(BLOCK, x.shape[0] - low)
        model(x[low : low + size], p, rows)
        residual = rows[0]
        for i in range(size):
            residual[i] = y[low + i] - residual[i]
        if root_weights.shape[0]:
            for k in range(count + 1):
                row = rows[k]
                for i in range(size):
                    row[i] *= root_weights[low + i]
        # Products of two rows with two others: half the loads of one with one. An
        # odd number of rows is filled up with a row of zeros.
        for k in range(0, rows.shape[0], 2):
            a, b = rows[k], rows[k + 1]
            for m in range(k, rows.shape[0], 2):
                c, d = rows[m], rows[m + 1]
                ac = ad = bc = bd = 0.0
                for i in range(size):
                    ac += a[i] * c[i]
                    ad += a[i] * d[i]
                    bc += b[i] * c[i]
                    bd += b[i] * d[i]
                if k > 0:
                    curvature[k - 1, m - 1] += ac
                    if m < count:
                        curvature[k - 1, m] += ad
                        curvature[k, m] += bd
                    if m > k:
                        curvature[k, m - 1] += bc
                elif m > 0:
                    gradient[m - 1] += ac
                    curvature[0, m - 1] += bc
                    if m < count:
                        gradient[m] += ad
                        curvature[0, m] += bd
                else:
                    total += ac
                    gradient[0] += ad
                    curvature[0, 0] += bd
    return total


@njit(
    types.boolean(
        float64[:, ::1],
        float64[::1],
        types.boolean[::1],
        float64,
        float64[:, ::1],
        float64[::1],
    ),
    **OPTIONS,
)
def factorise(curvature, scale, free, damping, lower, inverse_diagonal):
    """Cholesky-factorise the scaled, damped curvature; False if not positive."""
    count = scale.shape[0]
    for j in range(count):
        for i in range(j, count):
            if free[i] and free[j]:
                total = curvature[j, i] * scale[i] * scale[j]
            else:
                total = 0.0
            if i == j:
                total = 1.0 + damping if free[i] else 1.0
            for k in range(j):
                total -= lower[i, k] * lower[j, k]
            if i > j:
                lower[i, j] = total * inverse_diagonal[j]
            elif total > LEAST_PIVOT:
                lower[j, j] = math.sqrt(total)
                inverse_diagonal[j] = 1.0 / lower[j, j]
            else:
                return False
    return True


@njit(
    types.void(
        float64[:, ::1],
        float64[::1],
        float64[::1],
        types.boolean[::1],
        float64[::1],
        float64[::1],
    ),
    **OPTIONS,
)
def solve(lower, inverse_diagonal, scale, free, right, step):
    """Solve the factorised equations for a step in the parameters' own units."""
    count = scale.shape[0]
    for i in range(count):
        total = right[i] * scale[i] if free[i] else 0.0
        for k in range(i):
            total -= lower[i, k] * step[k]
        step[i] = total * inverse_diagonal[i]
    for i in range(count - 1, -1, -1):
        total = step[i]
        for k in range(i + 1, count):
            total -= lower[k, i] * step[k]
        step[i] = total * inverse_diagonal[i]
    for i in range(count):
        step[i] *= scale[i]


@njit(
    float64(
        float64[:, ::1],
        float64[::1],
        FROZEN_ROW,
        FROZEN_ROW,
        float64[::1],
        float64[::1],
        float64[::1],
    ),
    **OPTIONS,
)
def clip_step(curvature, gradient, lowest, highest, p, step, trial):
    """Keep ``p + step`` within bounds; return the reduction the step promises."""
    count = p.shape[0]
    for i in range(count):
        trial[i] = min(max(p[i] + step[i], lowest[i]), highest[i])
        step[i] = trial[i] - p[i]
    predicted = 0.0
    for i in range(count):
        predicted += (2.0 * gradient[i] - curvature[i, i] * step[i]) * step[i]
        for j in range(i + 1, count):
            predicted -= 2.0 * curvature[i, j] * step[i] * step[j]
    return predicted


@njit(
    types.boolean(
        float64[:, ::1],
        float64[::1],
        float64[::1],
        types.boolean[::1],
        float64[:, ::1],
        float64[::1],
        float64[:, ::1],
    ),
    **OPTIONS,
)
def invert(curvature, scale, unit, free, lower, inverse_diagonal, covariance):
    """Write the inverse curvature of the free parameters, zero for the others."""
    count = scale.shape[0]
    if not factorise(curvature, scale, free, 0.0, lower, inverse_diagonal):
        return False
    for j in range(count):
        for i in range(count):
            unit[i] = 1.0 if i == j and free[j] else 0.0
        solve(lower, inverse_diagonal, scale, free, unit, covariance[j])
    return True


@njit(
    types.void(
        types.FunctionType(ROWS),
        FROZEN_ROW,
        FROZEN_ROWS,
        float64[:, ::1],
        int64[::1],
        FROZEN_ROW,
        FROZEN_ROW,
        int64,
        float64,
        float64[:, ::1],
        float64[:, :, ::1],
        float64[::1],
        int64[::1],
        int64[::1],
    ),
    **OPTIONS,
)
def minimise(
    model,
    x,
    y,
    root_weights,
    spectrum,
    lowest,
    highest,
    max_evaluations,
    tolerance,
    parameters,
    covariance,
    chi_square,
    evaluations,
    status,
):
    """Levenberg-Marquardt for each row of ``parameters``, which it improves in place.

    The algorithm is written out in `least_squares`; `vectorised` is its twin.
    """
    count = parameters.shape[1]
    rows = np.zeros((count + 1 + (count + 1) % 2, BLOCK))
    curvature, trial_curvature = np.empty((count, count)), np.empty((count, count))
    gradient, trial_gradient = np.empty(count), np.empty(count)
    lower, inverse_diagonal = np.empty((count, count)), np.empty(count)
    scale, step, trial = np.empty(count), np.empty(count), np.empty(count)
    free = np.empty(count, dtype=np.bool_)
    weight = np.empty(0)
    for fit in range(parameters.shape[0]):
        p, data = parameters[fit], y[spectrum[fit]]
        if root_weights.shape[0]:
            weight = root_weights[spectrum[fit] if root_weights.shape[0] > 1 else 0]
        points, size = 0, 0.0
        for i in range(x.shape[0]):
            w = weight[i] if weight.shape[0] else 1.0
            points += w > 0.0
            size += (w * data[i]) ** 2
        chi2 = normal_equations(model, x, data, weight, p, rows, curvature, gradient)
        used, damping, growth, flat, fresh = 1, FIRST_DAMPING, 2.0, 0, True
        outcome = EXHAUSTED if math.isfinite(chi2) else NOT_FINITE
        while outcome == EXHAUSTED:
            if fresh:
                for i in range(count):
                    diagonal = curvature[i, i]
                    scale[i] = 1.0 / math.sqrt(diagonal) if diagonal > 0.0 else 1.0
                    free[i] = (
                        diagonal > 0.0
                        and lowest[i] < highest[i]
                        and not (p[i] <= lowest[i] and gradient[i] <= 0.0)
                        and not (p[i] >= highest[i] and gradient[i] >= 0.0)
                    )
                decrement = math.inf
                if factorise(curvature, scale, free, 0.0, lower, inverse_diagonal):
                    solve(lower, inverse_diagonal, scale, free, gradient, step)
                    decrement = 0.0
                    for i in range(count):
                        if free[i]:
                            decrement += step[i] * gradient[i]
                if decrement <= tolerance**2 * chi2 / max(points - count, 1):
                    # The solved step is too small to change anything but the last
                    # digits; taking it without looking back makes them right.
                    for i in range(count):
                        if free[i]:
                            p[i] = min(max(p[i] + step[i], lowest[i]), highest[i])
                    outcome = CONVERGED
                    break
                if chi2 <= EXACT * size:
                    outcome = CONVERGED
                    break
                fresh = False
            if used >= max_evaluations:
                break
            predicted = 0.0
            if factorise(curvature, scale, free, damping, lower, inverse_diagonal):
                solve(lower, inverse_diagonal, scale, free, gradient, step)
                predicted = clip_step(
                    curvature, gradient, lowest, highest, p, step, trial
                )
            if predicted > 0.0:
                trial_chi2 = normal_equations(
                    model,
                    x,
                    data,
                    weight,
                    trial,
                    rows,
                    trial_curvature,
                    trial_gradient,
                )
                used += 1
                in_noise = predicted <= NOISE * chi2
                flat = flat + 1 if in_noise else 0
                gain = (chi2 - trial_chi2) / predicted
                fresh = gain > LEAST_GAIN or (
                    in_noise and trial_chi2 <= chi2 * (1.0 + 100.0 * NOISE)
                )
            if fresh:
                gain = min(max(gain, 0.0), 1.0)
                damping *= max(0.1, 1.0 - (2.0 * gain - 1.0) ** 3)
                damping = max(damping, LEAST_DAMPING)
                growth = 2.0
                chi2 = trial_chi2
                for i in range(count):
                    p[i] = trial[i]
                    gradient[i] = trial_gradient[i]
                    for j in range(i, count):
                        curvature[i, j] = trial_curvature[i, j]
            else:
                damping *= growth
                growth *= 2.0
            if flat >= 3:
                outcome = CONVERGED
            elif damping > MOST_DAMPING:
                outcome = STALLED
        for i in range(count):
            diagonal = curvature[i, i]
            scale[i] = 1.0 / math.sqrt(diagonal) if diagonal > 0.0 else 1.0
            free[i] = lowest[i] < p[i] < highest[i]
        if outcome == NOT_FINITE or not invert(
            curvature, scale, trial, free, lower, inverse_diagonal, covariance[fit]
        ):
            covariance[fit] = np.nan
            if outcome != NOT_FINITE:
                outcome = SINGULAR
        chi_square[fit] = chi2
        evaluations[fit] = used
        status[fit] = outcome
