r"""How variables, filters and aggregates are written in a query.

Variable
    ``family.name``, more parts where the family has them, and a label in brackets
    for labelled quantities: ``pl.fwhm[I]``, ``xrd.weight_fraction[γ]``,
    ``process.sintering.temperature``, ``ion.A.Cs``, ``composition.agZIF-62``.

    Parts are words (letters, digits, ``_``, ``-``), but the last part of
    ``composition`` is a material's name and of ``ion`` an ion's: everything up to the
    label belongs to it, dots, parentheses and hyphens too, so
    ``composition.Cs0.05FA0.95PbI3`` needs no escaping. A name that holds white space
    or one of ``[ ] : , "`` stands in double quotes, with ``""`` for a quote inside:
    ``composition."[Ti32O16] : a"``. Labels follow the same rule, except that only
    ``[ ] "`` and white space at the ends ask for quotes.

Filter
    ``VARIABLE:op:value`` with ``eq ne lt le gt ge in between``. The value is all that
    follows the second colon, colons and commas included. ``in`` and ``between`` take
    values separated by commas; a value that itself holds a comma stands in double
    quotes: ``sample.code:in:A-1,"B,2"``. Numbers may carry a unit
    (``process.sintering.temperature:ge:573 K``).

Aggregate
    ``FUNCTION`` or ``FUNCTION:VARIABLE,VARIABLE``: the function over y within groups
    of equal x and colour, or of the variables named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from labdata.common.measures.units import UnitError, parse_quantity

OPERATORS = {
    "eq": "=",
    "ne": "≠",
    "lt": "<",
    "le": "≤",
    "gt": ">",
    "ge": "≥",
    "in": "one of",
    "between": "between",
}
AGGREGATES = {
    "count": "Number of values",
    "mean": "Mean",
    "weighted_mean": "Mean weighted by 1/u²",
    "median": "Median",
    "min": "Minimum",
    "max": "Maximum",
    "sd": "Standard deviation",
}
LONGEST_VARIABLE = 300

_PARTS = {"composition": 2, "ion": 3, "element": 2}
_FREE_FAMILIES = frozenset(["composition", "ion"])
_FAMILY = re.compile(r"[a-z][a-z0-9_]*")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_NEEDS_QUOTES = re.compile(r'[\s\[\]:,"]|^$')
_LABEL_NEEDS_QUOTES = re.compile(r'[\[\]"]|^\s|\s$|^$')


class VariableError(ValueError):
    """The text is no variable, filter or aggregate; says which part is wrong."""


@dataclass(frozen=True, slots=True)
class VariableSpec:
    """Anything that can be an axis, a filter or a colour.

    ``key`` is canonical (as :func:`variable_key` writes it); ``kind`` is ``number``
    or ``text``; a number's ``unit`` is the one its facts are stored in.
    """

    key: str
    label: str
    unit: str | None = None
    kind: str = "number"
    description: str = ""


class VariableName(NamedTuple):
    """A variable as asked for: its canonical key and, perhaps, a label."""

    key: str
    label: str | None = None

    def __str__(self) -> str:
        if self.label is None:
            return self.key
        return f"{self.key}[{_quoted(self.label, _LABEL_NEEDS_QUOTES)}]"


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on one variable; ``values`` are the texts as typed."""

    variable: VariableName
    operator: str
    values: tuple[str, ...]

    def __str__(self) -> str:
        if self.operator in ("in", "between"):
            written = ",".join(_quoted(value, re.compile(r'[,"]')) for value in self)
        else:
            written = _quoted(self.values[0], re.compile(r'^".*"$', re.DOTALL))
        return f"{self.variable}:{self.operator}:{written}"

    def __iter__(self) -> Iterator[str]:
        return iter(self.values)


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A function over y and, unless x and colour group it, the grouping variables."""

    function: str
    by: tuple[VariableName, ...] = ()

    def __str__(self) -> str:
        if not self.by:
            return self.function
        return f"{self.function}:{','.join(str(variable) for variable in self.by)}"


def variable_key(family: str, *parts: str) -> str:
    """Write the canonical key of a variable, quoting the last part where needed.

    Raises
    ------
    VariableError
        If a part is not allowed in this family.
    """
    *words, last = parts or ("",)
    if family in _FREE_FAMILIES:
        last = _quoted(last.strip(), _NEEDS_QUOTES)
    text = ".".join([family, *words, last])
    return parse_variable(text).key


def split_key(key: str) -> tuple[str, ...]:
    """Return the parts of a key, unquoted: ``("ion", "A", "Cs")``."""
    family, _, rest = key.partition(".")
    if family in _FREE_FAMILIES:
        parts = rest.split(".", _PARTS[family] - 2)
        return (family, *parts[:-1], _unquoted(parts[-1]))
    return (family, *rest.split("."))


def parse_variable(text: str) -> VariableName:
    """Read a variable with or without a label.

    Parameters
    ----------
    text : str
        Such as ``pl.fwhm[I]``.

    Returns
    -------
    VariableName
        ``(key, label)``; the label is None where none is given.

    Raises
    ------
    VariableError
        With the part that is wrong.
    """
    variable, end = _scan_variable(text.strip())
    if end != len(text.strip()):
        raise VariableError(
            f"{text!r}: unexpected {text.strip()[end:]!r} after {variable}"
        )
    return variable


def parse_filter(text: str) -> Filter:
    """Read ``VARIABLE:op:value``.

    Raises
    ------
    VariableError
        If the operator is unknown, a value is missing, or ``between`` has not two.
    """
    variable, end = _scan_variable(text)
    if text[end : end + 1] != ":":
        raise VariableError(f"{text!r} is not VARIABLE:op:value")
    operator, colon, value = text[end + 1 :].partition(":")
    operator = operator.strip()
    if operator not in OPERATORS:
        raise VariableError(
            f"{text!r}: operator {operator!r} is not one of {', '.join(OPERATORS)}"
        )
    if not colon or not value.strip():
        raise VariableError(f"{text!r} has no value after {operator}")
    if operator in ("in", "between"):
        values = tuple(_split_values(value, text))
    else:
        values = (_unquoted(value.strip()),)
    if operator == "between" and len(values) != 2:
        raise VariableError(
            f"{text!r}: between takes two values, got {len(values)}"
            " (a value with a comma stands in double quotes)"
        )
    return Filter(variable, operator, values)


def parse_aggregate(text: str) -> Aggregate:
    """Read ``mean`` or ``mean:process.sintering.temperature,composition.CsPbI3``.

    Raises
    ------
    VariableError
        If the function is unknown or a variable is malformed.
    """
    function, colon, rest = text.strip().partition(":")
    if function not in AGGREGATES:
        raise VariableError(f"aggregate {function!r} is not one of {_listed()}")
    by: list[VariableName] = []
    while colon:
        variable, end = _scan_variable(rest)
        by.append(variable)
        colon, rest = rest[end : end + 1], rest[end + 1 :]
        if colon not in ("", ","):
            raise VariableError(f"{text!r}: variables are separated by commas")
    return Aggregate(function, tuple(by))


def filter_numbers(condition: Filter, unit: str) -> tuple[float, ...]:
    """Return the values of a filter on a number, converted to the variable's unit.

    Raises
    ------
    VariableError
        If a value is no number, its unit does not fit, or ``between`` is reversed.
    """
    try:
        numbers = tuple(parse_quantity(value, unit=unit) for value in condition.values)
    except UnitError as error:
        raise VariableError(f"{condition.variable}: {error}") from error
    if condition.operator == "between" and numbers[0] > numbers[1]:
        raise VariableError(
            f"{condition.variable}: between {numbers[0]:g} and {numbers[1]:g} is empty,"
            " give the lower value first"
        )
    return numbers


def _listed() -> str:
    return ", ".join(AGGREGATES)


def _scan_variable(text: str) -> tuple[VariableName, int]:
    """Read a variable from the start of ``text``; return it and where it ends."""
    family = _FAMILY.match(text)
    if family is None or text[family.end() : family.end() + 1] != ".":
        raise VariableError(f"{text!r} does not begin with a family and a dot")
    name, position = family[0], family.end() + 1
    words: list[str] = []
    free = name in _FREE_FAMILIES
    while not free or len(words) < _PARTS[name] - 2:
        word = _WORD.match(text, position)
        if word is None:
            raise VariableError(f"{text!r}: {name} is not followed by a word")
        words.append(word[0])
        position = word.end()
        if text[position : position + 1] != ".":
            break
        position += 1
    if free:
        if len(words) < _PARTS[name] - 2 or text[position - 1] != ".":
            raise VariableError(f"{text!r}: {name} takes {_PARTS[name]} parts")
        last, position = _scan_text(text, position, '[:,]"' + " \t\n")
        if not last:
            raise VariableError(f"{text!r}: {name} names nothing")
        words.append(_quoted(last, _NEEDS_QUOTES))
    elif name in _PARTS and len(words) + 1 != _PARTS[name]:
        raise VariableError(f"{text!r}: {name} takes {_PARTS[name]} parts")
    label = None
    if text[position : position + 1] == "[":
        label, position = _scan_text(text, position + 1, ']["')
        if text[position : position + 1] != "]":
            raise VariableError(f"{text!r}: the label's bracket is not closed")
        label = label if text[position - 1] == '"' else label.strip()
        if not label:
            raise VariableError(f"{text!r}: the label is empty")
        position += 1
    if position > LONGEST_VARIABLE:
        raise VariableError(f"a variable has at most {LONGEST_VARIABLE} characters")
    return VariableName(".".join([name, *words]), label), position


def _scan_text(text: str, position: int, stops: str) -> tuple[str, int]:
    """Read a quoted text, or one that runs to the next of ``stops``."""
    if text[position : position + 1] != '"':
        end = position
        while end < len(text) and text[end] not in stops:
            end += 1
        return text[position:end], end
    match = re.compile(r'"((?:[^"]|"")*)"').match(text, position)
    if match is None:
        raise VariableError(f"{text!r}: the double quote is not closed")
    return match[1].replace('""', '"'), match.end()


def _split_values(text: str, typed: str) -> list[str]:
    values, position = [], 0
    while True:
        start = position + len(text[position:]) - len(text[position:].lstrip())
        value, position = _scan_text(text, start, ",")
        rest = text[position:].lstrip()
        values.append(value if text[start : start + 1] == '"' else value.strip())
        if not values[-1] and text[start : start + 1] != '"':
            raise VariableError(f"{typed!r} has an empty value between commas")
        if not rest:
            return values
        if rest[0] != ",":
            raise VariableError(f"{typed!r}: unexpected {rest!r} after a quoted value")
        position = len(text) - len(rest) + 1


def _quoted(text: str, needed: re.Pattern) -> str:
    if not needed.search(text):
        return text
    return '"' + text.replace('"', '""') + '"'


def _unquoted(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1].replace('""', '"')
    return text
