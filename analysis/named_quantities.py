"""What board, populations, survival and pages of devices ask for by name.

Whatever else a page shows comes from what techniques and quantities declare. These are
named because the subject itself is about them: a stability board without lifetimes is
none.
"""

EFFICIENCY = "jv.pce"
VOLTAGE = "jv.voc"
CURRENT = "jv.jsc"
FILL_FACTOR = "jv.ff"
HYSTERESIS = "jv.hysteresis_index"

T80 = "stability.t80"
T95 = "stability.t95"
TS80 = "stability.ts80"
TE80 = "stability.te80"
RETENTION = "stability.retention"
LOSS = "stability.loss"
INITIAL_EFFICIENCY = "stability.initial_pce"
TEST_TIME = "stability.test_time"

LIFETIMES = (T80, T95, TS80, TE80)
"""Times to an event that a test may end before; what survival is of."""

LIFETIME_FAMILY = "stability"
FAMILIES_OF_CELLS = ("jv", LIFETIME_FAMILY)
"""Families of what there is one of for every cell."""

OF_A_SWEEP = (EFFICIENCY, VOLTAGE, CURRENT, FILL_FACTOR)
OF_A_TEST = (T80, T95, TS80, TE80, RETENTION, TEST_TIME, INITIAL_EFFICIENCY)
"""What a table of cells says of a sweep and of a test, in its order."""

SWEEPS = "jv"
AGEING = "ageing"
TRACK = "mpp_tracking"
TESTS = {TRACK: "MPP track", AGEING: "Ageing"}
"""Techniques whose measurements are tests of stability, in the words of a column."""

AT_THE_END = "end"
"""Label of what is left at the end of a test."""
