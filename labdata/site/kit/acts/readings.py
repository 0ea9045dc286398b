"""What was understood of a typed cell, told beside it before anything is saved."""

from dataclasses import dataclass

from labdata.common.measures.numbers import NumberError, format_measured, parse_measured
from labdata.common.measures.units import UnitError, find_unit, parse_measured_quantity
from samples.services.amounts import read_amount
from samples.services.parameters import PARAMETER_UNITS

SHOWN_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Reading:
    """A cell's meaning in its own unit; empty where it says just what was typed."""

    text: str = ""
    error: str = ""
    formula: str = ""


NOTHING = Reading()


def read_quantity(text, unit):
    """A number in a column's unit, told where another one was typed."""
    if not text:
        return NOTHING
    try:
        measured = parse_measured_quantity(text, unit=unit)
    except UnitError as error:
        return Reading(error=str(error))
    if measured is None:
        return Reading("not known")
    shown = format_measured(measured.value, unit=unit, significant=SHOWN_DIGITS)
    return NOTHING if _is_plain(text) else Reading(f"= {shown}")


def _is_plain(text):
    try:
        float(text)
    except ValueError:
        return False
    return True


def read_amount_cell(text):
    if not text:
        return NOTHING
    try:
        number, unit = read_amount(text)
    except ValueError as error:
        return Reading(error=str(error))
    if unit:
        return NOTHING
    return Reading(f"{number:g} of no unit: write 25 mg, 0.5 mL")


def read_parameter(name, text):
    """A parameter as the services will keep it."""
    if not text:
        return NOTHING
    if unit := PARAMETER_UNITS.get(name):
        reading = read_quantity(text, unit)
        return reading if reading != NOTHING else Reading(f"in {unit}")
    measured = plain_quantity(text)
    return NOTHING if measured else Reading("kept as text")


def plain_quantity(text):
    """A number with a known unit, as ``{value, unit}`` or a number; None for texts."""
    try:
        measured = parse_measured(text)
        if measured is None or measured.bound != "=":
            return None
        if measured.uncertainty is not None:
            return None
        if not measured.unit_text:
            return measured.value
        return {"value": measured.value, "unit": find_unit(measured.unit_text).symbol}
    except (NumberError, UnitError):
        return None
