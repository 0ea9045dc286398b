"""The entries of the bar: what there is, and where one is."""

from dataclasses import dataclass

from django import template
from django.urls import NoReverseMatch, reverse

register = template.Library()


@dataclass(frozen=True)
class Entry:
    """A page of the bar and the words that the names of pages below it begin with.

    ``help`` is the chapter on all of them. In a narrow window, entries that are
    ``tucked`` stand under *More*.
    """

    label: str
    name: str
    words: frozenset
    help: str
    tucked: bool = False


ENTRIES = (
    Entry("Home", "site:home", frozenset({"home"}), "first-hour", tucked=True),
    Entry(
        "Samples",
        "site:samples",
        frozenset(
            {"sample", "samples", "batch", "compare", "labels", "series", "value"}
        ),
        "logging",
    ),
    Entry(
        "Devices",
        "site:devices",
        frozenset({"device", "devices", "cell"}),
        "devices",
        tucked=True,
    ),
    Entry(
        "Measurements",
        "site:measurements",
        frozenset({"measurement", "measurements", "intake", "file"}),
        "measuring",
    ),
    Entry(
        "Techniques",
        "site:techniques",
        frozenset({"technique", "techniques"}),
        "nomenclature",
        tucked=True,
    ),
    Entry(
        "Stability",
        "site:stability",
        frozenset({"stability", "survival"}),
        "stability",
        tucked=True,
    ),
    Entry("Runs", "site:runs", frozenset({"run", "runs"}), "measuring#reading-a-fit"),
    Entry(
        "Explore",
        "site:relation",
        frozenset({"relation", "overlay", "population"}),
        "relations",
    ),
    Entry(
        "Protocols",
        "site:protocols",
        frozenset({"protocol", "protocols", "process", "processes"}),
        "logging#processes-and-protocols",
        tucked=True,
    ),
    Entry(
        "Materials",
        "site:materials",
        frozenset({"material", "materials", "lot"}),
        "logging#materials",
        tucked=True,
    ),
)
# Pages that have a chapter of their own, or stand under no entry of the bar.
CHAPTERS = {
    "account": "account",
    "cell-table": "populations#import-a-table-of-cells",
    "device-plan": "devices#plan-a-batch",
    "labels": "logging#labels",
    "overlay": "measuring#spectra-together",
    "population": "populations",
    "project": "account#the-projects-page",
    "search": "logging#finding-and-comparing",
    "series-new": "logging#a-series",
    "value-new": "measuring#values-without-a-file",
}


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


@register.simple_tag
def help_address(place):
    """The address of a place in the documents, such as ``"measuring#files"``."""
    name, _, anchor = place.partition("#")
    address = reverse("site:help-page", args=[name])
    return f"{address}#{anchor}" if anchor else address


@register.simple_tag(takes_context=True)
def help_with_this(context):
    """The address of the chapter on the page that is shown, else of their list."""
    match = getattr(context.get("request"), "resolver_match", None)
    here = (match.url_name or "") if match else ""
    word = here.split("-")[0]
    entry = next((one.help for one in ENTRIES if word in one.words), "")
    place = CHAPTERS.get(here) or entry or CHAPTERS.get(word)
    return help_address(place) if place else reverse("site:help")
