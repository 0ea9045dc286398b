"""The data of figures that hold several curves."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from analysis.models import AnalysisRun
from analysis.named_quantities import SWEEPS
from labdata.common.api.renderers import dumps
from labdata.site.kit.pages import find
from labdata.site.kit.results.curve_figures import figure_of, figure_of_run
from labdata.site.kit.results.device_results import latest_light_curves
from measurements.models import Dataset, Measurement
from samples.models import Sample

POINTS_OF_ONE = 300


@login_required
@require_GET
@never_cache
def measurement_curves(request, uuid):
    """Every curve a measurement holds, with the cell each is of."""
    row = find(Measurement.objects.all(), request, uuid=uuid)
    datasets = (
        Dataset.objects.current()
        .filter(measurement=row, is_result=False, region__isnull=True)
        .select_related("cell")
        .order_by("pk")
    )
    simulated = row.origin == "simulated"
    return _answer(figure_of(datasets, row.technique, simulated=simulated))


@login_required
@require_GET
@never_cache
def run_curves(request, uuid):
    """What a run took and what it made of it."""
    runs = AnalysisRun.objects.select_related("measurement")
    row = find(runs, request, uuid=uuid)
    return _answer(figure_of_run(row))


@login_required
@require_GET
@never_cache
def device_curves(request, uuid):
    """The newest current-voltage curves in light of every cell of a device."""
    row = find(Sample.objects.all(), request, uuid=uuid)
    datasets = latest_light_curves(row)
    simulated = any(one.measurement.origin == "simulated" for one in datasets)
    told = figure_of(datasets, SWEEPS, points=POINTS_OF_ONE, simulated=simulated)
    return _answer(told)


def _answer(told):
    return HttpResponse(dumps(told), content_type="application/json")
