"""The list of devices: everything that has layers or cells, with its efficiency."""

from django.contrib.auth.decorators import login_required
from django.db.models import Count, F, Max, OuterRef, Subquery
from django.shortcuts import render

from labdata.common.people.access import Project
from labdata.site.drawings.device_part import ARCHITECTURES, EFFICIENCY, efficiencies
from labdata.site.drawings.stack import layer_sequence
from labdata.site.kit.pages import page_of
from samples import services
from samples.filtersets import DeviceFilterSet
from samples.models import Architecture, Cell, Fact, Sample
from samples.search import are_devices

MORE_FILTERS = ("batch", "tag", "owner", "kind", "archived")
ORDERINGS = {
    "code": ("code",),
    "-code": ("-code",),
    "pce": (F("best_pce").asc(nulls_last=True),),
    "-pce": (F("best_pce").desc(nulls_last=True),),
    "created_at": ("pk",),
    "-created_at": ("-pk",),
}
NEWEST_FIRST = "-created_at"


@login_required
def device_list(request):
    """The devices found, newest first unless asked otherwise."""
    devices = Sample.objects.visible_to(request.user).filter(are_devices())
    filters = DeviceFilterSet(request.GET, queryset=devices, request=request)
    ordering = request.GET.get("ordering")
    if ordering not in ORDERINGS:
        ordering = NEWEST_FIRST
    page = page_of(request, _ordered(filters.qs, ordering))
    page.object_list = _rows(list(page.object_list))
    context = {
        "filters": filters,
        "page": page,
        "ordering": ordering,
        "architectures": Architecture.choices,
        "projects": Project.objects.current().visible_to(request.user),
        "kinds": Sample.Kind.choices,
        "is_filtered": any(request.GET.get(name) for name in filters.filters),
        "has_more_filters": any(request.GET.get(name) for name in MORE_FILTERS),
    }
    return render(request, "devices/list.html", context)


def _ordered(found, ordering):
    if ordering.endswith("pce"):
        best = (
            Fact.objects.filter(sample=OuterRef("pk"), variable__key=EFFICIENCY)
            .order_by()
            .values("sample")
            .annotate(best=Max("value"))
            .values("best")
        )
        found = found.annotate(best_pce=Subquery(best))
    return found.order_by(*ORDERINGS[ordering], "pk")


def _rows(samples):
    """The devices of a page with all that its columns say, in a few queries."""
    ids = [sample.pk for sample in samples]
    found = Sample.objects.select_related("batch", "stack", "project").in_bulk(ids)
    rows = [found[pk] for pk in ids]
    described = services.describe_stacks(rows)
    counts = dict(
        Cell.objects.filter(sample__in=ids, archived_at__isnull=True)
        .order_by()
        .values_list("sample")
        .annotate(count=Count("pk"))
    )
    efficiency = efficiencies(ids)
    for row in rows:
        stack = described.get(row.pk) or {}
        layers = stack.get("layers") or []
        row.architecture = ARCHITECTURES.get(stack.get("architecture") or "", "")
        row.sequence = layer_sequence(layers) if layers else ""
        row.cell_count = counts.get(row.pk, 0)
        row.efficiency = efficiency.get(row.pk)
    return rows
