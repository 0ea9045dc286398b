"""What unfinished forms are called, and the way back to them."""

from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme

TITLES = {
    "sample-new": "A new sample",
    "series-new": "A series of samples",
    "device-new": "A new device",
    "device-stack": "Layers of a sample",
    "device-plan": "A plan of devices",
    "process-new": "A new process",
    "protocol-new": "A new protocol",
    "measurement-new": "A measurement to upload",
    "material-new": "A new material",
    "value-new": "A value",
    "sample-split": "Pieces of a sample",
    "samples-merge": "Samples brought together",
    "sample-edit": "Changes to a sample",
    "process-edit": "Changes to a process",
    "protocol-edit": "Changes to a protocol",
    "material-edit": "Changes to a material",
    "measurement-edit": "Changes to a measurement",
}
# Fields whose text tells one draft from another.
TELLING = ("code", "codes", "name", "composition", "pattern")
LONGEST = 60


def describe_drafts(drafts):
    """Drafts as lines of a list; one whose page is gone is left out."""
    told = []
    for draft in drafts:
        address = str(draft.data.get("address") or "")
        title = _title(address)
        if title:
            told.append(
                {
                    "title": title,
                    "address": address,
                    "detail": _detail(draft.data.get("fields")),
                    "updated_at": draft.updated_at,
                }
            )
    return told


def _title(address):
    if not url_has_allowed_host_and_scheme(address, allowed_hosts=None):
        return ""
    try:
        name = resolve(address.partition("?")[0]).url_name
    except Resolver404:
        return ""
    return TITLES.get(name, "An unfinished form")


def _detail(fields):
    """The first telling thing that was typed."""
    pairs = [pair for pair in fields or () if isinstance(pair, list) and len(pair) == 2]
    typed = {str(name): str(value).strip() for name, value in reversed(pairs)}
    found = next((typed[name] for name in TELLING if typed.get(name)), "")
    return found if len(found) <= LONGEST else f"{found[: LONGEST - 1]}…"
