"""What forms of processes and protocols share: tables of conditions and programme."""

from django import forms

from labdata.common.api.errors import NestedValidationError
from labdata.site.kit.acts.moments import as_written
from labdata.site.kit.acts.readings import (
    NOTHING,
    Reading,
    plain_quantity,
    read_amount_cell,
    read_parameter,
    read_quantity,
)
from labdata.site.kit.forms import Column, LabForm, RowTable, messages_of
from samples.models import Lot, Process, Protocol, Sample, Segment
from samples.services.parameters import PARAMETER_UNITS
from samples.thermal import UNITS

LOT_PREFIX = "lot "


def _in_unit(key):
    return lambda text, row: read_quantity(text, UNITS[key])


PARAMETERS = (
    Column("name", "Condition", suggestions="parameter-names"),
    Column(
        "value",
        "Value",
        hint="with its unit",
        read=lambda text, row: read_parameter(row.get("name") or "", text),
    ),
)
PROGRAM = (
    Column("start_temperature", "From", hint="°C", read=_in_unit("start_temperature")),
    Column("end_temperature", "To", hint="°C", read=_in_unit("end_temperature")),
    Column("ramp", "Ramp", hint="°C/min", read=_in_unit("ramp")),
    Column("dwell", "Dwell", hint="min", read=_in_unit("dwell")),
    Column("atmosphere", "Atmosphere", suggestions="atmospheres"),
    Column("gas_flow", "Gas flow", hint="mL/min", read=_in_unit("gas_flow")),
    Column("pressure", "Pressure", hint="Pa", read=_in_unit("pressure")),
    Column("cooling", "Cooling", (("", "—"), *Segment.Cooling.choices)),
)


