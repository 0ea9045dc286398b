"""Everything about one sample."""

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.db.models import Count, Max, Prefetch, Q, Window
from django.db.models.functions import RowNumber
from django.shortcuts import redirect, render
from django.urls import reverse

from analysis.models import PropertyValue
from labdata.common.measures.quantities import quantities
from labdata.site.drawings.ancestry import inherited_composition, read_family, trace
from labdata.site.drawings.device_part import device_part
from labdata.site.drawings.lineage import draw_lineage
from labdata.site.drawings.programme import draw_program, tabulate_program
from labdata.site.kit.pages import find, may_write, readable_changes
from labdata.site.kit.results.device_results import results_of
from measurements.models import Dataset, File, Measurement
from measurements.store.pictures import is_photograph
from samples.models import Ancestry, ExtraField, Origin, Sample, Subject
from samples.recorded import in_place_acts

FIRST_SHOWN, MORE_SHOWN = 12, 12
DESCENDANTS_SHOWN = 50


@login_required
def sample(request, uuid):
    """Everything about one sample: what, in which state, known, made, measured."""
    row = find(
        Sample.objects.select_related(
            "project", "composition", "batch", "control", "owner"
        ).prefetch_related(
            "tags", Prefetch("files", File.objects.current().select_related("blob"))
        ),
        request,
        uuid=uuid,
    )
    composition, inherited_from = inherited_composition(request.user, row)
    descendants = (
        Sample.objects.current()
        .visible_to(request.user)
        .filter(
            pk__in=Ancestry.objects.filter(ancestor=row, depth__gt=0).values(
                "descendant_id"
            )
        )
        .order_by("code")
    )
    standing, others = _values(row)
    device = device_part(row)
    of_cells = [value for value in standing if value.cell_words]
    if device is not None:
        # They stand with the cells, where they are told apart.
        standing = [value for value in standing if not value.cell_words]
    groups = measurement_groups(row)
    family = read_family(request.user, row)
    step = trace(family)
    context = {
        "sample": row,
        "composition": composition,
        "components": composition.components.select_related("material")
        if composition
        else (),
        "inherited_from": inherited_from,
        "device": device,
        "results": _results(request, row, device),
        "cell_values": of_cells if device else (),
        "acts": in_place_acts([row.pk]).get(row.pk, []),
        "extra": _extra(row),
        "values": standing,
        "other_values": others,
        "has_states": any(value.state_words != "as made" for value in standing),
        "is_simulated": any(value.origin == "simulated" for value in standing)
        or any(group["simulated"] for group in groups),
        "step": step,
        "lineage": draw_lineage(family),
        "programs": _programs(step),
        "groups": groups,
        "measurement_count": sum(group["count"] for group in groups),
        "descendants": descendants[:DESCENDANTS_SHOWN],
        "descendant_count": family.descendant_count,
        "photos": [f for f in row.files.all() if is_photograph(f.name)],
        "files": [f for f in row.files.all() if not is_photograph(f.name)],
        "history": readable_changes(row),
        "can_write": may_write(request.user, row.project),
    }
    return render(request, "samples/sample.html", context)


def _results(request, row, device):
    """What was measured on the cells of a device, coloured by what is asked for."""
    if device is None or not device.cells:
        return None
    return results_of(
        row,
        quantity=request.GET.get("quantity", ""),
        which=request.GET.get("which", ""),
        stack=device.stack,
    )


def _values(row):
    """The values that stand, other origins of one beside it, and those that do not."""
    found = list(
        PropertyValue.objects.filter(sample=row)
        .with_standing()
        .with_state()
        .select_related("run", "measurement", "subject__cell")
        .order_by("quantity", "label", "-pk")
    )
    states = Subject.objects.select_related("process", "sample", "cell").in_bulk(
        {value.state_id for value in found}
    )
    for value in found:
        value.spec = quantities.get(value.quantity)
        value.unit = value.spec.unit if value.spec else ""
        state = states.get(value.state_id)
        value.state_words = _state_words(state)
        value.cell_words = f"cell {state.cell}" if state and state.cell_id else ""
        if value.cell_words:
            value.state_words = f"{value.cell_words}, {value.state_words}"
        value.beside = []
    found.sort(
        key=lambda one: (
            one.quantity,
            one.label,
            one.state_id,
            not one.is_accepted,
            Origin(one.origin).trust,
            -one.pk,
        )
    )
    standing = []
    for value in found:
        if not value.is_current:
            continue
        last = standing[-1] if standing else None
        if last and _is_same(last, value):
            last.beside.append(value)
        else:
            standing.append(value)
    return standing, [value for value in found if not value.is_current]


