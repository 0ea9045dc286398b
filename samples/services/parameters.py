"""Parameters of processes: numbers in declared units, or texts."""

from django.core.exceptions import ValidationError

from labdata.common.api.errors import NestedValidationError
from labdata.common.measures.units import UnitError, find_unit, parse_quantity
from labdata.plugin.numbers import is_finite

# Units of parameters that mean the same in every process; others name their own.
PARAMETER_UNITS = {
    "temperature": "°C",
    "duration": "min",
    "concentration": "mg/mL",
    "mass": "mg",
    "volume": "mL",
    "speed": "rpm",
    "pressure": "Pa",
    "yield": "%",
    "humidity": "%",
    "thickness": "nm",
}


def check_parameters(values):
    """Check the parameters of a process: numbers, texts, ``{value, unit}``.

    A known parameter (temperature, duration …) is converted to its unit; an unknown
    one keeps the unit it was given in.

    Raises
    ------
    ValidationError
        Under ``parameters``.
    """
    if not isinstance(values or {}, dict):
        raise ValidationError({"parameters": "Parameters are a map of name to value."})
    checked, errors = {}, {}
    for key, value in (values or {}).items():
        if not str(key).isidentifier() or len(str(key)) > 60:
            errors[key] = ["A parameter is named by letters, digits and _."]
            continue
        if value is None or value == "":
            continue
        try:
            checked[key] = _parameter(key, value)
        except (ValueError, UnitError) as error:
            errors[key] = [str(error)]
    if errors:
        raise NestedValidationError({"parameters": errors})
    return checked


def _parameter(key, value):
    unit = PARAMETER_UNITS.get(key)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        if set(value) - {"value", "unit"} or "value" not in value:
            raise ValueError("Write {value, unit}.")
        given = str(value.get("unit") or unit or "1")
        number = parse_quantity(str(value["value"]), unit=given)
        if unit:
            return parse_quantity(f"{value['value']} {given}", unit=unit)
        find_unit(given)
        return number if given == "1" else {"value": number, "unit": given}
    if isinstance(value, int | float):
        if not is_finite(value):
            raise ValueError(f"{value} is not a finite number.")
        return float(value)
    if isinstance(value, list):
        raise ValueError("A parameter is one value, not a list.")
    text = str(value).strip()
    if len(text) > 300:
        raise ValueError("At most 300 characters.")
    return parse_quantity(text, unit=unit) if unit else text
