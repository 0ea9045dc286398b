"""Units at the edge: what people type becomes a number in the declared unit."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from labdata.common.measures.numbers import (
    Measured,
    NumberError,
    parse_measured,
)
from labdata.common.measures.unit_table import (
    FRACTIONS,
    OWN_UNITS,
    PINT_UNITS,
    SPELLINGS,
    SYMBOLS,
)
from labdata.plugin.numbers import is_finite

if TYPE_CHECKING:
    import pint

Number = TypeVar("Number", float, np.ndarray)
LONGEST_UNIT = 40


class UnitError(ValueError):
    """The text is no number with an accepted unit; says what would be."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One accepted unit: its printed symbol and the kind of quantity it measures."""

    symbol: str
    kind: str

    def __str__(self) -> str:
        return self.symbol


UNITS: Mapping[str, Unit] = MappingProxyType(
    {
        symbol: Unit(symbol, kind)
        for table in (PINT_UNITS, OWN_UNITS)
        for kind, symbols in table.items()
        for symbol in symbols
    }
)


def find_unit(text: str) -> Unit:
    """Return the accepted unit that ``text`` spells.

    Parameters
    ----------
    text : str
        Any usual spelling: ``cm² V⁻¹ s⁻¹``, ``cm^2/(V s)``, ``mA cm-2``, ``hours``,
        ``degC``. An empty text is the plain number ``1``.

    Raises
    ------
    UnitError
        If it is not in the table, with the nearest accepted spellings.
    """
    if len(text) > LONGEST_UNIT:
        raise UnitError(f"a unit has at most {LONGEST_UNIT} characters")
    unit = known_unit(text)
    if unit is None:
        near = _nearest(text.strip())
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise UnitError(f"unit {text.strip()!r} is not known here{hint}")
    return unit


def known_unit(text: str) -> Unit | None:
    """Return what :func:`find_unit` returns, or None where it would raise."""
    return _find(text) if len(text) <= LONGEST_UNIT else None


def accepted_units(unit: str) -> tuple[str, ...]:
    """Return the symbols that convert to ``unit``, itself first."""
    target = find_unit(unit)
    others = [
        candidate.symbol
        for candidate in UNITS.values()
        if candidate != target and _comparable(candidate, target)
    ]
    return (target.symbol, *others)


def convert(value: Number, from_unit: str, to_unit: str) -> Number:
    """Convert a number or an array from one unit to another of the same kind.

    Parameters
    ----------
    value : float or ndarray
        In ``from_unit``. NaN stays NaN.
    from_unit, to_unit : str
        Any spelling :func:`find_unit` accepts.

    Raises
    ------
    UnitError
        If a unit is unknown or the two measure different things.

    Notes
    -----
    Temperatures are points on a scale: 0 °C becomes 273.15 K. Use
    :func:`convert_uncertainty` for differences. Wavelength and photon energy are
    different quantities and do not convert here.
    """
    factor, offset = _affine(*_pair(from_unit, to_unit))
    return value * factor + offset


def convert_uncertainty(value: Number, from_unit: str, to_unit: str) -> Number:
    """Convert a difference or a standard uncertainty: the offset has no part in it."""
    factor, _ = _affine(*_pair(from_unit, to_unit))
    return value * factor


def parse_quantity(text: object, *, unit: str) -> float:
    """Read one exact number, with or without its unit, as a number in ``unit``.

    Parameters
    ----------
    text : str or float
        ``"573 K"``, ``"0,5 h"``, ``300``. A number without unit is in ``unit``;
        anything else that JSON can hold is refused.
    unit : str
        The declared unit.

    Returns
    -------
    float
        The value. [``unit``]

    Raises
    ------
    UnitError
        If the text is no finite number, has a bound or an uncertainty, or names a
        unit that is unknown or of another kind.
    """
    measured = parse_measured_quantity(text, unit=unit)
    if measured is None:
        raise UnitError(f"{text!r} is not a number; write it in {unit}")
    if measured.bound != "=" or measured.uncertainty is not None:
        raise UnitError(f"{text!r} must be one number without bound or uncertainty")
    return measured.value


def parse_measured_quantity(text: object, *, unit: str) -> Measured | None:
    """Read a number with its bound and uncertainty, converted to ``unit``.

    Parameters
    ----------
    text : str or float
        As for :func:`labdata.common.measures.numbers.parse_measured`; anything else
        that JSON can hold is refused.
    unit : str
        The declared unit.

    Returns
    -------
    Measured or None
        None where the text says the value is missing.

    Raises
    ------
    UnitError
        With what was typed and the units accepted in its place.
    """
    target = find_unit(unit)
    if isinstance(text, bool) or not isinstance(text, (str, int, float)):
        raise UnitError(f"{text!r} is not a number; write it in {target}")
    if not isinstance(text, str):
        if not is_finite(text):
            raise UnitError(f"{text!r} is not a finite number")
        return Measured(float(text), unit_text=target.symbol)
    try:
        measured = parse_measured(text)
    except NumberError as error:
        raise UnitError(str(error)) from error
    if measured is None:
        return None
    written = measured.unit_text or target.symbol
    try:
        source = find_unit(written)
    except UnitError as error:
        raise UnitError(f"{text!r}: {error} (accepted: {_choices(target)})") from error
    if not _comparable(source, target):
        raise UnitError(
            f"{text!r} measures {source.kind}, {target.kind} is wanted"
            f" (accepted: {_choices(target)})"
        )
    uncertainty = measured.uncertainty
    if uncertainty is not None:
        uncertainty = convert_uncertainty(uncertainty, source.symbol, target.symbol)
    return Measured(
        convert(measured.value, source.symbol, target.symbol),
        uncertainty,
        measured.bound,
        target.symbol,
    )


