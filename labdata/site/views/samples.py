"""Everything about one sample."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import render

from analysis.models import PropertyValue
from labdata.common.quantities import quantities
from labdata.site.drawing import draw_program, tabulate_program
from labdata.site.lineage import inherited_composition, trace
from labdata.site.views.base import (
    find,
    may_write,
    readable_changes,
)
from measurements.models import Dataset, Measurement
from samples.facts import in_place_acts
from samples.models import Ancestry, ExtraField, Sample, Subject

MEASUREMENTS_SHOWN = 50
DESCENDANTS_SHOWN = 50
ORIGINS = ("computed", "simulated", "manual", "reported")


@login_required
def sample(request, uuid):
    """Everything about one sample: what, in which state, known, made, measured."""
    row = find(
        Sample.objects.select_related(
            "project", "composition", "batch", "control", "owner"
        ).prefetch_related("tags", "files__blob"),
        request,
        uuid=uuid,
    )
    composition, inherited_from = inherited_composition(request.user, row)
    measurements = (
        Measurement.objects.current()
        .filter(sample=row)
        .select_related("parsing", "subject__process", "instrument")
        .order_by("-pk")
    )
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
    shown = list(measurements[:MEASUREMENTS_SHOWN])
    _add_datasets(shown)
    step = trace(request.user, row)
    context = {
        "sample": row,
        "composition": composition,
        "components": composition.components.select_related("material")
        if composition
        else (),
        "inherited_from": inherited_from,
        "acts": in_place_acts([row.pk]).get(row.pk, []),
        "extra": _extra(row),
        "values": standing,
        "other_values": others,
        "has_states": any(value.state_words != "as made" for value in standing),
        "is_simulated": any(value.origin == "simulated" for value in standing)
        or any(one.origin == "simulated" for one in shown),
        "step": step,
        "programs": _programs(step),
        "measurements": shown,
        "measurement_count": measurements.count(),
        "descendants": descendants[:DESCENDANTS_SHOWN],
        "descendant_count": descendants.count(),
        "history": readable_changes(row),
        "can_write": may_write(request.user, row.project),
    }
    return render(request, "samples/sample.html", context)


def _values(row):
    """The values that stand, other origins of one beside it, and those that do not."""
    found = list(
        PropertyValue.objects.filter(sample=row)
        .with_standing()
        .with_state()
        .select_related("run", "measurement")
        .order_by("quantity", "label", "-pk")
    )
    states = Subject.objects.select_related("process", "sample").in_bulk(
        {value.state_id for value in found}
    )
    for value in found:
        value.spec = quantities.get(value.quantity)
        value.unit = value.spec.unit if value.spec else ""
        value.state_words = _state_words(states.get(value.state_id))
        value.beside = []
    found.sort(
        key=lambda one: (
            one.quantity,
            one.label,
            one.state_id,
            not one.is_accepted,
            ORIGINS.index(one.origin),
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
