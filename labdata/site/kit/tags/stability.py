"""Lifetimes in pages: bounds and intervals as what they are."""

from django import template
from django.utils.html import format_html

from analysis.numerics.ageing.lifetimes import INTERVAL
from analysis.stability.board import hours_in_words
from labdata.common.measures.numbers import format_measured
from labdata.common.measures.quantities import quantities
from labdata.site.kit.tags.quantities import DASH
from labdata.site.kit.tags.values import shown_value

register = template.Library()

KINDS = {
    ">": "Not reached when the test ended",
    "<": "Reached before the first look",
}


@register.simple_tag
def lifetime(value=None, band=False):
    """A lifetime: a number, a limit, or the interval in which it lies."""
    # A key that a template does not find is an empty text.
    if value is None or value == "":
        return format_html('<span class="quantity" title="not known">{}</span>', DASH)
    unit = quantities[value.quantity].unit
    known = None not in (value.low, value.high)
    if INTERVAL in value.flags and value.low is not None and value.high is None:
        return format_html(
            '<span class="quantity" title="The upper end is open">{}</span>',
            f"> {_rough(value.low)} {unit}",
        )
    if known and INTERVAL in value.flags:
        ends = f"{_rough(value.low)} to {_rough(value.high)} {unit}"
        return format_html(
            '<span class="quantity" title="Between two looks">{}</span>', ends
        )
    if band:
        text = f"{_rough(value.value)} {unit}"
        text += f" ({_rough(value.low)} to {_rough(value.high)})" if known else ""
        return format_html('<span class="quantity">{}</span>', text)
    return format_html(
        '<span title="{}">{}</span>',
        KINDS.get(value.bound, ""),
        shown_value(value, unit),
    )


def _rough(number):
    """A number of which no more than three digits mean anything."""
    return format_measured(number, significant=3)


@register.simple_tag
def about(value, unit=""):
    """A time read off a survival curve: three digits and the unit."""
    return f"{_rough(value)} {unit}".strip()


@register.simple_tag
def age(hours):
    """How long ago: ``20 min``, ``7 h``, ``12 d``."""
    return hours_in_words(hours)
