"""What a form of an act is understood as while it is typed, for the page to show."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from labdata.site.kit.acts.act_form import ActForm
from labdata.site.kit.acts.composition import read_composition
from labdata.site.kit.acts.mixtures import propose_mixture
from labdata.site.kit.acts.moments import told_time
from labdata.site.kit.acts.process_form import MakingForm
from labdata.site.kit.acts.programs import understand_program
from labdata.site.kit.acts.readings import NOTHING, Reading
from labdata.site.kit.acts.starts import asked_project, protocol_tables
from labdata.site.kit.pages import find
from samples.models import Lot, Protocol, Sample
from samples.services.parameters import PARAMETER_UNITS
from samples.services.references import as_uuid
from samples.thermal import GASES

CODES_OFFERED = 300


def read_time(text):
    """The reading of a typed time."""
    try:
        return Reading(told_time(text))
    except ValidationError as error:
        return Reading(error=" ".join(error.messages))


def understood_parts(form):
    """What the templates show of a form's programme and time as typed."""
    program = understand_program(form.program.values())
    if not form.program.has_errors:
        form.program.take(program.faults)
    bound = form["started_at"] if "started_at" in form.fields else None
    return {
        "program": program,
        "started": read_time(bound.value() or "") if bound else NOTHING,
        "started_name": bound.html_name if bound else "",
        "proposal": _proposal(form),
    }


def _proposal(form):
    """The composition that the amounts of a form of a sample come to."""
    if not isinstance(form, MakingForm):
        return None
    rows = [
        {"code": row["code"] or "", "amount": row["amount"] or ""}
        for row in form.inputs.values()
    ]
    return propose_mixture(form.user, form.found, rows)


def suggestions(user, project):
    """What the fields of a form of an act offer while one types."""
    samples = Sample.objects.current().visible_to(user)
    lots = Lot.objects.current().visible_to(user).select_related("material")
    if project is not None:
        samples, lots = samples.filter(project=project), lots.filter(project=project)
    return {
        "input_codes": [
            *((code, "") for code in _newest(samples)),
            *((one.code, f"lot of {one.material}") for one in lots[:CODES_OFFERED]),
        ],
        "parameter_names": sorted(PARAMETER_UNITS),
        "atmospheres": sorted(set(GASES.values())),
    }


def _newest(samples):
    return samples.order_by("-pk").values_list("code", flat=True)[:CODES_OFFERED]


@login_required
def process(request):
    """The cells, the programme and the time of a form as they are understood."""
    data = request.POST or request.GET
    form_class = MakingForm if "made-kind" in data else ActForm
    form = form_class(data, user=request.user, project=asked_project(request))
    context = {
        "tables": [one for one in form.tables() if one.total_name in data],
        "asks_composition": "asks_composition" in data,
        **understood_parts(form),
    }
    return render(request, "processes/understood.html", context)


@login_required
@require_GET
def fill_in(request):
    """The part of a form that a protocol fills in."""
    prefix = request.GET.get("prefix") or None
    chosen = request.GET.get(f"{prefix}-protocol" if prefix else "protocol")
    if not chosen:
        # What the form holds stays: no protocol says nothing.
        return HttpResponse(headers={"HX-Reswap": "none"})
    protocol = find(Protocol.objects.all(), request, uuid=as_uuid(chosen))
    form = ActForm(
        user=request.user,
        project=protocol.project,
        prefix=prefix,
        initial={
            "kind": protocol.kind,
            "state": protocol.state,
            "notes": protocol.notes,
        },
        rows=protocol_tables(protocol),
    )
    oob = [form[name] for name in ("kind", "state", "notes")]
    for bound in oob:
        bound.field.widget.attrs["hx-swap-oob"] = "true"
    context = {"form": form, "oob": oob, **understood_parts(form)}
    return render(request, "processes/act.html", context)


@login_required
def composition(request):
    """What a composition is understood as."""
    context = {
        "understood": read_composition(
            asked_project(request),
            request.GET.get("composition", ""),
            request.GET.get("basis", ""),
        ),
        "creates_materials": "create_materials" in request.GET,
    }
    return render(request, "samples/logging/understood.html", context)
