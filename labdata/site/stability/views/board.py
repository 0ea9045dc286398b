"""The stability board: everything still ageing, then what has ended."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from analysis import services as analysis_services
from analysis.named_quantities import TRACK
from analysis.relations.variables import visible_projects, visible_variables
from analysis.stability import board as stability
from labdata.common.people.access import Project
from labdata.common.people.saved_views import SavedView
from labdata.site.kit.pages import attempt_act, find, page_of
from measurements import services as measurement_services
from measurements.models import Measurement
from samples.models import Sample

GROUP_FAMILIES = ("layer.", "device.", "sample.", "measurement.", "cell.")
MOST_LISTED = 300


@login_required
def board(request):
    """Parameters are those of the API."""
    asked = stability.Asked.read(request.GET)
    tracks = stability.find_tracks(request.user, asked)
    page = page_of(request, tracks)
    rows = stability.fill(list(page.object_list))
    projects = visible_projects(request.user)
    context = {
        "page": page,
        "asked": asked,
        "running": [one for one in rows if one.state == stability.RUNNING],
        "ended": [one for one in rows if one.state != stability.RUNNING],
        "running_count": sum(1 for one in tracks if one.state == stability.RUNNING),
        "projects": Project.objects.current().visible_to(request.user),
        "protocols": sorted({one.protocol for one in tracks if one.protocol}),
        "groups": sorted({str(one.group) for one in tracks if one.group is not None}),
        "states": [
            (stability.RUNNING, "still ageing"),
            (stability.ENDED, "ended"),
        ],
        "variables": _variables(list(projects)),
        "saved_views": SavedView.objects.visible_to(request.user).for_page("stability"),
        "page_key": "stability",
        "track": TRACK,
    }
    return render(request, "stability/board.html", context)


def _variables(project_ids):
    """What may part tests into groups."""
    rows = visible_variables(project_ids).order_by("key").values_list("key", "label")
    offered = [(key, label) for key, label in rows if key.startswith(GROUP_FAMILIES)]
    return offered[:MOST_LISTED]


@login_required
def together(request):
    """Send the tests ticked on the board to the overlay, scaled to their beginning."""
    chosen = [text for text in request.GET.getlist("id") if text]
    if not chosen:
        messages.warning(request, "Tick the tests to draw together.")
        return redirect("site:stability")
    query = [("track", text) for text in chosen]
    query += [
        ("normalise", "initial"),
        ("technique", request.GET.get("technique") or ""),
    ]
    return redirect(f"/overlay/?{urlencode([pair for pair in query if pair[1]])}")


@login_required
@require_POST
def track_append(request, uuid):
    """Add the newest file of a test to its track."""
    row = find(Measurement.objects.select_related("project"), request, uuid=uuid)
    files = request.FILES.getlist("file")
    attempt_act(
        request,
        lambda: measurement_services.append_to_track(
            user=request.user, measurement=row, files=files
        ),
        "Added to the track; it is being read and analysed anew.",
    )
    return redirect(row)


@login_required
@require_POST
def track_state(request, uuid):
    """Say that a test has ended, or that it still runs."""
    row = find(Measurement.objects.select_related("project"), request, uuid=uuid)
    ended = request.POST.get("ended") == "yes"
    attempt_act(
        request,
        lambda: measurement_services.set_test_state(
            user=request.user, measurement=row, ended=ended
        ),
        "The test is marked as ended." if ended else "The test is marked as running.",
    )
    return redirect(row)


@login_required
@require_POST
def ageing_series(request, uuid):
    """Put the JV curves of a device together to ageing series."""
    sample = find(Sample.objects.select_related("project"), request, uuid=uuid)
    try:
        made = analysis_services.create_ageing_series(
            user=request.user,
            sample=sample,
            cell=request.POST.get("cell") or None,
            direction=request.POST.get("direction") or "reverse",
            along=request.POST.get("along") or "measured_at",
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(sample)
    if len(made) == 1:
        messages.success(request, "The series is put together; it is being analysed.")
        return redirect(made[0])
    messages.success(
        request, f"{len(made)} series, one a cell; they are being analysed."
    )
    return redirect(sample)
