"""How a sample was made: the process graph as a tree, read from the sample back."""

from dataclasses import dataclass, field

from django.db.models import Prefetch, Q

from labdata.site.drawings.programme import segments_of
from samples import thermal
from samples.models import Ancestry, Process, ProcessInput, ProcessOutput, Sample

MOST_SAMPLES = 300


@dataclass
class Step:
    """A sample (None where one may not see it), the act that made it, its parents."""

    sample: Sample | None
    made_by: Process | None = None
    acts: list[Process] = field(default_factory=list)
    lots: list[ProcessInput] = field(default_factory=list)
    parents: list["Step"] = field(default_factory=list)
    is_repeated: bool = False


@dataclass
class Family:
    """A sample with its ancestors and descendants, and the acts between them."""

    sample: Sample
    visible: dict[int, Sample]
    makers: dict[int, Process]
    acts: dict[int, list[Process]]
    ancestor_count: int = 0
    descendant_count: int = 0

    def consumers(self):
        """The acts each sample went into, in their order."""
        found = {}
        for maker in self.makers.values():
            for entry in maker.inputs.all():
                if entry.sample_id is not None:
                    found.setdefault(entry.sample_id, {})[maker.pk] = maker
        return {pk: list(acts.values()) for pk, acts in found.items()}


def read_family(user, sample):
    """Read the nearest ancestors and descendants, in a fixed number of queries."""
    up = Ancestry.objects.filter(descendant=sample, depth__gt=0)
    down = Ancestry.objects.filter(ancestor=sample, depth__gt=0)
    order = ("depth", "pk")
    ids = [
        sample.pk,
        *up.order_by(*order).values_list("ancestor_id", flat=True)[:MOST_SAMPLES],
        *down.order_by(*order).values_list("descendant_id", flat=True)[:MOST_SAMPLES],
    ]
    makers, acts = _processes(user, ids)
    # What else went into an act on the way down is neither above nor below.
    beside = {
        entry.sample_id for maker in makers.values() for entry in maker.inputs.all()
    }
    visible = (
        Sample.objects.visible_to(user)
        .select_related("composition")
        .in_bulk({*ids, *beside} - {None})
    )
    return Family(sample, visible, makers, acts, up.count(), down.count())


def trace(family):
    """Follow a sample back to what it was made from."""
    return _step(family.sample.pk, family.visible, family.makers, family.acts, set())


def _processes(user, sample_ids):
    """The acts that made each sample, and those that changed it in place."""
    processes = (
        Process.objects.current()
        .visible_to(user)
        .filter(
            Q(outputs__sample_id__in=sample_ids)
            | Q(in_place=True, inputs__sample_id__in=sample_ids)
        )
        .distinct()
        .order_by("started_at", "pk")
        .prefetch_related(
            "program",
            Prefetch(
                "inputs",
                ProcessInput.objects.select_related("lot__material").order_by("pk"),
            ),
            Prefetch("outputs", ProcessOutput.objects.order_by("pk")),
        )
    )
    makers, acts = {}, {}
    for process in processes:
        summary = thermal.summary(segments_of(process.program.all()))
        process.peak = summary.maximum_temperature
        if process.in_place:
            for entry in process.inputs.all():
                acts.setdefault(entry.sample_id, []).append(process)
        for entry in process.outputs.all():
            makers[entry.sample_id] = process
    return makers, acts


def _step(sample_id, visible, makers, acts, seen):
    sample = visible.get(sample_id)
    if sample is None:
        return Step(None)
    step = Step(sample, makers.get(sample_id), acts.get(sample_id, []))
    if step.made_by is None:
        return step
    if sample_id in seen:
        step.is_repeated = True
        return step
    seen.add(sample_id)
    for entry in step.made_by.inputs.all():
        if entry.lot_id:
            step.lots.append(entry)
        else:
            step.parents.append(_step(entry.sample_id, visible, makers, acts, seen))
    return step


def inherited_composition(user, sample):
    """The composition a sample has, and the ancestor it comes from if not its own."""
    if sample.composition_id:
        return sample.composition, None
    source = (
        Sample.objects.visible_to(user)
        .filter(
            pk__in=Ancestry.objects.filter(descendant=sample).values("ancestor_id"),
            composition__isnull=False,
        )
        .select_related("composition")
        .order_by("pk")
    )
    depths = dict(
        Ancestry.objects.filter(descendant=sample).values_list("ancestor_id", "depth")
    )
    nearest = min(source, key=lambda one: depths[one.pk], default=None)
    return (nearest.composition, nearest) if nearest else (None, None)
