"""Reading a described stack: what its layers and cells say, checked, in its units."""

import math

from django.core.exceptions import ValidationError

from labdata.common.api.errors import NestedValidationError
from labdata.common.measures.units import UnitError, parse_quantity
from samples.models import Architecture, Layer
from samples.thermal import ProgramError, check_program

MOST_LAYERS = 60
MOST_CELLS = 400
MOST_ROWS = 40
STACK_KEYS = {
    "architecture",
    "substrate_width",
    "substrate_height",
    "layers",
    "cells",
}
LAYER_NUMBERS = {"thickness": "nm", "thickness_uncertainty": "nm", "rate": "Å/s"}
STEP_NUMBERS = {
    "speed": "rpm",
    "acceleration": "rpm/s",
    "duration": "s",
    "antisolvent_volume": "µL",
    "antisolvent_time": "s",
}
CELL_NUMBERS = {
    "active_area": "cm²",
    "mask_area": "cm²",
    "x": "mm",
    "y": "mm",
    "width": "mm",
    "height": "mm",
}
TOO_LARGE = 1e12
MAY_BE_ZERO = {"thickness_uncertainty", "antisolvent_time", "x", "y"}
CONCENTRATION_UNITS = ("mg/mL", "mol/L", "mmol/L", "wt%", "vol%")


def read_stack(stack):
    """Check a described stack and give it back in its own units.

    Parameters
    ----------
    stack : dict
        ``architecture``, ``substrate_width``, ``substrate_height``, ``layers``,
        ``cells``; numbers may be text with a unit.

    Returns
    -------
    dict
        The same keys, all there; layers and cells with what is known only.

    Raises
    ------
    ValidationError
        By field; for layers and cells by their index, in the words of the lab.
    """
    if not isinstance(stack, dict):
        raise ValidationError({"stack": "A stack is {architecture, layers, cells}."})
    errors = {}
    if strange := set(stack) - STACK_KEYS:
        errors["stack"] = [
            f"A stack has no {', '.join(sorted(map(str, strange)))} (it has: "
            f"{', '.join(sorted(STACK_KEYS))})."
        ]
    read = {
        "architecture": _choice(
            stack.get("architecture"), Architecture, "architecture", errors
        )
    }
    for key in ("substrate_width", "substrate_height"):
        read[key] = _number(stack, key, "mm", errors)
    read["layers"] = _rows(stack, "layers", MOST_LAYERS, _read_layer, errors)
    read["cells"] = _rows(stack, "cells", MOST_CELLS, _read_cell, errors)
    _refuse_labels_twice(read["cells"], errors)
    if errors:
        raise NestedValidationError(errors)
    return read


def _rows(stack, key, most, read_row, errors):
    rows = stack.get(key)
    if rows is None or rows == "":
        return []
    if not isinstance(rows, list | tuple):
        errors[key] = [f"{key.capitalize()} are a list."]
        return []
    if len(rows) > most:
        errors[key] = [f"{len(rows)} {key}; at most {most} are kept."]
        return []
    read, wrong = [], {}
    for index, row in enumerate(rows):
        found = {}
        if isinstance(row, dict):
            read.append(read_row(row, found))
        else:
            found[key[:-1]] = [f"{row!r} is no {key[:-1]}."]
        if found:
            wrong[str(index)] = found
    if wrong:
        errors[key] = wrong
    return read


def _read_layer(row, errors):
    known = {
        *("role", "material", "composition", "method", "steps"),
        *("solution", "program", "notes", *LAYER_NUMBERS),
    }
    _refuse_strange(row, known, "layer", errors)
    layer = {"role": _choice(row.get("role"), Layer.Role, "role", errors)}
    if not layer["role"] and "role" not in errors:
        errors["role"] = [f"What is it there for? One of {', '.join(Layer.Role)}."]
    for key in ("material", "composition"):
        if text := _text(row, key, 400, errors):
            layer[key] = text
    if "material" in layer and "composition" in layer:
        errors["composition"] = ["A layer is of a material or of a composition."]
    for key, unit in LAYER_NUMBERS.items():
        number = _number(row, key, unit, errors)
        if number is not None:
            layer[key] = number
    if method := _choice(row.get("method"), Layer.Method, "method", errors):
        layer["method"] = method
    if steps := _rows(row, "steps", MOST_ROWS, _read_step, errors):
        layer["steps"] = [step for step in steps if step]
    if solution := _read_solution(row.get("solution"), errors):
        layer["solution"] = solution
    if program := _read_program(row.get("program"), errors):
        layer["program"] = program
    if notes := _text(row, "notes", 4000, errors):
        layer["notes"] = notes
    return layer


def _read_step(row, errors):
    _refuse_strange(row, {"antisolvent", *STEP_NUMBERS}, "step", errors)
    step = {
        key: number
        for key, unit in STEP_NUMBERS.items()
        if (number := _number(row, key, unit, errors)) is not None
    }
    if text := _text(row, "antisolvent", 200, errors):
        step["antisolvent"] = text
    return step