def plain_number(value):
    """A number as one would type it: no digits more than it has."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return f"{value:.12g}"


def parameter_rows(parameters):
    """Parameters as rows of the table: a number with its unit in one cell."""
    rows = []
    for name, value in parameters.items():
        unit = PARAMETER_UNITS.get(name, "")
        if isinstance(value, dict):
            value, unit = value["value"], value["unit"]
        text = plain_number(value)
        if unit and not isinstance(value, str):
            text = f"{text} {unit}"
        rows.append({"name": name, "value": text})
    return rows


def program_rows(segments):
    """Segments, of a process or of a protocol, as rows of the table."""
    rows = []
    for one in segments:
        get = one.get if isinstance(one, dict) else lambda key, of=one: getattr(of, key)
        rows.append({column.key: plain_number(get(column.key)) for column in PROGRAM})
    return rows


def input_rows(process):
    """What went into a process as rows of the table."""
    return [
        {
            "code": (LOT_PREFIX if entry.lot_id else "")
            + (entry.lot or entry.sample).code,
            "amount": ""
            if entry.amount is None
            else f"{plain_number(entry.amount)} {entry.unit}".strip(),
        }
        for entry in process.inputs.all()
    ]


def _amount(row):
    return {"amount": row["amount"]} if row["amount"] else {}


def input_columns(read):
    return (
        Column("code", "Sample or lot", suggestions="input-codes", read=read),
        Column(
            "amount",
            "Amount",
            hint="with its unit",
            read=lambda text, row: read_amount_cell(text),
        ),
    )


def _table(name, columns, data, rows):
    """A table with what is there, or one empty row to begin with."""
    initial = rows.get(name) or ()
    return RowTable(name, columns, data=data, initial=initial, spare=not initial)


class ConditionsForm(LabForm):
    """A form with the tables of conditions and of a thermal programme."""

    def __init__(self, data=None, *args, rows=None, **kwargs):
        super().__init__(data, *args, **kwargs)
        rows = rows or {}
        self.parameters = _table("parameters", PARAMETERS, data, rows)
        self.program = _table("program", PROGRAM, data, rows)

    def parameter_values(self):
        values = {}
        for row in self.parameters.values():
            name, value = row["name"] or "", row["value"]
            if name not in PARAMETER_UNITS and value is not None:
                # A bare number is a number, so that it can be plotted.
                plain = plain_quantity(value)
                value = value if plain is None else plain
            values[name] = value
        return values

    def take(self, error):
        super().take(error)
        # Parameters are refused by name, and the table knows only rows.
        names = {row[0].value: row for row in self.parameters.rows}
        kept = []
        for text in self.parameters.errors:
            name, _, message = text.partition(": ")
            if name in names:
                names[name][1].errors.append(message)
            else:
                kept.append(text)
        self.parameters.errors = kept


class ActForm(ConditionsForm):
    """What is told of an act, whatever it made: inputs, conditions, time, operator."""

    aliases = {"zone": "started_at"}

    protocol = forms.ChoiceField(required=False)
    kind = forms.ChoiceField(choices=[("", "Choose a kind"), *Process.Kind.choices])
    state = forms.ChoiceField(choices=Process.State.choices, initial="done")
    started_at = forms.CharField(
        required=False,
        label="Started",
        help_text="now, today, yesterday 14:30, 5.3.2026, or as little as 2026-03.",
    )
    operator = forms.CharField(required=False, max_length=100)
    notes = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, data=None, *args, user, project=None, rows=None, **kwargs):
        super().__init__(data, *args, rows=rows, **kwargs)
        self.user, self.project = user, project
        self.found = {}
        self.inputs = _table(
            "inputs", input_columns(self._read_input), data, rows or {}
        )
        self.found = self._find_inputs()
        self.fields["protocol"].choices = protocol_choices(user, project)
        self.fields["started_at"].widget.attrs["list"] = "moments"

    def clean_started_at(self):
        # The service judges it, together with everything else that is wrong.
        return as_written(self.cleaned_data["started_at"])

    def _find_inputs(self):
        """The samples and lots the table names, in one query each."""
        codes = {row[0].value for row in self.inputs.rows} - {""}
        lots = {code.removeprefix(LOT_PREFIX) for code in codes}
        samples = Sample.objects.visible_to(self.user).filter(code__in=codes)
        named = Lot.objects.visible_to(self.user).filter(code__in=lots)
        if self.project is not None:
            samples = samples.filter(project=self.project)
            named = named.filter(project=self.project)
        found = {
            one.code: {"sample": one}
            for one in samples.select_related("composition").order_by("-pk")
        }
        for one in named.select_related("material"):
            found.setdefault(one.code, {"lot": one})
            found[LOT_PREFIX + one.code] = {"lot": one}
        return found

    def _read_input(self, text, row):
        if not text:
            return NOTHING
        found = self.found.get(text)
        if found is None:
            return Reading(error=f"There is no sample or lot {text!r}.")
        if "lot" in found:
            return Reading(f"lot of {found['lot'].material}")
        one = found["sample"]
        formula = one.composition.text if one.composition else ""
        return Reading(one.get_kind_display().lower(), formula=formula)

    def input_values(self):
        """What went in, as the services take it; they refuse what names nothing."""
        values = []
        for row in self.inputs.values():
            code = row["code"] or ""
            ((kind, one),) = self.found.get(code, {"sample": code}).items()
            values.append({kind: str(getattr(one, "uuid", one)), **_amount(row)})
        return values

    def take(self, error):
        """Put what is said of an input at the row that names it."""
        nested = dict(messages_of(error))
        texts = nested.get("inputs")
        if isinstance(texts, list):
            rows = {
                index: [text for text in texts if repr(row["code"]) in text]
                for index, row in enumerate(self.inputs.values())
            }
            at_rows = {index: found for index, found in rows.items() if found}
            nested["inputs"] = at_rows or texts
        super().take(NestedValidationError(nested))

    def act_values(self):
        given = self.cleaned_data
        values = {
            name: given[name]
            for name in ("protocol", "kind", "state", "operator", "notes", "started_at")
        }
        values["inputs"] = self.input_values()
        values["parameters"] = self.parameter_values()
        values["program"] = self.program.values()
        return values


def protocol_choices(user, project, used=None):
    """The protocols a person can follow, under the kinds they are of."""
    protocols = Protocol.objects.current().visible_to(user).order_by("kind", "name")
    if project is not None:
        protocols = protocols.filter(project=project)
    groups = {}
    for one in protocols:
        groups.setdefault(one.get_kind_display(), []).append((str(one.uuid), one.name))
    if used is not None and used.archived_at:
        groups["Put away"] = [(str(used.uuid), used.name)]
    return [("", "no protocol"), *groups.items()]
