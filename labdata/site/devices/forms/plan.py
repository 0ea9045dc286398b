"""The form of a plan: a standard device, what varies of it, how many, their codes."""

from dataclasses import dataclass

from django import forms

from labdata.common.api.errors import NestedValidationError
from labdata.common.measures.units import UnitError, convert, find_unit
from labdata.site.devices.forms.layers import UNIT_OF, plain
from labdata.site.drawings.stack import ROLES, substance_of
from labdata.site.kit.forms import (
    Column,
    LabForm,
    RowTable,
    flat,
    messages_of,
    project_field,
)
from samples.models import Sample
from samples.series.errors import SeriesError
from samples.series.values import parse_values
from samples.thermal import UNITS

MOST_REPLICATES = 100
STEP_PROPERTIES = (
    ("speed", "spin speed"),
    ("acceleration", "acceleration"),
    ("duration", "spin time"),
    ("antisolvent", "antisolvent"),
    ("antisolvent_volume", "volume of antisolvent"),
    ("antisolvent_time", "time of antisolvent"),
)
SEGMENT_PROPERTIES = (
    ("end_temperature", "annealing temperature"),
    ("dwell", "annealing time"),
    ("atmosphere", "annealing atmosphere"),
)


@dataclass(frozen=True, slots=True)
class Property:
    """Something of a layer that a plan can vary; without a unit it is a text."""

    path: str
    words: str
    unit: str = ""

    @property
    def label(self):
        return f"{self.words} [{self.unit}]" if self.unit else self.words


def properties_of(stack):
    """All that can be varied of a described stack, in the order of its layers."""
    found, seen = [], set()
    for number, layer in enumerate(stack.get("layers") or (), 1):
        role = layer.get("role") or "other"
        # A role names its first layer; later ones are named by their number.
        path = f"layers.{number if role in seen else role}"
        seen.add(role)
        found += _properties_of(layer, path, f"{ROLES[role]} {substance_of(layer)}")
    return found


def _properties_of(layer, path, words):
    substance = "composition" if layer.get("composition") else "material"
    yield Property(f"{path}.{substance}", f"{words}: {substance}")
    yield Property(f"{path}.thickness", f"{words}: thickness", "nm")
    if layer.get("rate") is not None:
        yield Property(f"{path}.rate", f"{words}: deposition rate", UNIT_OF["rate"])
    solutes = (layer.get("solution") or {}).get("solutes") or ()
    for index, one in enumerate(solutes, 1):
        yield Property(
            f"{path}.solution.solutes.{index}.concentration",
            f"{words}: concentration of {one.get('name')}",
            one.get("unit") or "",
        )
    for index, step in enumerate(layer.get("steps") or (), 1):
        for key, name in STEP_PROPERTIES:
            if step.get(key) not in (None, ""):
                yield Property(
                    f"{path}.steps.{index}.{key}",
                    f"{words}: {name}{_place(index, layer['steps'])}",
                    UNIT_OF.get(key, ""),
                )
    for index, segment in enumerate(layer.get("program") or (), 1):
        for key, name in SEGMENT_PROPERTIES:
            if segment.get(key) not in (None, ""):
                yield Property(
                    f"{path}.program.{index}.{key}",
                    f"{words}: {name}{_place(index, layer['program'])}",
                    UNITS.get(key, ""),
                )


def _place(index, rows):
    return f", step {index}" if len(rows) > 1 else ""


def split_texts(text):
    """Names separated by lines, semicolons, tabs, or commas that a space follows."""
    for sign in ("\n", "\t", ", "):
        text = text.replace(sign, ";")
    return [part.strip() for part in text.split(";") if part.strip()]


class PlanForm(LabForm):
    """What is planned; ``stack`` is the standard device it varies."""

    aliases = {"code": "pattern"}

    project = forms.CharField()
    batch = forms.CharField(
        max_length=60, help_text="The devices are found together by it."
    )
    pattern = forms.CharField(
        max_length=200,
        label="Codes",
        help_text="{n:02} counts, {interlayer} is what is varied of that layer.",
    )
    replicates = forms.IntegerField(
        min_value=1,
        max_value=MOST_REPLICATES,
        label="Devices of each kind",
        initial=1,
    )
    kind = forms.ChoiceField(choices=Sample.Kind.choices, initial=Sample.Kind.DEVICE)
    pairwise = forms.ChoiceField(
        required=False,
        label="Combine",
        choices=[
            ("", "every value with every other"),
            ("yes", "first with first, second with second"),
        ],
    )

    def __init__(self, data=None, *args, user, stack, **kwargs):
        super().__init__(data, *args, **kwargs)
        self.properties = {one.path: one for one in properties_of(stack)}
        self.fields["project"] = project_field(user)
        self.order_fields(["project"])
        choices = [("", "What varies"), *((p, o.label) for p, o in self._listed())]
        self.variations = RowTable(
            "variations",
            (
                Column("path", "What varies", tuple(choices)),
                Column("values", "Values"),
            ),
            data=data,
        )

    def _listed(self):
        return self.properties.items()

    def told_variations(self):
        """What varies as the service takes it.

        Raises
        ------
        NestedValidationError
            At the row whose values cannot be read.
        """
        told, wrong = [], {}
        for index, row in enumerate(self.variations.values()):
            spec = self.properties.get(row["path"] or "")
            if spec is None:
                wrong[index] = {"path": ["Choose what varies."]}
                continue
            try:
                values = read_values(row["values"] or "", spec)
            except (SeriesError, UnitError) as error:
                wrong[index] = {"values": [f"{error}".strip().capitalize()]}
                continue
            told.append({"path": spec.path, "values": values})
        if wrong:
            raise NestedValidationError({"variations": wrong})
        return told

    def take(self, error):
        """What is said of no row in particular stands below the table."""
        nested = dict(messages_of(error))
        for name in ("variations", "rows", "layers"):
            if name in nested and not (name == "variations" and _is_by_row(nested)):
                self.variations.errors += dict.fromkeys(_texts(nested.pop(name)))
        super().take(NestedValidationError(nested))


def _is_by_row(nested):
    return isinstance(nested["variations"], dict)


def texts_of(error):
    """Every message of a refusal, without the places they belong to."""
    return _texts(messages_of(error))


def _texts(messages):
    """The messages alone: the places they name are of what is planned, not typed."""
    if isinstance(messages, dict):
        return [text for inner in messages.values() for text in _texts(inner)]
    return flat(messages)


def read_values(text, spec):
    """The values typed for a property: numbers in its unit, or texts.

    Raises
    ------
    SeriesError, UnitError
        With what was read.
    """
    if not spec.unit:
        values = split_texts(text)
        if not values:
            raise SeriesError("there are no values: write one after each other")
        return values
    numbers = []
    for value in parse_values(text.replace("\n", "; ")):
        if value.number is None:
            raise SeriesError(f"{value.text!r} is no number of {spec.unit}")
        number = float(value.number)
        if value.unit:
            number = convert(number, find_unit(value.unit).symbol, spec.unit)
        numbers.append(plain(number))
    return numbers
