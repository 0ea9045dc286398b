"""The page of a batch: what was varied, what came out, what is next."""

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.urls import reverse

from labdata.common.measures.quantities import quantities
from labdata.site.kit.pages import find, may_write
from labdata.site.samples.batch import EFFICIENCY, LIFETIMES, boxes_of, rows_of
from samples.models import Batch, Sample

MOST_SAMPLES = 300


@login_required
def batch(request, uuid):
    """What differs between the samples of a batch, how good they are, how stable."""
    row = find(Batch.objects.select_related("project"), request, uuid=uuid)
    samples = Sample.objects.current().filter(batch=row).select_related("project")
    count = samples.count()
    rows, varied = rows_of(list(samples.order_by("code", "pk")[:MOST_SAMPLES]))
    rows_without = [one for one in rows if not one.efficiencies]
    place = {"project": row.project.slug, "batch": row.code}
    context = {
        "batch": row,
        "count": count,
        "rows": rows,
        "varied": varied,
        "boxes": boxes_of(rows, varied),
        "lifetimes": [quantities[key] for key in LIFETIMES],
        "has_stability": any(one.lifetimes for one in rows),
        "has_efficiency": any(one.efficiencies for one in rows),
        "without": [one for one in rows_without if one.cells],
        "populations": _populations(row, varied),
        "labels": f"{reverse('site:labels')}?{urlencode(place)}",
        "listed": f"{reverse('site:samples')}?{urlencode(place)}",
        "drop": f"{reverse('site:intake-new')}?{urlencode(place)}",
        "can_write": may_write(request.user, row.project),
    }
    return render(request, "samples/batches/batch.html", context)


def _populations(row, varied):
    """The address where the efficiencies of the batch are compared."""
    asked = {
        "y": EFFICIENCY,
        "by": varied[0].key if varied else "sample.code",
        "filter": f'sample.batch:eq:"{row.code}"',
        "project": row.project.slug,
    }
    return f"{reverse('site:population')}?{urlencode(asked)}"
