"""What the form of a series begins with: a sample, a protocol, or the last series."""

import re
from dataclasses import dataclass, field

from django.utils import timezone

from labdata.common.people.preferences import preference
from labdata.site.drawings.ancestry import inherited_composition
from labdata.site.kit.acts.act_form import input_rows, parameter_rows, program_rows
from labdata.site.kit.acts.starts import last_similar, maker_of
from samples.formula import CompositionError, parse_composition
from samples.models import Batch, Sample
from samples.thermal import Segment, summary

LAST_SERIES = "series.last"
LARGEST_KEPT = 20_000
PATTERN_OF_CODES = "{batch}-{n:02}"
PLACEHOLDERS = "xyzuvw"
_AMOUNT = re.compile(r"\)\s*(?P<amount>\d*\.?\d+)")


@dataclass
class SeriesStart:
    """Values of the form before anybody typed, and where they come from."""

    initial: dict = field(default_factory=dict)
    rows: dict = field(default_factory=dict)
    sample: object = None
    protocol: object = None
    last_batch: str = ""
    focus: str = "id_composition"


def empty_start(user, project):
    """Begin with nothing but who, where and a batch named by the day."""
    return SeriesStart(
        initial={
            "project": project.slug if project else "",
            "batch": free_batch(project),
            "code": PATTERN_OF_CODES,
            "operator": user.get_full_name() or user.get_username(),
        }
    )


def start_from_sample(user, sample):
    """Vary a sample: its composition as a pattern, its making as the process."""
    start = empty_start(user, sample.project)
    start.sample = sample
    start.initial["kind"] = sample.kind
    composition, _ = inherited_composition(user, sample)
    names, fractions = [], []
    if composition is not None:
        pattern, names, fractions = composition_pattern(composition.text)
        start.initial |= {"composition": pattern, "basis": composition.basis}
        if composition.formula:
            start.initial["basis"] = ""
    process = maker_of(sample)
    if process is not None:
        start.initial |= {
            "process_kind": process.kind,
            "protocol": str(process.protocol.uuid) if process.protocol else "",
            "notes": "",
        }
        start.rows = {
            "parameters": parameter_rows(process.parameters),
            "program": program_rows(process.program.all()),
            "inputs": input_rows(process),
        }
        _take_mixture(start, process, names, fractions)
    _offer_variables(start, names)
    return start


def follow_protocol(start, protocol):
    """Make the series as a protocol says."""
    start.protocol = protocol
    start.initial |= {
        "project": protocol.project.slug,
        "process_kind": protocol.kind,
        "protocol": str(protocol.uuid),
        "state": protocol.state,
        "notes": protocol.notes,
    }
    start.rows |= {
        "parameters": parameter_rows(protocol.parameters),
        "program": program_rows(protocol.program),
    }
    names = [row["name"] for row in start.rows.get("variables", ())]
    _offer_variables(start, [name for name in names if len(name) == 1] or ["x"])
    return start


def start_like_last(user, project):
    """Begin as this person's last series, in a batch of its own."""
    start = empty_start(user, project)
    last = preference(user, LAST_SERIES)
    if not isinstance(last, dict):
        source = last_similar(user, project) if project else None
        if source is not None:
            return start_from_sample(user, source)
        start.rows = {"variables": [{"name": "x"}, {"name": "temperature"}]}
        return start
    start.initial |= {k: v for k, v in last.get("initial", {}).items() if v is not None}
    if project is not None:
        start.initial["project"] = project.slug
    start.rows = last.get("rows", {})
    start.last_batch = last.get("batch", "")
    start.focus = "id_variables-0-values"
    return start


def composition_pattern(text):
    """A composition with its fractions as placeholders, the last one the rest.

    Returns
    -------
    str, list of str, list of float
        The pattern, what stands for each fraction, and the fractions; the text as it
        is and nothing, where it is no blend of two or more.
    """
    try:
        parsed = parse_composition(text)
    except CompositionError:
        return text, [], []
    amounts = [component.amount for component in parsed.components]
    found = list(_AMOUNT.finditer(text))
    if (
        len(amounts) < 2
        or len(found) != len(amounts)
        or len(amounts) > len(PLACEHOLDERS)
        or None in amounts
    ):
        return text, [], []
    free = list(PLACEHOLDERS[: len(amounts) - 1])
    names = [*free, "-".join(["1", *free])]
    pieces, place = [], 0
    for match, name in zip(found, names, strict=True):
        pieces += [text[place : match.start("amount")], "{", name, "}"]
        place = match.end("amount")
    return "".join([*pieces, text[place:]]), names, amounts


def _take_mixture(start, process, names, fractions):
    """See whether the sample was made of a mixture; then its inputs go in."""
    entries = list(process.inputs.all())
    if len(entries) != 1 or entries[0].sample is None:
        return
    mixture = (
        Sample.objects.filter(pk=entries[0].sample_id)
        .select_related("made_by__process__protocol")
        .get()
    )
    mixing = maker_of(mixture)
    if mixing is None or mixing.kind != "mixing":
        return
    rows = input_rows(mixing)
    start.initial |= {"is_mixed": True, "precursor_kind": mixture.kind}
    amounts = [(entry.amount, entry.unit) for entry in mixing.inputs.all()]
    start.rows["inputs"] = _by_fraction(rows, amounts, names, fractions)


def _by_fraction(rows, amounts, names, fractions):
    """Masses as a share of the whole, where they are in the ratio of the fractions."""
    numbers = [number for number, _ in amounts]
    if None in numbers or len({unit for _, unit in amounts}) != 1:
        return [{"code": row["code"]} for row in rows]
    total = sum(numbers)
    unit = amounts[0][1]
    patterned = []
    for row, number in zip(rows, numbers, strict=True):
        match = [
            name
            for name, fraction in zip(names, fractions, strict=True)
            if abs(number / total - fraction) < 0.005
        ]
        if len(match) != 1:
            return rows
        share = match[0] if len(match[0]) == 1 else f"({match[0]})"
        patterned.append({**row, "amount": f"{{{total:g}{share}}} {unit}".strip()})
    return patterned


def _offer_variables(start, names):
    """The rows to fill in: what the pattern holds, then the temperature."""
    rows = [{"name": name} for name in names if len(name) == 1]
    segments = [
        Segment(**{key: _number(value) for key, value in row.items()})
        for row in start.rows.get("program", ())
    ]
    highest = summary(segments).maximum_temperature if segments else None
    if highest is not None:
        rows.append({"name": "temperature", "values": f"{highest:g}", "unit": "°C"})
    elif start.initial.get("process_kind"):
        rows.append({"name": "temperature", "unit": "°C"})
    start.rows["variables"] = rows
    start.focus = "id_variables-0-values"


def _number(value):
    try:
        return float(value)
    except (TypeError, ValueError):
        return value or None


def free_batch(project):
    """A batch named by the day that is not there yet."""
    today = f"{timezone.localdate():%Y-%m-%d}"
    if project is None:
        return today
    taken = set(
        Batch.objects.filter(project=project, code__startswith=today).values_list(
            "code", flat=True
        )
    )
    number = 1
    code = today
    while code in taken:
        number += 1
        code = f"{today}-{number}"
    return code
