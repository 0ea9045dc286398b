"""Several samples side by side."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.urls import reverse

from labdata.site.kit.selection import selected
from labdata.site.samples.comparison import DIFFERS, compare, programs
from samples.filtersets import SampleFilterSet
from samples.models import Sample
from samples.services.references import as_uuid

LEAST, MOST = 2, 12


@login_required
def samples_compare(request):
    """Two to twelve samples, in the order of the address; ``only=differences``."""
    rows = selected(
        request,
        Sample.objects.select_related("project", "batch", "control", "owner"),
        SampleFilterSet,
    )
    asked = list(dict.fromkeys(as_uuid(one) for one in request.GET.getlist("id")))
    if not LEAST <= len(asked) <= MOST:
        return _refuse(request, len(asked))
    found = {row.uuid: row for row in rows.prefetch_related("tags")}
    samples = [found[uuid] for uuid in asked]
    sections = compare(request.user, samples)
    only = request.GET.get("only") == "differences"
    total = sum(len(section.rows) for section in sections)
    differing = sum(section.differing for section in sections)
    if only:
        for section in sections:
            section.rows = [row for row in section.rows if row.verdict == DIFFERS]
    context = {
        "samples": samples,
        "orders": [_with_first(asked, uuid) for uuid in asked],
        "can_remove": len(samples) > LEAST,
        "sections": [section for section in sections if section.rows],
        "programs": programs(request.user, samples),
        "only": only,
        "total": total,
        "differing": differing,
        "width": len(samples) + 1,
        "codes": ",".join(sample.code for sample in samples),
    }
    return render(request, "samples/compare.html", context)


def _with_first(asked, uuid):
    """The address of the same comparison with this sample in front."""
    order = [uuid, *(one for one in asked if one != uuid)]
    return "?" + "&".join(f"id={one}" for one in order)


def _refuse(request, count):
    words = (
        "Select at least two samples to compare."
        if count < LEAST
        else f"{count} samples do not fit side by side: at most {MOST}. "
        "The explorer holds more."
    )
    context = {"words": words, "relation": reverse("site:relation")}
    return render(request, "samples/none_selected.html", context, status=400)
