"""Parameters of analyses: dataclasses checked from JSON and described to it."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from typing import Any, Literal

from labdata.plugin.errors import ParameterError
from labdata.plugin.numbers import is_finite

JSON_TYPES = {int: "integer", float: "number", str: "string", bool: "boolean"}
WORDS = {int: "a whole number", float: "a number", str: "text", bool: "true or false"}


class _Wrong(Exception):
    """A value does not fit its type; carries the message."""


def parameter(
    default: Any = dataclasses.MISSING,
    *,
    label: str,
    help: str = "",
    unit: str = "",
    minimum: float | None = None,
    maximum: float | None = None,
    role: str = "",
    shape: str = "",
) -> Any:
    """Declare one field of a parameters dataclass, with what forms show of it.

    ``role`` says what the parameter is to a plot of the data, so that a page can offer
    to set it there: the "window" (low and high end), the "start" values of the parts
    (rows, whose own fields have the roles "centre", "width" and "height"), their
    "count", the "axis" in whose unit these are. ``shape`` names the curve of a part
    with start values: "gaussian", its width the full one at half maximum, its height
    the one above the offset.
    """
    metadata = {
        "title": label,
        "description": help,
        "unit": unit,
        "minimum": minimum,
        "maximum": maximum,
        "role": role,
        "shape": shape,
    }
    return dataclasses.field(default=default, metadata=metadata)


def schema_of(cls: type) -> dict[str, Any]:
    """Return the JSON schema of a parameters dataclass.

    Parameters
    ----------
    cls : type
        Dataclass whose fields are ``int``, ``float``, ``str``, ``bool``, ``Literal``,
        tuples, dataclasses, or unions of these with None.

    Returns
    -------
    dict
        Draft 2020-12 object schema; ``unit`` is added to numbers that have one.
    """
    hints = typing.get_type_hints(cls)
    properties, required = {}, []
    for field in dataclasses.fields(cls):
        entry = _type_schema(hints[field.name])
        entry |= {
            key: value for key, value in field.metadata.items() if value or value == 0
        }
        if field.default is dataclasses.MISSING:
            required.append(field.name)
        else:
            entry["default"] = to_json(field.default)
        properties[field.name] = entry
    schema = {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }
    return schema | ({"required": required} if required else {})


def clean(cls: type, values: Mapping[str, Any] | None) -> Any:
    """Build the parameters dataclass from what JSON or a form delivered.

    Parameters
    ----------
    cls : type
        Parameters dataclass. Its own ``problems()``, if it has one, returns errors
        that concern several fields, as a mapping of field to messages.
    values : mapping or None
        Fields that are absent take their defaults.

    Raises
    ------
    ParameterError
        With every wrong field and why.
    """
    if not isinstance(values or {}, Mapping):
        raise ParameterError({"parameters": [f"Must be an object, got {values!r}."]})
    hints = typing.get_type_hints(cls)
    fields = {field.name: field for field in dataclasses.fields(cls)}
    errors: dict[str, list[str]] = {}
    cleaned = {}
    for name, value in (values or {}).items():
        if name not in fields:
            errors[name] = [f"Unknown; the parameters are {', '.join(fields)}."]
            continue
        try:
            cleaned[name] = _convert(value, hints[name])
            _check_range(cleaned[name], fields[name].metadata)
        except _Wrong as wrong:
            errors[name] = [str(wrong)]
    for name, field in fields.items():
        if field.default is dataclasses.MISSING and name not in (values or {}):
            errors[name] = ["Needed."]
    if errors:
        raise ParameterError(errors)
    parameters = cls(**cleaned)
    problems: dict[str, list[str]] = getattr(parameters, "problems", dict)()
    if problems:
        raise ParameterError(problems)
    return parameters


def to_json(value: Any) -> Any:
    """Return parameters as JSON types, the same for equal parameters."""
    if dataclasses.is_dataclass(value):
        return {
            field.name: to_json(getattr(value, field.name))
            for field in dataclasses.fields(value)
        }
    if isinstance(value, tuple | list):
        return [to_json(item) for item in value]
    return value


def _type_schema(hint: Any) -> dict[str, Any]:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint in JSON_TYPES:
        return {"type": JSON_TYPES[hint]}
    if hint is type(None):
        return {"type": "null"}
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin in (typing.Union, types.UnionType):
        return {"anyOf": [_type_schema(argument) for argument in arguments]}
    if origin is tuple and arguments[-1] is Ellipsis:
        return {"type": "array", "items": _type_schema(arguments[0])}
    if origin is tuple:
        return {
            "type": "array",
            "prefixItems": [_type_schema(argument) for argument in arguments],
            "minItems": len(arguments),
            "maxItems": len(arguments),
        }
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return schema_of(hint)
    raise TypeError(f"no JSON schema for a parameter of type {hint!r}")


def _convert(value: Any, hint: Any) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint in JSON_TYPES:
        return _scalar(value, hint)
    if hint is type(None):
        if value is not None:
            raise _Wrong(f"Must be null, got {value!r}.")
        return None
    if origin is Literal:
        for choice in arguments:
            if value == choice and type(value) is type(choice):
                return choice
        known = ", ".join(repr(choice) for choice in arguments)
        raise _Wrong(f"Must be one of {known}, got {value!r}.")
    if origin in (typing.Union, types.UnionType):
        return _first_fitting(value, arguments)
    if origin is tuple:
        return _tuple(value, arguments)
    try:
        return clean(hint, value)
    except ParameterError as error:
        raise _Wrong(f"{error}") from error


def _scalar(value: Any, hint: type) -> Any:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if hint is float and is_number:
        if not is_finite(value):
            raise _Wrong(f"Must be finite, got {value}.")
        return float(value)
    if not isinstance(value, hint) or (isinstance(value, bool) and hint is not bool):
        raise _Wrong(f"Must be {WORDS[hint]}, got {value!r}.")
    return hint(value)


def _first_fitting(value: Any, hints: tuple[Any, ...]) -> Any:
    if value is None and type(None) in hints:
        return None
    messages = []
    for hint in hints:
        if hint is type(None):
            continue
        try:
            return _convert(value, hint)
        except _Wrong as wrong:
            messages.append(str(wrong))
    raise _Wrong(" Or: ".join(messages))


def _tuple(value: Any, hints: tuple[Any, ...]) -> tuple:
    if not isinstance(value, tuple | list):
        raise _Wrong(f"Must be a list, got {value!r}.")
    if hints[-1] is Ellipsis:
        hints = (hints[0],) * len(value)
    if len(value) != len(hints):
        raise _Wrong(f"Must be a list of {len(hints)}, got {len(value)}.")
    items = []
    for position, (item, hint) in enumerate(zip(value, hints, strict=True), 1):
        try:
            items.append(_convert(item, hint))
        except _Wrong as wrong:
            raise _Wrong(f"Item {position}: {wrong}") from wrong
    return tuple(items)


def _check_range(value: Any, metadata: Mapping[str, Any]) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    low, high = metadata.get("minimum"), metadata.get("maximum")
    if low is not None and value < low:
        raise _Wrong(f"Must be at least {low:g}, got {value:g}.")
    if high is not None and value > high:
        raise _Wrong(f"Must be at most {high:g}, got {value:g}.")
