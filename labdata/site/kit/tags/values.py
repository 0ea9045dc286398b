"""A value as every page shows it: where it is from, ± its uncertainty, bound, flags."""

from django import template
from django.utils.html import format_html, format_html_join

from analysis.numerics.ageing.lifetimes import INTERVAL
from labdata.common.measures.numbers import format_measured
from labdata.plugin import Interval, Number
from labdata.site.kit.results.flag_words import flags_of
from labdata.site.kit.tags.origins import origin_mark
from labdata.site.kit.tags.quantities import (
    DASH,
    MINUS,
    measured_text,
    plain_value,
    unit_symbol,
)
from samples.models import Origin

register = template.Library()


def shown_value(value, unit="", *, missing="not known", mark=True, flags=False):
    """Write a value as HTML.

    Parameters
    ----------
    value : PropertyValue, Fact or None
        Whatever has ``value``, ``uncertainty`` and ``bound``, and where it is known
        ``origin``, ``flags`` and ``is_current``.
    unit : str
        Empty where the column of a table says it.
    missing : str
        Why there is none, on hover.
    mark : bool
        Whether a value that was not computed says by a mark where it comes from.
    flags : bool
        Whether its flags stand beside it in words; else it is marked, with them on
        hover.
    """
    # A key that a template does not find is an empty text.
    if value is None or value == "":
        return format_html('<span class="quantity" title="{}">{}</span>', missing, DASH)
    told = flags_of(value) if getattr(value, "flags", None) else []
    origin = getattr(value, "origin", "")
    own = common_origin(origin) if mark else ""
    names = ["quantity"]
    if told and not flags:
        names.append("is-flagged")
    if getattr(value, "is_current", True) is False:
        names.append("superseded")
    words = "" if flags else ", ".join(flag.word for flag in told)
    return format_html(
        '{}<span class="{}"{}>{}</span>{}',
        own,
        " ".join(names),
        format_html(' title="{}"', words) if words else "",
        _text_of(value, unit),
        flag_badges(value) if flags else "",
    )


def _text_of(value, unit):
    """A number, a limit, or the interval of which no more than its ends is known."""
    low, high = getattr(value, "low", None), getattr(value, "high", None)
    if INTERVAL not in (getattr(value, "flags", None) or ()) or low is None:
        return measured_text(value.value, value.uncertainty, unit, value.bound)
    ends = f"> {about(low)}" if high is None else f"{about(low)} to {about(high)}"
    return f"{ends} {unit_symbol(unit)}".strip()


@register.simple_tag
def about(number, unit=""):
    """A number of which no more than three digits mean anything, with its unit."""
    return f"{format_measured(number, significant=3)} {unit_symbol(unit)}".strip()


@register.simple_tag
def common_origin(origin):
    """Mark a row whose numbers were not computed; each of them need not be, then."""
    return "" if origin in ("", Origin.COMPUTED) else origin_mark(origin)


@register.simple_tag
def value_of(value=None, unit=None, missing="not known", mark=True, flags=False):
    """Write a value with its unit; ``unit=""`` where the head of the column has it."""
    if unit is None:
        unit = getattr(value, "unit", "")
    return shown_value(value, unit, missing=missing, mark=mark, flags=flags)


@register.simple_tag
def value_cells(value=None, missing="not known", with_unit=True):
    """Write a value as cells of a table that align on the ±, the last with its unit."""
    if value is None or value == "":
        text, error, unit = DASH, "", ""
    else:
        text, sign, error = measured_text(
            value.value, value.uncertainty, "", value.bound
        ).partition(" ± ")
        error = f"± {error}" if sign else ""
        unit = getattr(value, "unit", "")
    cells = format_html(
        '<td class="value quantity"{}>{}</td><td class="error quantity">{}</td>',
        format_html(' title="{}"', missing) if text == DASH else "",
        text,
        error,
    )
    if not with_unit:
        return cells
    return format_html('{}<td class="nowrap">{}</td>', cells, unit_symbol(unit))


@register.simple_tag
def flag_badges(value, only=None):
    """Write the flags of a value in words, each with its sentence on hover."""
    told = flags_of(value) if only is None else only
    return format_html_join(
        "",
        ' <span class="state{}" title="{}">{}</span>',
        (
            (
                "" if one.severity == "note" else " state-question",
                one.sentence,
                one.word,
            )
            for one in told
        ),
    )


@register.simple_tag
def interval(value):
    """Write both ends of a value's interval; one that is not known is open."""
    ends = (value.low, value.high)
    if ends == (None, None):
        return ""
    # As many digits as the uncertainty has, or two of the interval's own width.
    error = value.uncertainty
    if not error and None not in ends:
        error = abs(value.high - value.low)
    told = ("open" if one is None else _rounded(one, error) for one in ends)
    return " to ".join(told)


def _rounded(number, error):
    """A number with the digits that this uncertainty leaves it."""
    written, _, rest = measured_text(number, error).partition(" ± ")
    # A power of ten stands behind the bracket around both.
    return written.removeprefix("(") + rest.partition(")")[2]


@register.simple_tag
def limits(lower, upper):
    """Write what a parameter could be at least and at most; without any, nothing."""
    if lower is None and upper is None:
        return ""
    if upper is None:
        return f"≥ {measured_text(lower)}"
    if lower is None:
        return f"≤ {measured_text(upper)}"
    return _window(Interval(lower, upper))


@register.simple_tag
def part_cell(cell=None, unit=""):
    """Write what stands in a cell of a result: words, a number, a window, nothing."""
    if isinstance(cell, Interval):
        return _window(cell, unit)
    if isinstance(cell, Number):
        return measured_text(
            cell.value, cell.uncertainty, cell.unit or unit, cell.bound
        )
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, int | float):
        return measured_text(cell, None, unit)
    return plain_value(cell)


def _window(ends, unit=""):
    low, high = (
        "open"
        if one is None
        else format_measured(one, significant=4).replace("-", MINUS, 1)
        for one in (ends.low, ends.high)
    )
    return f"{low} to {high} {unit_symbol(unit)}".strip()
