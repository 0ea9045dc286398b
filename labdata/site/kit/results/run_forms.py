"""Forms of runs: what to analyse with, what to say of the result."""

import json

from django import forms

from analysis.models import Decision
from labdata.common.measures.numbers import NumberError
from labdata.common.measures.units import UnitError, parse_quantity
from labdata.common.text.storable import explain, half_characters
from labdata.site.kit.forms import Column, LabForm, RowTable
from labdata.site.kit.tags.quantities import unit_symbol

QUICK_REASONS = (
    "something is missed",
    "fits noise or a spike",
    "wrong window",
    "wrong model",
    "bad data: measure again",
)


class RunForm(LabForm):
    """Parameters of one analysis, built from their JSON schema.

    A list of objects is a table with a row each. What a parameter is to a plot, its
    ``role``, is passed on to the page.
    """

    def __init__(self, data=None, *args, spec, parameters=None, **kwargs):
        super().__init__(data, *args, **kwargs)
        self.spec = spec
        self.schema = spec.parameter_schema()["properties"]
        self.row_tables = {}
        for name, entry in self.schema.items():
            value = (parameters or {}).get(name, entry.get("default"))
            if columns := _columns_of(entry):
                table = RowTable(
                    f"parameter_{name}", columns, data=data, initial=value or ()
                )
                table.caption = _label_of(name, entry)
                table.help = entry.get("description", "")
                table.is_start = entry.get("role") == "start"
                self.row_tables[name] = table
            else:
                self.fields[f"parameter_{name}"] = _parameter_field(name, entry, value)

    def tables(self):
        return list(self.row_tables.values())

    @property
    def roles(self):
        """What the page needs to know to put parameters on a plot, by role."""
        told = {}
        for name, entry in self.schema.items():
            if "role" not in entry:
                continue
            told[entry["role"]] = {
                "name": f"parameter_{name}",
                "label": _label_of(name, entry),
                "choices": _choices_of(entry),
                "shape": entry.get("shape", ""),
                "columns": {
                    inner["role"]: key
                    for key, inner in _item_schema(entry).items()
                    if "role" in inner
                },
            }
        return told

    def clean(self):
        super().clean()
        self.parameters = {}
        for name, entry in self.schema.items():
            field = f"parameter_{name}"
            if name in self.row_tables:
                self._read_table(name)
                continue
            if field not in self.cleaned_data:
                continue
            try:
                self.parameters[name] = _read_parameter(self.cleaned_data[field], entry)
            except (ValueError, NumberError, UnitError) as error:
                self.add_error(field, str(error))
        return self.cleaned_data

    def _read_table(self, name):
        """Read the rows of a table; none at all is the default."""
        table, entry = self.row_tables[name], self.schema[name]
        inner, rows = _item_schema(entry), []
        for index, typed in zip(table.filled, table.values(), strict=True):
            row = {}
            for cell in table.rows[index]:
                text = typed[cell.column.key]
                if text is None:
                    continue
                try:
                    row[cell.column.key] = _read_parameter(text, inner[cell.column.key])
                except (ValueError, NumberError, UnitError) as error:
                    cell.errors.append(str(error))
            rows.append(row)
        if table.has_errors:
            self.add_error(None, f"{table.caption}: see the row.")
        self.parameters[name] = rows or entry.get("default")

    def take(self, error):
        nested = getattr(error, "nested", {}).get("parameters")
        if isinstance(nested, dict):
            for name, messages in nested.items():
                field = f"parameter_{name}"
                for text in messages:
                    if name in self.row_tables:
                        self.row_tables[name].errors.append(text)
                        text = f"{self.row_tables[name].caption}: {text}"
                    self.add_error(field if field in self.fields else None, text)
            return
        super().take(error)


def _item_schema(entry):
    """Properties of the objects a parameter lists, if it lists objects."""
    for one in entry.get("anyOf", (entry,)):
        if one.get("type") == "array" and "properties" in one.get("items", {}):
            return one["items"]["properties"]
    return {}


def _columns_of(entry):
    return tuple(
        Column(key, inner.get("title") or key, hint=unit_symbol(inner.get("unit", "")))
        for key, inner in _item_schema(entry).items()
    )


def _label_of(name, entry):
    return entry.get("title") or name.replace("_", " ").capitalize()


def _choices_of(entry):
    """The values a schema lists, if it lists all it takes."""
    if "enum" in entry:
        return list(entry["enum"])
    listed = []
    for one in entry.get("anyOf", ()):
        if "enum" not in one:
            return []
        listed += one["enum"]
    return listed


def _types_of(entry):
    return {one.get("type") for one in entry.get("anyOf", (entry,))}


def _parameter_field(name, entry, value):
    label = _label_of(name, entry)
    if entry.get("unit"):
        label += f" [{unit_symbol(entry['unit'])}]"
    options = {"label": label, "help_text": entry.get("description", "")}
    if choices := _choices_of(entry):
        return forms.ChoiceField(
            choices=[(json.dumps(one), str(one)) for one in choices],
            initial=json.dumps(value),
            **options,
        )
    if entry.get("type") == "boolean":
        return forms.BooleanField(required=False, initial=value, **options)
    if isinstance(value, list) and all(isinstance(one, int | float) for one in value):
        value = " ".join(str(one) for one in value)
    if value is not None and not isinstance(value, str | int | float):
        value = json.dumps(value, ensure_ascii=False)
    return forms.CharField(required=False, initial=value, **options)


def _read_parameter(value, entry):
    """Turn what a field holds into what the schema describes."""
    if _choices_of(entry):
        return json.loads(value)
    if isinstance(value, bool):
        return value
    if value == "":
        return None if "null" in _types_of(entry) else entry.get("default")
    types = _types_of(entry)
    if types & {"array", "object"} and value[:1] in "[{":
        return _json(value)
    if "array" in types:
        return _numbers(value)
    if types & {"number", "integer"}:
        number = parse_quantity(value, unit=entry.get("unit") or "1")
        return int(number) if "integer" in types and number.is_integer() else number
    return value


def _json(text):
    try:
        value = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise ValueError(f"This is no JSON: {error}.") from error
    for half in half_characters(value).values():
        raise ValueError(explain(half))
    return value


def _numbers(text):
    """Several numbers, separated by spaces or semicolons."""
    return [parse_quantity(one, unit="1") for one in text.replace(";", " ").split()]


class DecisionForm(LabForm):
    """Accept or reject, with a reason that stays."""

    verdict = forms.CharField(required=False)
    reason = forms.CharField(
        required=False,
        max_length=400,
        label="Reason",
        help_text="Needed to reject; may be given to accept.",
    )
    reject_because = forms.CharField(required=False, max_length=400)

    def clean(self):
        """A reason chosen by its button rejects for that reason."""
        super().clean()
        if quick := self.cleaned_data.get("reject_because"):
            self.cleaned_data["verdict"] = Decision.Verdict.REJECTED
            self.cleaned_data["reason"] = quick
        return self.cleaned_data