def _nearest(text: str) -> list[str]:
    same = [symbol for symbol in UNITS if symbol.casefold() == text.casefold()]
    return same or difflib.get_close_matches(text, UNITS, n=3, cutoff=0.7)


def _choices(unit: Unit) -> str:
    return ", ".join(accepted_units(unit.symbol))


def _comparable(first: Unit, second: Unit) -> bool:
    kinds = {first.kind, second.kind}
    return len(kinds) == 1 or ("ratio" in kinds and bool(kinds & FRACTIONS))


def _pair(from_unit: str, to_unit: str) -> tuple[Unit, Unit]:
    source, target = find_unit(from_unit), find_unit(to_unit)
    if not _comparable(source, target):
        raise UnitError(
            f"{source} ({source.kind}) does not convert to {target} ({target.kind})"
        )
    return source, target


@cache
def _affine(source: Unit, target: Unit) -> tuple[float, float]:
    """Return factor and offset of the straight line from one unit to the other."""
    if source == target:
        return 1.0, 0.0
    if source.kind in OWN_UNITS or target.kind in OWN_UNITS:
        return _own_size(source) / _own_size(target), 0.0
    quantity = _registry().Quantity
    start = PINT_UNITS[source.kind][source.symbol]
    end = PINT_UNITS[target.kind][target.symbol]
    if source.kind != "temperature":
        return float(quantity(1.0, start).m_as(end)), 0.0
    factor = quantity(1.0, _difference(start)).m_as(_difference(end))
    return float(factor), float(quantity(0.0, start).m_as(end))


def _own_size(unit: Unit) -> float:
    if unit.kind in OWN_UNITS:
        return OWN_UNITS[unit.kind][unit.symbol]
    return float(_registry().Quantity(1.0, PINT_UNITS[unit.kind][unit.symbol]).m_as(""))


def _difference(expression: str) -> str:
    return expression if expression == "kelvin" else f"delta_{expression}"


@cache
def _registry() -> pint.UnitRegistry:
    # pint takes a quarter of a second to import; most processes never convert.
    import pint

    return pint.UnitRegistry()


@lru_cache(maxsize=1024)
def _find(text: str) -> Unit | None:
    stripped = text.strip()
    if not stripped:
        return UNITS["1"]
    if stripped in UNITS:
        return UNITS[stripped]
    folded = re.sub(r"\s+", "", _compatible(stripped)).casefold()
    for symbol, spellings in _special_spellings().items():
        if folded in spellings:
            return UNITS[symbol]
    signature = _signature(stripped)
    return _signatures().get(signature) if signature else None


@cache
def _special_spellings() -> dict[str, frozenset[str]]:
    collected: dict[str, set[str]] = {}
    for spelling, symbol in SPELLINGS.items():
        collected.setdefault(symbol, set()).add(_compatible(spelling).casefold())
    for symbol in (symbol for table in OWN_UNITS.values() for symbol in table):
        spelling = re.sub(r"\s+", "", _compatible(symbol)).casefold()
        collected.setdefault(symbol, set()).add(spelling)
    return {symbol: frozenset(texts) for symbol, texts in collected.items()}


def _compatible(text: str) -> str:
    # Ångström and ohm signs, micro signs and ℃ have several code points each.
    folded = unicodedata.normalize("NFKC", text)
    return folded.replace("−", "-").replace("–", "-").replace("μ", "µ")


_FACTOR = re.compile(
    r"(?P<symbol>[^\s\d/*·⋅^()+\-]+|1)(?:\^?\(?(?P<power>[+-]?\d)\)?)?"
)


def _signature(text: str) -> frozenset[tuple[str, int]] | None:
    """Return the product of powers a unit text spells: cm²/(V s) is cm², V⁻¹, s⁻¹."""
    text = _compatible(text).replace("**", "^").replace("deg C", "°C")
    text = re.sub(r"\bper\b", "/", text)
    powers: dict[str, int] = {}
    sign, inside, position = 1, False, 0
    while position < len(text):
        character = text[position]
        if character in " *·⋅":
            position += 1
            continue
        if character == "/":
            sign, position = -1, position + 1
            continue
        if character == "(" and not inside:
            inside, position = True, position + 1
            continue
        if character == ")" and inside:
            inside, sign, position = False, 1, position + 1
            continue
        match = _FACTOR.match(text, position)
        if match is None:
            return None
        symbol = match["symbol"]
        if symbol != "1":
            symbol = _base_symbol(symbol)
            powers[symbol] = powers.get(symbol, 0) + sign * int(match["power"] or 1)
        if not inside:
            sign = 1
        position = match.end()
    return frozenset((symbol, power) for symbol, power in powers.items() if power)


def _base_symbol(text: str) -> str:
    if text in SYMBOLS:
        return SYMBOLS[text]
    if len(text) > 2 and text.casefold() in SYMBOLS:
        return SYMBOLS[text.casefold()]
    return text


@cache
def _signatures() -> dict[frozenset[tuple[str, int]], Unit]:
    table: dict[frozenset[tuple[str, int]], Unit] = {}
    for kind, symbols in PINT_UNITS.items():
        for symbol in symbols:
            signature = _signature(symbol)
            if signature:
                table.setdefault(signature, Unit(symbol, kind))
    return table
