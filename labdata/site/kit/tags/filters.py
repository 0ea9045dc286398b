"""Fields of the filters above a list, named as in the API."""

from django import template

register = template.Library()


@register.inclusion_tag("kit/filter_choice.html", takes_context=True)
def filter_choice(context, name, label, choices, empty="any"):
    """One value of a list to filter by; projects are chosen by their short names."""
    return {
        "name": name,
        "label": label,
        "choices": [_pair(one) for one in choices],
        "empty": empty,
        "chosen": context["request"].GET.get(name, ""),
    }


def _pair(one):
    if isinstance(one, tuple):
        return one
    text = getattr(one, "slug", one)
    return text, text
