"""Forms of runs: what to analyse with, what to say of the result."""

import json

from django import forms

from labdata.common.numbers import NumberError
from labdata.common.units import UnitError, parse_quantity
from labdata.site.forms.base import LabForm
from labdata.site.templatetags.quantities import unit_symbol


class RunForm(LabForm):
    """Parameters of one analysis, built from their JSON schema."""

    def __init__(self, data=None, *args, spec, parameters=None, **kwargs):
        super().__init__(data, *args, **kwargs)
        self.spec = spec
        self.schema = spec.parameter_schema()["properties"]
        for name, entry in self.schema.items():
            value = (parameters or {}).get(name, entry.get("default"))
            self.fields[f"parameter_{name}"] = _parameter_field(name, entry, value)

    def clean(self):
        super().clean()
        self.parameters = {}
        for name, entry in self.schema.items():
            field = f"parameter_{name}"
            if field not in self.cleaned_data:
                continue
            try:
                self.parameters[name] = _read_parameter(self.cleaned_data[field], entry)
            except (ValueError, NumberError, UnitError) as error:
                self.add_error(field, str(error))
        return self.cleaned_data

    def take(self, error):
        nested = getattr(error, "nested", {}).get("parameters")
        if isinstance(nested, dict):
            for name, messages in nested.items():
                field = f"parameter_{name}"
                for text in messages:
                    self.add_error(field if field in self.fields else None, text)
            return
        super().take(error)


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
    label = entry.get("title") or name.replace("_", " ").capitalize()
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
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"This is no JSON: {error}.") from error


def _numbers(text):
    """Several numbers, separated by spaces or semicolons."""
    return [parse_quantity(one, unit="1") for one in text.replace(";", " ").split()]


class DecisionForm(LabForm):
    """Accept or reject, with a reason that stays."""

    verdict = forms.CharField()
    reason = forms.CharField(required=False, max_length=400)