def _read_solution(value, errors):
    if value is None or value == "":
        return {}
    if not isinstance(value, dict):
        errors["solution"] = ["A solution is {solutes, solvents, volume}."]
        return {}
    found = {}
    _refuse_strange(value, {"solutes", "solvents", "volume"}, "solution", found)
    solution = {}
    solutes = _rows(value, "solutes", MOST_ROWS, _read_solute, found)
    solvents = _rows(value, "solvents", MOST_ROWS, _read_solvent, found)
    if solutes:
        solution["solutes"] = solutes
    if solvents:
        solution["solvents"] = solvents
    volume = _number(value, "volume", "µL", found)
    if volume is not None:
        solution["volume"] = volume
    if found:
        errors["solution"] = found
    return solution


def _read_solute(row, errors):
    _refuse_strange(row, {"name", "concentration", "unit"}, "solute", errors)
    solute = {"name": _text(row, "name", 200, errors)}
    if not solute["name"] and "name" not in errors:
        errors["name"] = ["What is dissolved?"]
    unit = row.get("unit")
    if unit is None or unit == "":
        unit = CONCENTRATION_UNITS[0]
    if unit not in CONCENTRATION_UNITS:
        errors["unit"] = [
            f"{unit!r} is no unit of concentration (there are: "
            f"{', '.join(CONCENTRATION_UNITS)})."
        ]
        return solute
    concentration = _number(row, "concentration", unit, errors)
    if concentration is not None:
        solute |= {"concentration": concentration, "unit": unit}
    return solute


def _read_solvent(row, errors):
    _refuse_strange(row, {"name", "fraction"}, "solvent", errors)
    solvent = {"name": _text(row, "name", 200, errors)}
    if not solvent["name"] and "name" not in errors:
        errors["name"] = ["Which solvent?"]
    fraction = _number(row, "fraction", "1", errors)
    if fraction is not None:
        solvent["fraction"] = fraction
    return solvent


def _read_program(rows, errors):
    if rows is None or rows == "":
        return []
    if not isinstance(rows, list | tuple) or len(rows) > MOST_ROWS:
        errors["program"] = [f"A programme is a list of at most {MOST_ROWS} steps."]
        return []
    try:
        segments = check_program(rows)
    except ProgramError as error:
        errors["program"] = {
            str(index): {key: [text] for key, text in found.items()}
            for index, found in error.errors.items()
        }
        return []
    program = [
        {key: value for key, value in segment.as_dict().items() if value is not None}
        for segment in segments
    ]
    for index, segment in enumerate(program):
        for key, value in segment.items():
            # PostgreSQL keeps no NUL in JSON.
            if isinstance(value, str) and "\0" in value:
                errors["program"] = {str(index): {key: ["A sign in this is none."]}}
    return program


def _read_cell(row, errors):
    _refuse_strange(row, {"label", "notes", *CELL_NUMBERS}, "cell", errors)
    cell = {"label": _text(row, "label", 40, errors)}
    if not cell["label"] and "label" not in errors:
        errors["label"] = ["A cell needs a label, such as A."]
    for key, unit in CELL_NUMBERS.items():
        number = _number(row, key, unit, errors)
        if number is not None:
            cell[key] = number
    if notes := _text(row, "notes", 400, errors):
        cell["notes"] = notes
    return cell


def _refuse_labels_twice(cells, errors):
    seen = {}
    for index, cell in enumerate(cells):
        if cell["label"] and cell["label"] in seen and "cells" not in errors:
            errors["cells"] = {
                str(index): {
                    "label": [
                        f"{cell['label']} is the label of cell "
                        f"{seen[cell['label']] + 1} already."
                    ]
                }
            }
        seen[cell["label"]] = index


def _refuse_strange(row, known, what, errors):
    if strange := set(map(str, row)) - known:
        errors[what] = [
            f"A {what} has no {', '.join(sorted(strange))} (it has: "
            f"{', '.join(sorted(known))})."
        ]


def _choice(value, choices, key, errors):
    if value in (None, ""):
        return ""
    if value not in choices.values:
        errors[key] = [f"{value!r} is not one of {', '.join(choices.values)}."]
        return ""
    return str(value)


def _text(row, key, most, errors):
    value = row.get(key)
    if value is None or value == "":
        return ""
    if not isinstance(value, str):
        errors[key] = [f"{key.capitalize()} is text, got {value!r}."]
        return ""
    text = value.strip()
    if "\x00" in text or len(text) > most:
        errors[key] = [f"{key.capitalize()} has at most {most} characters."]
        return ""
    return text


def _number(row, key, unit, errors):
    value = row.get(key)
    if value is None or value == "":
        return None
    words = key.replace("_", " ")
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        errors[key] = [f"The {words} is a number in {unit}, got {value!r}."]
        return None
    try:
        number = parse_quantity(value, unit=unit)
    except UnitError as error:
        errors[key] = [f"The {words}: {error}."]
        return None
    if not math.isfinite(number):
        errors[key] = [f"The {words} must be finite, got {number}."]
    elif number > TOO_LARGE:
        errors[key] = [f"The {words} is {number:g} {unit}, which no device has."]
    elif number < 0 or (number == 0 and key not in MAY_BE_ZERO):
        above = "not be negative" if key in MAY_BE_ZERO else "be above 0"
        errors[key] = [f"The {words} is {number:g} {unit}; it must {above}."]
    else:
        return number
    return None
