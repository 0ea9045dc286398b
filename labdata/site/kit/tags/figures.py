"""How a technique draws its datasets, for the scripts that do."""

import json

from django import template
from django.utils.html import format_html

from measurements.registry import techniques

register = template.Library()


@register.simple_tag
def figure_data(technique):
    """Tell by an attribute how a dataset of a technique is drawn, if that is known."""
    spec = techniques.get(technique)
    if spec is None:
        return ""
    figure = spec.figure
    told = {
        name: value
        for name in ("x", "y", "kind", "value", "along", "log", "reversed")
        if (value := getattr(figure, name))
    }
    return format_html('data-figure="{}"', json.dumps(told))
