"""The values of what varies: lists, ranges, units; and their combinations."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from labdata.common.text.decimal_mark import (
    decide,
    has_comma,
    is_question,
    readings,
    with_points,
)
from labdata.common.text.number import split_number
from labdata.plugin import UnreadableFile
from samples.series.errors import SeriesError

MAX_VALUES = 500
LONGEST = 5000
_NUMBER = r"[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{1,2})?"
_UNIT = r"[^\W\d_]|[°%µΩ]"
_ITEM = re.compile(rf"(?P<number>{_NUMBER})\s*(?P<unit>(?:{_UNIT})[^;,]*)?")
_SPACED = re.compile(rf"(?P<numbers>{_NUMBER}(?:\s+{_NUMBER})+)\s*(?P<unit>.*)")
_COLON = re.compile(
    rf"(?P<start>{_NUMBER})\s*:\s*(?P<end>{_NUMBER})\s*:\s*(?P<step>{_NUMBER})"
    rf"\s*(?P<unit>(?:{_UNIT}).*)?"
)
_SPAN = re.compile(
    rf"(?P<start>{_NUMBER})\s*(?:\.\.|\bto\b)\s*(?P<end>{_NUMBER})"
    rf"(?:\s*(?P<word>step|steps of|by|in)\s*(?P<step>{_NUMBER}))?"
    rf"\s*(?P<unit>(?:{_UNIT}).*)?"
)
_CALL = re.compile(
    rf"(?P<name>linspace|range|arange)\s*\(\s*(?P<start>{_NUMBER})\s*[,;]"
    rf"\s*(?P<end>{_NUMBER})\s*[,;]\s*(?P<step>{_NUMBER})\s*\)"
    rf"\s*(?P<unit>(?:{_UNIT}).*)?"
)
_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"


@dataclass(frozen=True, slots=True)
class Value:
    """One value as typed: a number with its unit, or a word (``number`` is None)."""

    text: str
    number: Decimal | None = None
    unit: str = ""

    @property
    def plain(self) -> Decimal | None:
        """The number for arithmetic with fractions: 5 % is 0.05."""
        if self.number is not None and self.unit == "%":
            return self.number / 100
        return self.number


def parse_values(text: str, *, unit: str = "") -> tuple[Value, ...]:
    """Read the values of one variable.

    Parameters
    ----------
    text : str
        A list (``0, 0.05, 0.1 … 0.5``, ``0,05; 0,1``, ``300 325 350 °C``, ``N2, Ar``),
        a range (``0:0.5:0.05`` is start:end:step, ``0.1..0.9 step 0.1``,
        ``0..1 in 11``, ``linspace(0, 1, 11)``), or several of them after each other.
    unit : str
        The unit of the numbers that carry none.

    Raises
    ------
    SeriesError
        With what was read, and how to write what was meant.
    """
    text = _plain(text)
    if not text:
        raise SeriesError("there are no values: write 0, 0.05, 0.1 or 0:0.5:0.05")
    if len(text) > LONGEST:
        raise SeriesError(f"the values have {len(text)} characters; {LONGEST} at most")
    values: list[Value] = []
    for item in _items(text):
        values += _read_item(item, values)
        if len(values) > MAX_VALUES:
            raise SeriesError(f"more than {MAX_VALUES} values")
    return _with_units(values, unit.strip())


def combine(
    columns: Mapping[str, Sequence[Value]], *, pairwise: bool = False
) -> list[dict[str, Value]]:
    """Every combination of the values, or the first with the first and so on.

    The first variable changes slowest. In pairs, a variable with a single value has
    it in every row.

    Raises
    ------
    SeriesError
        If the lengths do not pair, or there are too many rows.
    """
    lengths = {name: len(values) for name, values in columns.items()}
    count = 1
    if pairwise:
        count = max(lengths.values(), default=1)
        if {length for length in lengths.values() if length > 1} - {count}:
            said = ", ".join(f"{name} has {n}" for name, n in lengths.items())
            raise SeriesError(f"values in pairs must be equally many: {said}")
    else:
        for length in lengths.values():
            count *= length
    if count > MAX_VALUES:
        sizes = " × ".join(str(n) for n in lengths.values())
        raise SeriesError(f"{sizes} = {count} samples; {MAX_VALUES} at most")
    if pairwise:
        return [
            {name: v[i if len(v) > 1 else 0] for name, v in columns.items()}
            for i in range(count)
        ]
    return [
        dict(zip(columns, row, strict=True))
        for row in itertools.product(*columns.values())
    ]


def plain_number(number: Decimal) -> str:
    """A decimal without exponent and trailing zeros."""
    text = format(number, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def _plain(text: str) -> str:
    for given, meant in (
        ("−", "-"),
        ("\u00a0", " "),
        ("\u202f", " "),
        ("...", _ELLIPSIS),
        ("\r", ""),
    ):
        text = text.replace(given, meant)
    text = text.strip()
    if text[:1] + text[-1:] in ("[]", "()"):
        text = text[1:-1].strip()
    return text.strip(",;")


def _items(text: str) -> Iterator[str]:
    """The items of a list; a comma is a decimal sign where another sign separates."""
    if separators := set(re.findall(r"[;\n\t]", _outside_brackets(text))):
        parts = _with_points(_split(text, ";\n\t"), ";" if ";" in separators else "")
    elif "," not in text:
        parts = [text]
    else:
        words = text.split()
        if all(map(has_comma, words)) and (len(words) > 1 or _is_decimal(text)):
            parts = _with_points(words)
        else:
            parts = _split(text, ",")
    for part in parts:
        pieces = part.strip().split(_ELLIPSIS)
        for index, piece in enumerate(pieces):
            if index:
                yield _ELLIPSIS
            if spaced := _SPACED.fullmatch(piece.strip()):
                *first, last = spaced["numbers"].split()
                yield from first
                yield f"{last} {spaced['unit']}"
            elif piece.strip():
                yield piece.strip()


def _is_decimal(text: str) -> bool:
    """Whether a lone ``0,05`` can only be one number."""
    whole, _, fraction = text.lstrip("+-").partition(",")
    if whole != "0":
        return False
    if len(fraction) > 1:
        return True
    raise SeriesError(
        f"{text!r} can be 0.{fraction} or two values: write 0.{fraction}, "
        f"or 0, {fraction} with a space"
    )


def _with_points(parts: Sequence[str], separator: str = "") -> list[str]:
    """Decimal commas as points; a number that may be two is a question."""
    try:
        mark = decide(parts, separator=separator)
    except UnreadableFile:
        mark = "."
    for part in parts:
        written, _ = split_number(part)
        if mark == "." and is_question(written):
            either = " or ".join(readings(written))
            raise SeriesError(f"{written!r} can be {either}: write one of these")
    return [part if "(" in part else with_points(part) for part in parts]


def _outside_brackets(text: str) -> str:
    return re.sub(r"\([^()]*\)", "", text)


def _split(text: str, signs: str) -> list[str]:
    parts, depth, current = [], 0, ""
    for sign in text:
        depth += (sign == "(") - (sign == ")")
        if sign in signs and depth <= 0:
            parts.append(current)
            current = ""
        else:
            current += sign
    return [part for part in [*parts, current] if part.strip()]


def _read_item(item: str, before: list[Value]) -> list[Value]:
    if item == _ELLIPSIS:
        return [Value(_ELLIPSIS)]
    if before and before[-1].text == _ELLIPSIS:
        return _continued(item, before)
    if match := _CALL.fullmatch(item):
        if match["name"] == "linspace":
            return _evenly(item, match)
        return _stepped(item, match)
    if match := _COLON.fullmatch(item):
        return _stepped(item, match)
    if match := _SPAN.fullmatch(item):
        if match["step"] is None:
            raise SeriesError(
                f"{item!r} needs its step: {item} step 0.1, or {item} in 11"
            )
        if match["word"] == "in":
            return _evenly(item, match)
        return _stepped(item, match)
    if match := _ITEM.fullmatch(item):
        return [_numeric(_decimal(match["number"]), (match["unit"] or "").strip())]
    if re.match(_NUMBER, item) and not item[0].isalpha():
        raise SeriesError(f"{item!r} is no number, range or unit that can be read")
    if len(item) > 100:
        raise SeriesError(f"{item[:20]!r}… is longer than 100 characters")
    return [Value(" ".join(item.split()))]


def _continued(item: str, before: list[Value]) -> list[Value]:
    """What ``0, 0.05, …, 0.5`` leaves out: the last step goes on."""
    match = _ITEM.fullmatch(item)
    first, last = ([None, None] + [value.number for value in before[:-1]])[-2:]
    if match is None or first is None or last is None:
        raise SeriesError(
            f"… goes on as the two numbers before it began: write 0, 0.05 … {item}"
        )
    step = last - first
    end = _decimal(match["number"])
    if not step or (end - last) / step < 0:
        raise SeriesError(f"steps of {step} do not lead to {item}")
    # The mark made room for what it stood for.
    before.pop()
    unit = (match["unit"] or "").strip()
    return _row(last + step, end, step, unit)


def _stepped(item: str, match: re.Match[str]) -> list[Value]:
    unit = (match["unit"] or "").strip()
    start, end = _decimal(match["start"]), _decimal(match["end"])
    step = abs(_decimal(match["step"]))
    if not step:
        raise SeriesError(f"{item!r} has a step of 0")
    if start != end and step > abs(end - start):
        raise SeriesError(
            f"{item!r} steps by {step} from {start} to {end}: write start:end:step, "
            "such as 0:0.5:0.05"
        )
    return _row(start, end, step if end >= start else -step, unit)


def _row(start: Decimal, end: Decimal, step: Decimal, unit: str) -> list[Value]:
    count = int((end - start) / step + Decimal("1e-9")) + 1
    if count > MAX_VALUES:
        raise SeriesError(f"{count} values; {MAX_VALUES} at most")
    return [_numeric(start + step * index, unit) for index in range(count)]


def _evenly(item: str, match: re.Match[str]) -> list[Value]:
    unit = (match["unit"] or "").strip()
    start, end = _decimal(match["start"]), _decimal(match["end"])
    told = _decimal(match["step"])
    count = int(told)
    if told != count or not 2 <= count <= MAX_VALUES:
        raise SeriesError(
            f"{item!r}: {told} is no number of values (2 to {MAX_VALUES})"
        )
    return [
        _numeric(round(start + (end - start) * index / (count - 1), 12), unit)
        for index in range(count)
    ]


def _decimal(text: str) -> Decimal:
    number = Decimal(text)
    if number and not -12 <= number.adjusted() <= 12:
        raise SeriesError(f"{text} is out of range")
    return number


def _numeric(number: Decimal, unit: str) -> Value:
    text = plain_number(number)
    return Value(f"{text} {unit}".strip(), Decimal(text), unit)


def _with_units(values: Sequence[Value], unit: str) -> tuple[Value, ...]:
    """A unit after the last number is that of all; the column's own comes last."""
    if values and values[-1].text == _ELLIPSIS:
        raise SeriesError("… ends the list: say the last value")
    numbers = [value for value in values if value.number is not None]
    if numbers and numbers[-1].unit and not any(value.unit for value in numbers[:-1]):
        unit = numbers[-1].unit
    return tuple(
        _numeric(value.number, value.unit or unit)
        if value.number is not None
        else value
        for value in values
    )
