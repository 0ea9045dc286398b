"""Curves the size of a thumb, drawn by the server: there before any script runs."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from labdata.site.kit.tags.quantities import short_number, unit_symbol

register = template.Library()

WIDTH, HEIGHT, EDGE = 168, 56, 3


@register.simple_tag
def sparkline(curve, about, fit=None):
    """Draw a curve of few points, or data as dots with their fit as a line."""
    drawn = fit["data"] if fit else curve
    if not drawn or len(drawn["x"]) < 2:
        return ""
    lines = [drawn, fit["fit"]] if fit else [drawn]
    place = _scale(lines)
    parts = [
        (_dots if fit else _line)(place, drawn, "spark-data"),
        *([_line(place, fit["fit"], "spark-fit")] if fit else []),
    ]
    return format_html(
        '<svg class="spark" viewBox="0 0 {} {}" role="img" aria-label="{}">'
        '<rect class="spark-box" x="0.5" y="0.5" width="{}" height="{}"></rect>'
        "{}</svg>",
        WIDTH,
        HEIGHT,
        f"{'Data and fit' if fit else 'Curve'} of {about}, {curve_range(drawn)}",
        WIDTH - 1,
        HEIGHT - 1,
        mark_safe("".join(parts)),
    )


@register.simple_tag
def curve_range(curve):
    """From where to where the axis of a curve runs."""
    if not curve:
        return ""
    first, last = (short_number(curve["x"][end]) for end in (0, -1))
    return f"{first} to {last} {unit_symbol(curve['x_unit'])}".strip()


def _scale(lines):
    xs = [x for line in lines for x in line["x"]]
    ys = [y for line in lines for y in line["y"]]
    left, bottom = min(xs), min(ys)
    across = (max(xs) - left) or 1
    up = (max(ys) - bottom) or 1

    def place(x, y):
        return (
            f"{EDGE + (x - left) / across * (WIDTH - 2 * EDGE):.1f} "
            f"{HEIGHT - EDGE - (y - bottom) / up * (HEIGHT - 2 * EDGE):.1f}"
        )

    return place


def _line(place, line, name):
    points = " L".join(place(*pair) for pair in zip(line["x"], line["y"], strict=True))
    return f'<path class="{name}" d="M{points}"></path>'


def _dots(place, line, name):
    points = "".join(
        f"M{place(*pair)}h0" for pair in zip(line["x"], line["y"], strict=True)
    )
    return f'<path class="{name} spark-dots" d="{points}"></path>'
