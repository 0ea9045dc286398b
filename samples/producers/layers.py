"""Facts from the layers of stacks: ``layer.<role>.<property>``.

A sample without a stack of its own has that of the sample it was taken from. The first
layer of a role answers; further ones of the same role are labelled ``2``, ``3`` …,
counted from the substrate. A described stack that lacks a layer which many devices do
without has ``none`` there: the control of a study is not one of which nothing is known.
"""

from labdata.common.variables import VariableSpec
from samples.facts import FactRow
from samples.models import Layer, Origin, Stack

OFTEN_LEFT_OUT = (Layer.Role.INTERLAYER, Layer.Role.PASSIVATION)
NONE = "none"
ARCHITECTURE = VariableSpec("device.architecture", "Architecture", None, "text")
NUMBERS = {
    "thickness": ("Thickness", "nm"),
    "rate": ("Deposition rate", "Å/s"),
    "speed": ("Highest spin speed", "rpm"),
    "duration": ("Coating time", "s"),
    "concentration": ("Concentration", "mg/mL"),
    "temperature": ("Annealing temperature", "°C"),
    "dwell": ("Annealing time at the highest temperature", "min"),
}
TEXTS = {
    "material": "Material",
    "composition": "Composition",
    "method": "Deposition",
    "antisolvent": "Antisolvent",
    "solvent": "Solvent",
    "atmosphere": "Annealing atmosphere",
}


def layer_facts(recorded):
    """What is known of the layers, for the samples and their cells alike."""
    stacks = _stack_of_each(recorded)
    if not stacks:
        return
    layers = {}
    for layer in (
        Layer.objects.filter(stack_id__in=set(stacks.values()))
        .select_related("material", "composition")
        .order_by("stack_id", "position")
    ):
        layers.setdefault(layer.stack_id, []).append(layer)
    known = {
        pk: list(_facts_of(stack, layers.get(pk, [])))
        for pk, stack in Stack.objects.in_bulk(set(stacks.values())).items()
    }
    origin = Origin.MANUAL.value
    for sample_id, subjects in recorded.subjects.items():
        stated = known.get(stacks.get(sample_id), ())
        for subject in subjects:
            subject_id = subject.pk
            # Positions, not names: a plan states some hundred thousand of these.
            for spec, label, value, text in stated:
                yield FactRow(
                    *(subject_id, sample_id, spec, label, not label, value, text),
                    origin=origin,
                )


def _stack_of_each(recorded):
    """Map samples to the stack they have: their own, else the nearest ancestor's."""
    nearest = {}
    for ancestor in recorded.ancestors:
        if ancestor.stack is not None:
            found = nearest.setdefault(ancestor.descendant, [])
            found.append((ancestor.depth, ancestor.stack))
    stacks = {}
    for sample_id, found in nearest.items():
        found.sort()
        # Two parents as near as each other with stacks of their own: neither speaks.
        if len(found) == 1 or found[0][0] < found[1][0]:
            stacks[sample_id] = found[0][1]
    return stacks


def _facts_of(stack, layers):
    if stack.architecture:
        yield ARCHITECTURE, "", None, stack.get_architecture_display()
    for role in OFTEN_LEFT_OUT if layers else ():
        if not any(layer.role == role for layer in layers):
            key = f"layer.{role}.material"
            words = f"{TEXTS['material']}, {role.label.lower()}"
            yield VariableSpec(key, words, None, "text"), "", None, NONE
    counted = {}
    for layer in layers:
        counted[layer.role] = counted.get(layer.role, 0) + 1
        label = "" if counted[layer.role] == 1 else str(counted[layer.role])
        where = layer.get_role_display().lower()
        for name, value in known_of(layer).items():
            key = f"layer.{layer.role}.{name}"
            if name in NUMBERS:
                words, unit = NUMBERS[name]
                spec = VariableSpec(key, f"{words}, {where}", unit)
                yield spec, label, float(value), ""
            else:
                spec = VariableSpec(key, f"{TEXTS[name]}, {where}", None, "text")
                yield spec, label, None, str(value)


def known_of(layer):
    """The properties of one layer that are known, by name."""
    steps = [step for step in layer.steps if step]
    speeds = [step["speed"] for step in steps if "speed" in step]
    durations = [step["duration"] for step in steps if "duration" in step]
    antisolvents = [step["antisolvent"] for step in steps if "antisolvent" in step]
    solutes = layer.solution.get("solutes", [])
    solvents = layer.solution.get("solvents", [])
    hottest = max(
        (one for one in layer.program if one.get("end_temperature") is not None),
        key=lambda one: one["end_temperature"],
        default={},
    )
    known = {
        "material": layer.material.name if layer.material_id else None,
        "composition": layer.composition.text if layer.composition_id else None,
        "method": layer.get_method_display() or None,
        "thickness": layer.thickness,
        "rate": layer.rate,
        "speed": max(speeds, default=None),
        "duration": sum(durations)
        if durations and len(durations) == len(steps)
        else None,
        "antisolvent": ", ".join(antisolvents) or None,
        "solvent": ", ".join(one["name"] for one in solvents) or None,
        "concentration": _concentration(solutes),
        "temperature": hottest.get("end_temperature"),
        "dwell": hottest.get("dwell"),
        "atmosphere": hottest.get("atmosphere"),
    }
    return {name: value for name, value in known.items() if value is not None}


def _concentration(solutes):
    """That of the only solute, where it was stated by mass and volume."""
    if len(solutes) != 1 or solutes[0].get("unit") != "mg/mL":
        return None
    return solutes[0].get("concentration")