def _is_same(one, other):
    """Whether two values are about one quantity of one state of the sample."""
    return (one.quantity, one.label, one.state_id) == (
        other.quantity,
        other.label,
        other.state_id,
    )


def _measurements(row):
    return (
        Measurement.objects.current()
        .filter(sample=row)
        .select_related("parsing", "subject__process", "instrument")
    )


def measurement_groups(row):
    """The measurements of a sample by technique: exact counts, and the newest few."""
    counted = (
        Measurement.objects.current()
        .filter(sample=row)
        .order_by()
        .values("technique")
        .annotate(
            count=Count("pk"),
            simulated=Count("pk", filter=Q(origin=Origin.SIMULATED)),
            newest=Max("pk"),
        )
        .order_by("-newest")
    )
    groups = list(counted)
    share = max(1, FIRST_SHOWN // max(len(groups), 1))
    place = Window(RowNumber(), partition_by="technique", order_by="-pk")
    newest = list(
        _measurements(row)
        .annotate(place=place)
        .filter(place__lte=share)
        .order_by("-pk")
    )
    _add_datasets(newest)
    for group in groups:
        group["rows"] = [m for m in newest if m.technique == group["technique"]]
        group["label"] = group["rows"][0].get_technique_display()
        group["next"] = share if group["count"] > share else None
    return groups


@login_required
def sample_measurements(request, uuid):
    """The next measurements of one technique of a sample, to stand below the first."""
    row = find(Sample.objects.all(), request, uuid=uuid)
    technique = request.GET.get("technique", "")
    if not request.htmx:
        address = reverse("site:measurements")
        query = urlencode({"sample": row.uuid, "technique": technique})
        return redirect(f"{address}?{query}")
    given = request.GET.get("from", "")
    start = int(given) if given.isdecimal() and len(given) < 9 else 0
    end = start + MORE_SHOWN
    found = _measurements(row).filter(technique=technique).order_by("-pk")
    rows = list(found[start : end + 1])
    _add_datasets(rows[:MORE_SHOWN])
    group = {
        "technique": technique,
        "rows": rows[:MORE_SHOWN],
        "next": end if len(rows) > MORE_SHOWN else None,
    }
    context = {"sample": row, "group": group}
    return render(request, "samples/measured.html", context)


def _add_datasets(measurements):
    """Give each measurement the dataset its small plot shows, in one query."""
    first = {}
    for one in (
        Dataset.objects.current()
        .without_arrays()
        .filter(measurement__in=measurements, is_result=False, region__isnull=True)
        .order_by("-pk")
    ):
        first[one.measurement_id] = one
    for measurement in measurements:
        measurement.first_dataset = first.get(measurement.pk)
        measurement.state_words = _state_words(measurement.subject)


def _state_words(subject):
    """The state of a sample in words, such as "after ageing"."""
    if subject is None or subject.process_id is None:
        return "as made"
    return f"{subject.get_relation_display()} {str(subject.process).lower()}"


def _programs(step):
    """The acts of a sample that followed a thermal programme, with their drawings."""
    acts = [step.made_by, *step.acts] if step.made_by else step.acts
    found = [act for act in acts if act.program.all()]
    for act in found:
        act.drawing = draw_program(act.program.all())
        act.tabulated = tabulate_program(act.program.all())
    return found


def _extra(row):
    fields = ExtraField.objects.filter(
        project=row.project, target=ExtraField.Target.SAMPLE
    )
    return [(one, row.extra[one.key]) for one in fields if one.key in row.extra]
