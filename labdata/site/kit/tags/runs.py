"""Numbers beside each other: aligned on the ±, differences with their sign."""

from django import template

from analysis.contract.registry import analyses
from labdata.common.measures.numbers import format_measured
from labdata.site.kit.results.run_rows import shown_parameters
from labdata.site.kit.tags.quantities import MINUS

register = template.Library()


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
def changed_parameters(run):
    """What a run was asked with that is not the default, in words."""
    told = shown_parameters(analyses.get(run.analysis), run)
    return [one for one in told if not one["is_default"]]
