"""Where a number comes from, as a mark beside it."""

from django import template
from django.utils.html import format_html

register = template.Library()


@register.simple_tag
def origin_mark(origin):
    """A book for reported, a pencil for manual, hatching for simulated."""
    return format_html(
        '<span class="mark mark-{}" role="img" aria-label="{}" title="{}"></span>',
        origin,
        origin,
        origin,
    )
