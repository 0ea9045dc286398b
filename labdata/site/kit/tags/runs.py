"""Numbers beside each other: aligned on the ±, differences with their sign."""

from django import template
from django.utils.html import format_html

from analysis.contract.registry import analyses
from labdata.common.measures.numbers import format_measured
from labdata.site.kit.results.flag_words import flags_of
from labdata.site.kit.results.run_rows import shown_parameters
from labdata.site.kit.tags.quantities import MINUS, measured_text

register = template.Library()


@register.simple_tag
def number_cells(value=None, uncertainty=None, bound="="):
    """Write a number as two cells that align on the ±, where a row has one unit."""
    number, sign, error = measured_text(value, uncertainty, "", bound).partition(" ± ")
    return format_html(
        '<td class="value quantity">{}</td><td class="error quantity">{}</td>',
        number,
        f"± {error}" if sign else "",
    )


@register.simple_tag
def difference(value, uncertainty=None):
    """Write a difference with its sign, rounded by an uncertainty."""
    text = format_measured(abs(value), uncertainty, significant=3).partition(" ± ")[0]
    return f"{MINUS if value < 0 else '+'}{text}"


@register.simple_tag
def in_uncertainties(number):
    """Write a difference as a multiple of its uncertainty, with its sign."""
    return f"{number:+.1f}".replace("-", MINUS)


@register.filter
def flags_told(value):
    """The flags of a value with their words."""
    return flags_of(value)


@register.filter
def changed_parameters(run):
    """What a run was asked with that is not the default, in words."""
    told = shown_parameters(analyses.get(run.analysis), run)
    return [one for one in told if not one["is_default"]]
