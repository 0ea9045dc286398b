"""Numbers with uncertainty, unit and origin, formulas, codes and times in pages."""

import math
from functools import lru_cache

from django import template
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import mark_safe

from labdata.common.measures.numbers import format_measured
from labdata.common.measures.units import UnitError, find_unit
from samples.formula import CompositionError, parse_composition
from samples.formula import to_html as formula_to_html
from samples.services import print_time

register = template.Library()

MINUS = "\N{MINUS SIGN}"
DASH = "\N{EM DASH}"


@register.filter
@lru_cache(maxsize=512)
def unit_symbol(unit):
    """A unit as it is printed: ``mA/cm**2`` is mA/cm², a pure number has none."""
    if unit in (None, "", "1"):
        return ""
    try:
        return find_unit(unit).symbol
    except UnitError:
        return unit


def measured_text(value, uncertainty=None, unit="", bound="="):
    """A number as papers print it, with typographic minus signs."""
    # What a template finds nowhere comes as an empty text.
    if value in (None, "") or math.isnan(value):
        return DASH
    text = format_measured(value, uncertainty, unit=unit_symbol(unit), bound=bound)
    return text.replace("-", MINUS, 1) if value < 0 else text


@register.simple_tag
def quantity(value=None, uncertainty=None, unit="", bound="=", missing="not known"):
    """Write value ± uncertainty and unit; a missing value says on hover why."""
    text = measured_text(value, uncertainty, unit, bound)
    if text == DASH:
        return format_html('<span class="quantity" title="{}">{}</span>', missing, text)
    return format_html('<span class="quantity">{}</span>', text)


@register.simple_tag
def plain_value(value):
    """Write a number or a text of a table; what is not known is a dash."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return measured_text(value)
    return DASH if value in (None, "") else value


@register.simple_tag
def short_number(value):
    """Write a number of a matrix with three digits."""
    return format_measured(value, significant=3).replace("-", MINUS, 1)


@register.simple_tag
def short_value(value, decimals=None):
    """Write a statistic with these decimals, or four digits; the unknown is a dash."""
    if value is None or value == "" or math.isnan(value):
        return DASH
    if decimals is None:
        return measured_text(float(f"{value:.4g}"))
    # Zero has no sign, whatever was rounded to it.
    return f"{round(value, decimals) + 0.0:.{decimals}f}".replace("-", MINUS)


@register.simple_tag
def probability(value):
    """Write a p value with two digits; the smallest are below one in ten thousand."""
    if value is None or value == "":
        return DASH
    return "< 0.0001" if value < 1e-4 else f"{value:.2g}"


@register.simple_tag
def quantity_cells(value=None, uncertainty=None, unit="", bound="="):
    """Write the same as three cells of a table, which align on the ±."""
    number, sign, error = measured_text(value, uncertainty, "", bound).partition(" ± ")
    return format_html(
        '<td class="value quantity">{}</td><td class="error quantity">{}</td>'
        '<td class="nowrap">{}</td>',
        number,
        f"± {error}" if sign else "",
        unit_symbol(unit),
    )


@lru_cache(maxsize=4096)
def _typeset(text):
    try:
        return formula_to_html(parse_composition(text))
    except CompositionError:
        return str(conditional_escape(text))


@register.filter
def formula(text):
    """Set a composition or formula with real subscripts; anything else as it is."""
    return mark_safe(_typeset(str(text))) if text else ""


@register.simple_tag
def origin_badge(origin):
    """Say where a number comes from; the word is always there."""
    return format_html('<span class="origin origin-{}">{}</span>', origin, origin)


@register.simple_tag
def state_badge(state, label=""):
    return format_html(
        '<span class="state state-{}">{}</span>',
        state,
        label or state.replace("_", " "),
    )


@register.simple_tag
def moment(value, precision="minute", zone=""):
    """A time as precise as it is known: local in the browser, ISO on hover."""
    if value is None:
        return DASH
    iso = print_time(value, precision, zone)
    if "T" not in iso:
        return format_html('<time datetime="{}">{}</time>', iso, iso)
    shown = timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    return format_html(
        '<time datetime="{}" title="{}" data-local>{}</time>', iso, iso, shown
    )


@register.simple_tag
def copy_code(text):
    """A code in monospace that is copied by a click."""
    return format_html(
        '<button type="button" class="copy" data-copy="{}" title="Copy">{}</button>',
        text,
        text,
    )


@register.simple_tag
def byte_size(size):
    """A size in bytes, kB, MB or GB."""
    amount = float(size)
    for unit in ("B", "kB", "MB"):
        if amount < 1000:
            return f"{amount:.3g} {unit}"
        amount /= 1000
    return f"{amount:.3g} GB"


@register.simple_tag(takes_context=True)
def with_query(context, **changes):
    """The address of this list with some of its parameters changed."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        if value in (None, ""):
            query.pop(name, None)
        else:
            query[name] = value
    return f"?{query.urlencode()}" if query else context["request"].path


@register.simple_tag(takes_context=True)
def without_id(context, uuid):
    """The address of this page about all chosen records but one."""
    query = context["request"].GET.copy()
    query.setlist("id", [one for one in query.getlist("id") if one != str(uuid)])
    return f"?{query.urlencode()}"
