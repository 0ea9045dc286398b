"""What numbers the lab can keep."""

import math


def is_finite(number: float) -> bool:
    """Return whether a number, also a whole one of any length, fits a float64."""
    try:
        return math.isfinite(number)
    except OverflowError:
        return False
