"""Names by pattern: ``C-{n:02}``, ``(CsPbI3){x}(agZIF-62){1-x}``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal

from samples.series.errors import SeriesError
from samples.series.expressions import evaluate, names_of
from samples.series.values import Value, plain_number

DECIMALS = 6
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_FORMAT = re.compile(r"0?(?P<width>\d{0,2})(?:\.(?P<decimals>\d))?[dfg]?")
_NOT_IN_CODES = re.compile(r"[^A-Za-z0-9_-]+")


def names_in(pattern: str) -> list[str]:
    """The variables a pattern uses, each once, in order.

    Raises
    ------
    SeriesError
        If a placeholder cannot be read or a bracket is left open.
    """
    found: list[str] = []
    for expression in _placeholders(pattern):
        found += names_of(expression.partition(":")[0])
    return list(dict.fromkeys(found))


def fill(
    pattern: str, values: Mapping[str, Value], *, into: str = "composition"
) -> str:
    """Put values into the placeholders of a pattern.

    Parameters
    ----------
    pattern : str
        ``{1-x}`` is worked out, ``{n:02}`` has two digits, ``{x:.2f}`` two decimals.
    values : mapping of str to Value
    into : {"composition", "code", "cell"}
        A code holds only what codes may: 0.25 becomes ``0p25``, "dry air"
        ``dry-air``. In a cell of a form, a number keeps the unit of its variable.

    Raises
    ------
    SeriesError
        If a placeholder names no variable or cannot be worked out.
    """
    _placeholders(pattern)
    write = {"composition": _write, "code": _write_in_code, "cell": _write_in_cell}[
        into
    ]
    return _PLACEHOLDER.sub(lambda match: write(match[1], values), pattern)


def as_prefix(pattern: str, count: int) -> str:
    """A pattern that numbers the samples, where a word alone was given."""
    if "{" in pattern or count == 1:
        return pattern
    width = max(2, len(str(count)))
    separator = "" if pattern.endswith(("-", "_")) else "-"
    return f"{pattern}{separator}{{n:0{width}}}"


def as_code(text: str) -> str:
    """A text with only what a code may hold."""
    return _NOT_IN_CODES.sub("-", text).strip("-")


def number_text(number: Decimal) -> str:
    """A number as it stands in a composition or a name."""
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and -exponent > DECIMALS:
        number = number.quantize(Decimal(1).scaleb(-DECIMALS), ROUND_HALF_EVEN)
    return plain_number(number)


def _placeholders(pattern: str) -> list[str]:
    rest = _PLACEHOLDER.sub("", pattern)
    if "{" in rest or "}" in rest:
        raise SeriesError(f"{pattern!r} has a {{ without its }}")
    return _PLACEHOLDER.findall(pattern)


def _write(placeholder: str, values: Mapping[str, Value]) -> str:
    expression, _, form = placeholder.partition(":")
    form = form.strip()
    lone = values.get(expression.strip())
    if lone is not None and lone.number is None:
        if form:
            raise SeriesError(
                f"{lone.text!r} is a word: {{{placeholder}}} needs a number"
            )
        return lone.text
    for name in names_of(expression):
        if name in values and values[name].number is None:
            raise SeriesError(f"{name} is {values[name].text!r}, which is no number")
    numbers = {
        name: value.plain for name, value in values.items() if value.plain is not None
    }
    number = evaluate(expression, numbers)
    if not form:
        return number_text(number)
    match = _FORMAT.fullmatch(form)
    if match is None:
        raise SeriesError(
            f"{{{placeholder}}}: {form!r} is no format (there are 02 for two digits, "
            ".2f for two decimals)"
        )
    if match["decimals"] is not None:
        places = Decimal(1).scaleb(-int(match["decimals"]))
        text = format(number.quantize(places, ROUND_HALF_EVEN), "f")
    else:
        text = number_text(number)
    sign = "-" if text.startswith("-") else ""
    return sign + text.removeprefix("-").zfill(int(match["width"] or 0))


def _write_in_code(placeholder: str, values: Mapping[str, Value]) -> str:
    text = _write(placeholder, values)
    if re.fullmatch(r"-?\d+\.\d+", text):
        return text.replace(".", "p")
    return text if re.fullmatch(r"-?\d+", text) else as_code(text)


def _write_in_cell(placeholder: str, values: Mapping[str, Value]) -> str:
    text = _write(placeholder, values)
    expression = placeholder.partition(":")[0]
    units = {values[name].unit for name in names_of(expression)} - {"", "%"}
    return f"{text} {units.pop()}" if len(units) == 1 else text
