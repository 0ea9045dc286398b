"""The entries of the bar: what there is, and where one is."""

from dataclasses import dataclass

from django import template
from django.urls import NoReverseMatch, reverse

register = template.Library()


@dataclass(frozen=True)
class Entry:
    """A page of the bar and the words that the names of pages below it begin with.

    In a narrow window, entries that are ``tucked`` stand under *More*.
    """

    label: str
    name: str
    words: frozenset
    tucked: bool = False


ENTRIES = (
    Entry("Home", "site:home", frozenset({"home"}), tucked=True),
    Entry(
        "Samples",
        "site:samples",
        frozenset(
            {"sample", "samples", "batch", "compare", "labels", "series", "value"}
        ),
    ),
    Entry(
        "Devices", "site:devices", frozenset({"device", "devices", "cell"}), tucked=True
    ),
    Entry(
        "Measurements",
        "site:measurements",
        frozenset({"measurement", "measurements", "intake", "file"}),
    ),
    Entry(
        "Stability",
        "site:stability",
        frozenset({"stability", "survival"}),
        tucked=True,
    ),
    Entry("Runs", "site:runs", frozenset({"run", "runs"})),
    Entry("Explore", "site:relation", frozenset({"relation", "overlay", "population"})),
    Entry(
        "Protocols",
        "site:protocols",
        frozenset({"protocol", "protocols", "process", "processes"}),
        tucked=True,
    ),
    Entry(
        "Materials",
        "site:materials",
        frozenset({"material", "materials", "lot"}),
        tucked=True,
    ),
)


@register.simple_tag(takes_context=True)
def navigation(context):
    """The entries whose pages exist; the one that holds this page says so."""
    match = getattr(context.get("request"), "resolver_match", None)
    here = (match.url_name or "") if match else ""
    told = []
    for entry in ENTRIES:
        try:
            address = reverse(entry.name)
        except NoReverseMatch:
            continue
        current = "true" if here.split("-")[0] in entry.words else ""
        if f"site:{here}" == entry.name:
            current = "page"
        told.append({"entry": entry, "address": address, "current": current})
    return told


@register.simple_tag
def address_of(name, *args):
    """The address of a page, empty where this lab has no such page."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
