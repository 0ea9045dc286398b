"""In what two samples differ: what they are, and how they were made."""

from dataclasses import dataclass

from labdata.site.kit.acts.starts import maker_of
from samples.models import Process


@dataclass(frozen=True, slots=True)
class Difference:
    label: str
    one: str
    other: str


def what_differs(one, other):
    """The fields of two samples and of their making that are not alike."""
    told, untold = _describe(one), _describe(other)
    return [
        Difference(label, told.get(label, ""), untold.get(label, ""))
        for label in dict.fromkeys([*told, *untold])
        if told.get(label, "") != untold.get(label, "")
    ]


def _describe(sample):
    words = {
        "kind": sample.get_kind_display(),
        "composition": sample.composition.text if sample.composition else "",
        "batch": sample.batch.code if sample.batch else "",
        "location": sample.location,
        "extra fields": str(sorted(sample.extra.items())),
    }
    process = maker_of(sample)
    if process is None:
        return words
    process = Process.objects.prefetch_related(
        "inputs__sample", "inputs__lot", "program"
    ).get(pk=process.pk)
    return words | describe_process(process)


def describe_process(process):
    """A process in words, part by part."""
    inputs = (
        f"{entry}"
        if entry.amount is None
        else f"{entry} {entry.amount:g} {entry.unit}".strip()
        for entry in process.inputs.all()
    )
    return {
        "process": process.get_kind_display(),
        "protocol": str(process.protocol or ""),
        "inputs": ", ".join(inputs),
        "programme": "; ".join(str(one) for one in process.program.all()),
        "conditions": ", ".join(
            f"{name} {_value(value)}" for name, value in process.parameters.items()
        ),
        "operator": process.operator,
        "state": process.get_state_display(),
    }


def _value(value):
    if isinstance(value, dict):
        return f"{value['value']:g} {value['unit']}"
    return f"{value:g}" if isinstance(value, float) else str(value)
