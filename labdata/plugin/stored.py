"""Parts of a result as JSON and back: what equals its default is left out."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np


def keep(part: Any) -> dict[str, Any]:
    """Return the fields of a part that are not their defaults, as JSON types."""
    kept = {}
    for field in dataclasses.fields(part):
        value = getattr(part, field.name)
        if field.default is dataclasses.MISSING or value != field.default:
            kept[field.name] = plain(value)
    return kept


def plain(value: Any) -> Any:
    """Return numbers, texts, lists and parts as JSON types."""
    if hasattr(value, "to_json"):
        return value.to_json()
    if isinstance(value, np.generic):
        return value.item()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return keep(value)
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    return value


def restore(cls: type, told: Any, **own: Any) -> Any:
    """Build a part from what was kept of it.

    Parameters
    ----------
    cls : type
        A dataclass whose sequences are tuples.
    told : mapping
        Fields the code of today does not know are left out.
    **own
        Fields that hold parts themselves, restored already.

    Raises
    ------
    TypeError, ValueError
        If it is no such part.
    """
    if not isinstance(told, Mapping):
        raise TypeError(f"{told!r} is no part of a result")
    names = {field.name for field in dataclasses.fields(cls)}
    values = {name: tuples(value) for name, value in told.items() if name in names}
    return cls(**(values | own))


def restore_each(
    build: Callable[[Any], Any], told: Any, unread: list[str], what: str
) -> tuple[Any, ...]:
    """Build the parts of a list; ``unread`` is told ``what`` for each that is none."""
    found = []
    for one in told or ():
        try:
            found.append(build(one))
        except (TypeError, ValueError, KeyError, AttributeError):
            unread.append(what)
    return tuple(found)


def tuples(value: Any) -> Any:
    """Return nested lists as tuples."""
    return tuple(map(tuples, value)) if isinstance(value, list) else value
