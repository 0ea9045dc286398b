"""What the two backends of the least-squares core agree on.

Compiled code on disk is kept by the time stamp of `compiled.py` alone: after a change
here, save that file too.
"""

CONVERGED, EXHAUSTED, SINGULAR, NOT_FINITE, STALLED, UNACCEPTABLE = range(6)

FIRST_DAMPING = 1e-3
LEAST_DAMPING = 1e-15
MOST_DAMPING = 1e12

LEAST_PIVOT = 1e-14
"""Of the scaled curvature: below it a parameter is not determined by the data."""

LEAST_GAIN = 1e-4
"""Achieved over promised reduction; a smaller gain refuses the step."""

NOISE = 1e-13
"""Relative reduction of χ² that rounding can no longer tell from none."""

EXACT = 1e-28
"""χ² over the sum of squared data at which the data are met to rounding."""
