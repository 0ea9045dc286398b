"""Lifetimes in pages: bounds and intervals as what they are."""

from django import template
from django.utils.html import format_html

from analysis.numerics.ageing.lifetimes import INTERVAL
from analysis.stability.board import hours_in_words
from labdata.common.measures.quantities import quantities
from labdata.site.kit.tags.quantities import DASH
from labdata.site.kit.tags.values import about, shown_value

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
    if band:
        text = about(value.value, unit)
        if None not in (value.low, value.high):
            text += f" ({about(value.low)} to {about(value.high)})"
        return format_html('<span class="quantity">{}</span>', text)
    return format_html(
        '<span title="{}">{}</span>', _kind_of(value), shown_value(value, unit)
    )


def _kind_of(value):
    if INTERVAL in value.flags and value.low is not None:
        return "Between two looks" if value.high is not None else "The end is open"
    return KINDS.get(value.bound, "")


@register.simple_tag
def age(hours):
    """How long ago: ``20 min``, ``7 h``, ``12 d``."""
    return hours_in_words(hours)
