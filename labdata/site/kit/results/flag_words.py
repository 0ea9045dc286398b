"""What the flags on numbers mean, in the words of the lab: one place for all pages."""

from typing import NamedTuple


class Words(NamedTuple):
    """A flag in two or three words, and in a sentence."""

    short: str
    sentence: str


FLAGS = {
    # Emission peaks
    "unresolved": Words(
        "unresolved", "The peaks overlap so far that the data hardly part them."
    ),
    "unsupported": Words("unsupported", "The data do without this peak just as well."),
    "order_uncertain": Words(
        "order uncertain", "Which of two peaks lies higher is within the errors."
    ),
    # Current-voltage curves
    "header_contradicts_data": Words(
        "file contradicts data",
        "A number in the file's own header is not what its data give.",
    ),
    "irradiance_impossible": Words(
        "impossible irradiance",
        "The stated irradiance cannot be and was not used.",
    ),
    "irradiance_assumed": Words(
        "irradiance assumed",
        "No usable irradiance is stated: 100 mW/cm² was taken, so the efficiency is "
        "only approximate.",
    ),
    "fill_factor_impossible": Words(
        "impossible fill factor",
        "A fill factor lies between 0 and 1 in a working cell.",
    ),
    "efficiency_above_limit": Words(
        "above the limit",
        "The efficiency is above the limit of one junction: check area and irradiance.",
    ),
    "edge_maximum": Words(
        "maximum at the edge",
        "The largest power is at an end of the sweep: the true maximum may be higher.",
    ),
    "direction_contradicts_label": Words(
        "label contradicts order",
        "The file labels the other direction than the order of the voltages has.",
    ),
    "area_contradicts_record": Words(
        "areas disagree",
        "The area of the measurement is not that of the cell's record.",
    ),
    "area_contradicts_data": Words(
        "area contradicts data",
        "Current over current density is another area than the one stated.",
    ),
    "several_crossings": Words(
        "several crossings", "The current falls through zero more than once."
    ),
    "extrapolated": Words(
        "extrapolated", "The number lies beyond the data, by a model or a line."
    ),
    "ideality_implausible": Words(
        "implausible ideality", "Such an ideality is not the slope of a junction."
    ),
    "poor_fit": Words("poor fit", "The model does not describe this curve."),
    "structured_residuals": Words(
        "structured residuals",
        "What the model leaves is no noise; the errors were widened for it.",
    ),
    "at_limit": Words("at a limit", "The fit ended at a limit: only a bound is told."),
    # Quantum efficiency
    "efficiency_above_one": Words(
        "above 100 %", "A quantum efficiency above 100 % needs a reason."
    ),
    "negative_efficiency": Words(
        "negative efficiency", "A quantum efficiency cannot be negative."
    ),
    "range_truncated": Words(
        "range too short", "The cell still answers where the spectrum ends."
    ),
    "short_edge": Words(
        "short edge", "The exponential edge covers too little to be sure of its slope."
    ),
    "resolution_limited": Words(
        "resolution", "The points lie further apart than the number is wide."
    ),
    # Ageing and tracks
    "measured": Words("measured", "The track holds a point at this time."),
    "interpolated": Words(
        "interpolated",
        "The number lies between measured points, on the smoothed track.",
    ),
    "right_censored": Words(
        "not reached", "The test ended before this happened: a lower bound."
    ),
    "left_censored": Words(
        "before the first point", "It had happened by the first point: an upper bound."
    ),
    "interval_censored": Words(
        "within an interval", "It happened between two points far apart, or in a gap."
    ),
    "upper_end_open": Words(
        "upper end open", "The test is too short to tell the upper end of the interval."
    ),
    "upper_end_extrapolated": Words(
        "upper end extrapolated",
        "The upper end of the interval lies beyond the test, on the fitted model.",
    ),
    "columns_contradict": Words(
        "columns disagree",
        "Columns of the file that should say the same tell different numbers.",
    ),
    "few_independent_points": Words(
        "few points", "The points are worth few independent ones: the error is a guess."
    ),
    "not_at_end": Words(
        "not at the end", "The end of the track drifts; an earlier window was taken."
    ),
    "not_stable": Words("not stable", "No window of the track is stable."),
}


KINDS = {
    "measured",
    "interpolated",
    "extrapolated",
    "right_censored",
    "left_censored",
    "interval_censored",
}
"""Flags that say how a lifetime is known, which is no doubt about it."""


def doubts_of(value):
    """The flags of a value that are doubts; a lifetime has its kind among them too."""
    if value.quantity.startswith("stability."):
        return [flag for flag in value.flags if flag not in KINDS]
    return list(value.flags)


def kind_of(value):
    """How a lifetime is known, as a flag, or nothing."""
    if not value.quantity.startswith("stability."):
        return ""
    return next((flag for flag in value.flags if flag in KINDS), "")


def short_words(flag):
    """A flag as a badge says it."""
    known = FLAGS.get(flag)
    return known.short if known else flag.replace("_", " ")


def sentence(flag):
    """A flag as a sentence."""
    known = FLAGS.get(flag)
    if known:
        return known.sentence
    words = flag.replace("_", " ")
    return f"{words[:1].upper()}{words[1:]}."


def told_flags(values):
    """The doubts about several values once each, with what they are about.

    Returns
    -------
    list of (Words, str)
        The second is names of values, each once.
    """
    about = {}
    for value in values:
        for flag in doubts_of(value):
            name = value.spec.symbol or value.name if value.spec else value.quantity
            label = f" [{value.label}]" if value.label else ""
            about.setdefault(flag, []).append(f"{name}{label}")
    return [
        (Words(short_words(flag), sentence(flag)), ", ".join(dict.fromkeys(names)))
        for flag, names in about.items()
    ]
