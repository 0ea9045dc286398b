"""Facts from how a sample was made: the processes of its whole descent.

A sample knows the conditions of every done process that led to it, its ancestors'
included. The nearest act of a kind answers when none is named; all of them are
numbered in the order they happened: ``process.sintering.temperature[1]``. Where two
equally near acts of a kind disagree (two parents, say), none of them is the default.
"""

from collections import defaultdict
from dataclasses import replace
from typing import NamedTuple

from labdata.common.variables import VariableSpec
from samples.models import ExtraField, Process, Protocol, Relation
from samples.models import Segment as SegmentRow
from samples.producers.fields import extra_fields, extra_spec, stated
from samples.recorded import happened
from samples.services.parameters import PARAMETER_UNITS
from samples.thermal import Segment, summary

PROGRAM_VARIABLES = {
    "temperature": ("Maximum temperature", "°C", "number"),
    "dwell": ("Dwell at the maximum", "min", "number"),
    "ramp": ("Heating ramp", "°C/min", "number"),
    "gas_flow": ("Gas flow", "mL/min", "number"),
    "pressure": ("Pressure", "Pa", "number"),
    "duration": ("Duration", "min", "number"),
    "atmosphere": ("Atmosphere", None, "text"),
    "cooling": ("Cooling", None, "text"),
}


class Act(NamedTuple):
    """A process in a sample's history, ``distance`` generations away."""

    process: Process
    distance: int


def process_facts(recorded):
    """The conditions under which the samples, in their states, came to be."""
    histories = _histories(recorded)
    known = _conditions(
        {act.process for acts in histories.values() for act in acts}
        | {
            process
            for sample_id in recorded.sample_ids
            for process in recorded.acts.get(sample_id, ())
        }
    )
    if not known:
        return
    for sample_id, subjects in recorded.subjects.items():
        for subject in subjects:
            acts = histories[sample_id] + [
                Act(process, 0)
                for process in _acts_until(subject, recorded.acts.get(sample_id, []))
            ]
            yield from _facts_of(subject, acts, known)


def _acts_until(subject, acts):
    """The acts on a sample that lie behind a state of it."""
    if subject.process_id is None:
        return []
    for index, process in enumerate(acts):
        if process.pk == subject.process_id:
            return acts[: index if subject.relation == Relation.BEFORE else index + 1]
    return []


def _histories(recorded):
    """For each sample the acts that led to it, oldest generation first."""
    descent = {pk: [] for pk in recorded.sample_ids}
    for ancestor in recorded.ancestors:
        descent[ancestor.descendant].append(ancestor)
    histories = {}
    for sample_id, ancestors in descent.items():
        acts = []
        for ancestor in ancestors:
            maker = recorded.makers.get(ancestor.sample)
            if maker is not None:
                acts.append(Act(maker, 2 * ancestor.depth + 1))
            if ancestor.depth:
                acts += [
                    Act(process, 2 * ancestor.depth)
                    for process in recorded.acts.get(ancestor.sample, ())
                ]
        # Samples split from one ancestor share its maker: one act, the nearest way.
        nearest = {}
        for act in sorted(acts, key=lambda a: (-a.distance, happened(a.process))):
            nearest.pop(act.process.pk, None)
            nearest[act.process.pk] = act
        histories[sample_id] = list(nearest.values())
    return histories


def _conditions(processes):
    """What is known of each process: variable to value."""
    if not processes:
        return {}
    programs = defaultdict(list)
    segments = SegmentRow.objects.filter(process_id__in={p.pk for p in processes})
    for segment in segments.order_by("position"):
        programs[segment.process_id].append(segment)
    protocols = {}
    if followed := {p.protocol_id for p in processes} - {None}:
        named = Protocol.objects.filter(pk__in=followed)
        protocols = dict(named.values_list("pk", "name"))
    fields = extra_fields(
        {p.project_id for p in processes if p.extra}, ExtraField.Target.PROCESS
    )
    return {
        process.pk: _conditions_of(
            process, programs[process.pk], protocols.get(process.protocol_id), fields
        )
        for process in processes
    }


def _conditions_of(process, program, protocol, fields):
    prefix = f"process.{process.kind}"
    kind = process.get_kind_display()
    told = {}

    def tell(name, label, unit, value_kind, value):
        spec = VariableSpec(f"{prefix}.{name}", f"{label}, {kind.lower()}", unit)
        told[spec.key] = (replace(spec, kind=value_kind), value)

    segments = [
        Segment(
            s.start_temperature,
            s.end_temperature,
            s.ramp,
            s.dwell,
            s.atmosphere or None,
            s.gas_flow,
            s.pressure,
            s.cooling or None,
        )
        for s in program
    ]
    if segments:
        for name, value in program_summary(segments).items():
            if value is not None:
                tell(name, *PROGRAM_VARIABLES[name], value)
    for name, value in process.parameters.items():
        label = name.replace("_", " ").capitalize()
        if isinstance(value, dict):
            tell(name, label, value["unit"], "number", value["value"])
        elif isinstance(value, int | float):
            tell(name, label, PARAMETER_UNITS.get(name), "number", value)
        else:
            tell(name, label, None, "text", value)
    if protocol is not None:
        tell("protocol", "Protocol", None, "text", protocol)
    if process.operator:
        tell("operator", "Operator", None, "text", process.operator)
    for key, value in process.extra.items():
        field = fields.get((process.project_id, key))
        if field is not None:
            spec = extra_spec(prefix, field)
            told[spec.key] = (spec, value)
    return told


def program_summary(segments):
    """A programme's variables by name; None where the programme does not tell."""
    told = summary(segments)
    return {
        "temperature": told.maximum_temperature,
        "dwell": told.dwell,
        "ramp": told.ramp,
        "gas_flow": told.gas_flow,
        "pressure": told.pressure,
        "duration": told.duration,
        "atmosphere": ", ".join(told.atmospheres) or None,
        "cooling": told.cooling,
    }


def _facts_of(subject, acts, known):
    """Facts of one subject from its acts, which come oldest first."""
    by_variable = defaultdict(list)
    steps = defaultdict(int)
    for act in acts:
        steps[act.process.kind] += 1
        for spec, value in known.get(act.process.pk, {}).values():
            by_variable[spec.key].append(
                (steps[act.process.kind], act.distance, spec, value)
            )
    for entries in by_variable.values():
        default = _default_step(entries)
        for step, _, spec, value in entries:
            yield stated(
                subject, spec, value, label=str(step), is_default=step == default
            )


def _default_step(entries):
    nearest = min(distance for _, distance, _, _ in entries)
    near = [entry for entry in entries if entry[1] == nearest]
    # Acts in place on one sample follow each other: the last one counts. Acts on
    # different parents do not.
    if nearest % 2 and len({repr(value) for _, _, _, value in near}) > 1:
        return None
    return near[-1][0]
