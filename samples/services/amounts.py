"""Amounts that go into processes: a positive number with its unit."""

from labdata.common.measures.numbers import NumberError, parse_measured
from labdata.common.measures.units import UnitError, find_unit


def read_amount(text, unit=""):
    """Read an amount: ``25 mg``, or a number in ``unit``.

    Returns
    -------
    float, str
        The number, and its unit as it is printed; empty where none was told.

    Raises
    ------
    ValueError
        With what was typed and what is wrong with it.
    """
    try:
        measured = parse_measured(str(text))
        if measured is None:
            raise ValueError(f"{str(text)!r} is not a number.")
        if measured.bound != "=" or measured.uncertainty is not None:
            raise ValueError(f"{str(text)!r} must be one number.")
        told = measured.unit_text or unit
        symbol = find_unit(told).symbol if told else ""
    except (NumberError, UnitError) as error:
        raise ValueError(str(error)) from error
    if measured.unit_text and unit and find_unit(unit).symbol != symbol:
        raise ValueError(f"{str(text)!r} is in {symbol}, and the unit says {unit}.")
    if not measured.value > 0:
        raise ValueError(f"An amount is positive, not {measured.value:g}.")
    return measured.value, symbol
