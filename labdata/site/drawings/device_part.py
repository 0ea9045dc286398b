"""What a sample's page shows of its layers and cells, and a list of many devices."""

from dataclasses import dataclass

from analysis.models import PropertyValue
from analysis.named_quantities import EFFICIENCY
from labdata.site.drawings.stack import (
    METHODS,
    ROLES,
    CrossSection,
    SubstrateMap,
    draw_cross_section,
    draw_substrate,
    layer_sequence,
    substance_of,
    thickness_words,
)
from labdata.site.drawings.stack_words import layer_conditions
from samples import services
from samples.models import Architecture, Fact

# What stands in brackets there explains the name.
ARCHITECTURES = {key: words.partition(" (")[0] for key, words in Architecture.choices}


@dataclass(frozen=True)
class DevicePart:
    """The stack of a sample as its page draws and tabulates it."""

    architecture: str
    sequence: str
    section: CrossSection | None
    map: SubstrateMap | None
    rows: list
    cells: list
    stack: dict
    is_built: bool


def device_part(sample):
    """The layers and cells of a sample; None where it has neither."""
    stack = services.describe_stack(sample)
    layers, cells = stack.get("layers") or [], stack.get("cells") or []
    if not layers and not cells:
        return None
    return DevicePart(
        architecture=ARCHITECTURES.get(stack.get("architecture") or "", ""),
        sequence=layer_sequence(layers) if layers else "",
        section=draw_cross_section(layers),
        map=draw_substrate(stack),
        rows=[
            {
                "number": number,
                "role": layer.get("role"),
                "role_words": ROLES.get(layer.get("role"), ""),
                "substance": substance_of(layer),
                "thickness": thickness_words(layer),
                "method": METHODS.get(layer.get("method") or "", ""),
                "conditions": layer_conditions(layer),
            }
            for number, layer in reversed(list(enumerate(layers, 1)))
        ],
        cells=cells,
        stack=stack,
        is_built=bool(layers),
    )


@dataclass
class Efficiency:
    """The best and the latest efficiency known of a device."""

    best: Fact | None = None
    latest: Fact | None = None
    flagged: int = 0


def efficiencies(sample_ids):
    """Map samples to their efficiencies, in two queries.

    A flagged value is the best only where there is no other; how many were passed over
    is told.
    """
    facts = list(
        Fact.objects.filter(
            sample__in=sample_ids, variable__key=EFFICIENCY, value__isnull=False
        ).select_related("subject__cell")
    )
    measured = _measured_at([fact.source for fact in facts if fact.source])
    found = {}
    for sample_id in sample_ids:
        own = [fact for fact in facts if fact.sample_id == sample_id]
        if not own:
            continue
        sound = [fact for fact in own if not fact.flags]
        timed = [fact for fact in own if fact.source in measured]
        newest = max((measured[fact.source] for fact in timed), default=None)
        of_newest = [fact for fact in timed if measured[fact.source] == newest]
        found[sample_id] = Efficiency(
            best=_highest(sound or own),
            latest=_highest([f for f in of_newest if not f.flags] or of_newest),
            flagged=len(own) - len(sound),
        )
    return found


def _highest(facts):
    return max(facts, key=lambda fact: fact.value, default=None)


def _measured_at(sources):
    """When the curves were measured, or else recorded, that values were taken from."""
    values = PropertyValue.objects.filter(uuid__in=sources).values_list(
        "uuid", "measurement__measured_at", "measurement__created_at", "created_at"
    )
    return {uuid: next(t for t in times if t) for uuid, *times in values}
