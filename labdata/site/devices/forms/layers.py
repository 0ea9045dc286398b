"""One layer of the form of a stack: its cells, the tables of its making."""

from labdata.common.measures.numbers import NumberError, parse_measured
from labdata.common.measures.units import (
    UnitError,
    convert,
    find_unit,
    parse_measured_quantity,
)
from labdata.site.kit.acts.act_form import PROGRAM, plain_number
from labdata.site.kit.acts.readings import read_quantity
from labdata.site.kit.forms import Cell, Column, RowTable, flat
from samples.formula import CompositionError, parse_composition
from samples.models import Layer
from samples.services.stack_reading import CONCENTRATION_UNITS

# More digits than anybody measured, fewer than a float makes up.
KEPT_DIGITS = 12
NM_PER_MM, WRITTEN_IN_MM_FROM = 1e6, 1e5
UNIT_OF = {
    "thickness": "nm",
    "rate": "Å/s",
    "solution_volume": "µL",
    "speed": "rpm",
    "acceleration": "rpm/s",
    "duration": "s",
    "antisolvent_volume": "µL",
    "antisolvent_time": "s",
    "active_area": "cm²",
    "mask_area": "cm²",
    "substrate_width": "mm",
    "substrate_height": "mm",
    **dict.fromkeys(("x", "y", "width", "height"), "mm"),
}


def _read_in(unit):
    return lambda text, row: read_quantity(text, unit)


def _measured_column(key, label, **options):
    unit = UNIT_OF[key]
    return Column(key, label, hint=unit, read=_read_in(unit), **options)


ROLE_CHOICES = (("", "Role"), *Layer.Role.choices)
METHOD_CHOICES = (("", "Made by"), *Layer.Method.choices)
FIELDS = (
    Column("role", "Role", ROLE_CHOICES),
    Column("substance", "Material or composition"),
    _measured_column("thickness", "Thickness"),
    Column("method", "Method", METHOD_CHOICES),
    _measured_column("rate", "Deposition rate"),
    _measured_column("solution_volume", "Volume of solution"),
    Column("notes", "Notes"),
)
STEPS = (
    _measured_column("speed", "Speed"),
    _measured_column("acceleration", "Acceleration"),
    _measured_column("duration", "Time"),
    Column("antisolvent", "Antisolvent"),
    _measured_column("antisolvent_volume", "Its volume"),
    _measured_column("antisolvent_time", "Dropped at"),
)
SOLUTES = (
    Column("name", "Solute"),
    Column("concentration", "Concentration", hint="with its unit"),
)
SOLVENTS = (
    Column("name", "Solvent"),
    Column("fraction", "Share"),
)
CELLS = (
    Column("label", "Label"),
    _measured_column("active_area", "Active area"),
    _measured_column("mask_area", "Mask area"),
    _measured_column("x", "x"),
    _measured_column("y", "y"),
    _measured_column("width", "Width"),
    _measured_column("height", "Height"),
    Column("notes", "Notes"),
)
TABLES = {"steps": STEPS, "solutes": SOLUTES, "solvents": SOLVENTS, "program": PROGRAM}


class LayerBlock:
    """One layer of the form: its own cells, and the tables of how it was made.

    Names begin with ``layer3_``; ``values`` are what the form begins with.
    """

    def __init__(self, index, *, data=None, values=None):
        self.index, self.prefix = index, f"layer{index}_"
        values = values or {}
        self.is_kept = bool(values) and "substance" in values
        if data is not None:
            values = {
                column.key: data.get(self.prefix + column.key, "").strip()
                for column in FIELDS
            }
            self.is_kept = data.get(f"{self.prefix}kept") == "yes"
        self.cells = {
            column.key: Cell(
                column,
                self.prefix + column.key,
                str(values.get(column.key) or ""),
                f"{column.label}, layer {index + 1}",
            )
            for column in FIELDS
        }
        self.tables = {
            name: RowTable(
                self.prefix + name,
                columns,
                data=data,
                initial=values.get(name) or (),
                spare=not values.get(name),
            )
            for name, columns in TABLES.items()
        }
        self.errors = []

    @property
    def number(self):
        return self.index + 1

    def text(self, key):
        return self.cells[key].value

    @property
    def is_filled(self):
        """Whether anything is told but the role a new form proposes."""
        told = any(cell.value for key, cell in self.cells.items() if key != "role")
        rows = any(table.filled for table in self.tables.values())
        return told or rows or (self.is_kept and bool(self.text("role")))

    @property
    def has_errors(self):
        return (
            bool(self.errors)
            or any(cell.errors for cell in self.cells.values())
            or any(table.has_errors for table in self.tables.values())
        )

    @property
    def has_wrong_details(self):
        """Whether what is folded away is wrong, and has to be seen."""
        cells = (self.cells[key] for key in ("rate", "solution_volume", "notes"))
        return any(cell.errors for cell in cells) or any(
            table.has_errors for table in self.tables.values()
        )

    @property
    def details(self):
        """What is folded away, in a few words."""
        words = []
        steps = self.tables["steps"].values()
        if steps:
            words.append(f"{len(steps)} spin step{'s' * (len(steps) > 1)}")
        if self.text("rate"):
            words.append("rate")
        if self.tables["solutes"].filled or self.tables["solvents"].filled:
            words.append("solution")
        if self.tables["program"].filled:
            words.append("annealing")
        if self.text("notes"):
            words.append("notes")
        return ", ".join(words)

    def described(self, substances):
        """The layer as the services take it; what cannot be read is marked."""
        thickness = _measured(self.cells["thickness"])
        layer = {
            "role": self.text("role"),
            **substances(self.text("substance")),
            "thickness": plain(thickness.value) if thickness else None,
            "thickness_uncertainty": thickness.uncertainty if thickness else None,
            "method": self.text("method"),
            "rate": read_number(self.cells["rate"]),
            "steps": [read_row(row) for row in filled_rows(self.tables["steps"])],
            "program": self.tables["program"].values(),
            "notes": self.text("notes"),
        }
        solution = self._solution()
        if solution:
            layer["solution"] = solution
        if not layer["role"]:
            self.cells["role"].errors.append("What is this layer there for?")
        return layer

    def _solution(self):
        solution = {}
        if self.tables["solutes"].filled:
            solution["solutes"] = [
                _solute(row) for row in filled_rows(self.tables["solutes"])
            ]
        if self.tables["solvents"].filled:
            solution["solvents"] = [
                {"name": name.value, "fraction": _read_plain(fraction)}
                for name, fraction in filled_rows(self.tables["solvents"])
            ]
        volume = read_number(self.cells["solution_volume"])
        if volume is not None:
            solution["volume"] = volume
        return solution

    def take(self, messages):
        """Put what the services say of this layer where it was typed."""
        if not isinstance(messages, dict):
            self.errors += flat(messages)
            return
        names = {"material": "substance", "composition": "substance"}
        for key, inner in messages.items():
            key = names.get(key, str(key))
            if key == "solution" and isinstance(inner, dict):
                self._take_solution(inner)
            elif key in self.tables:
                self._take_rows(self.tables[key], inner)
            elif key in self.cells:
                self.cells[key].errors += flat(inner)
            else:
                self.errors += flat({key: inner})

    def _take_solution(self, messages):
        for key, inner in messages.items():
            if key in self.tables:
                self._take_rows(self.tables[key], inner)
            elif key == "volume":
                self.cells["solution_volume"].errors += flat(inner)
            else:
                self.errors += flat({key: inner})

    @staticmethod
    def _take_rows(table, messages):
        if isinstance(messages, dict):
            table.take(messages)
        else:
            table.errors += flat(messages)


def filled_rows(table):
    return [table.rows[index] for index in table.filled]


def _measured(cell):
    """A number with its uncertainty in the unit of the cell's column, or None."""
    if not cell.value:
        return None
    try:
        measured = parse_measured_quantity(cell.value, unit=UNIT_OF[cell.column.key])
    except UnitError as error:
        cell.errors.append(str(error))
        return None
    if measured is not None and measured.bound not in ("=", "~"):
        cell.errors.append(f"{cell.value} is a bound, not a number.")
        return None
    return measured


def read_number(cell):
    measured = _measured(cell)
    return None if measured is None else plain(measured.value)


def plain(number):
    return float(f"{number:.{KEPT_DIGITS}g}")


def _read_plain(cell):
    try:
        measured = parse_measured_quantity(cell.value, unit="1") if cell.value else None
    except UnitError as error:
        cell.errors.append(str(error))
        return None
    return None if measured is None else measured.value


def read_row(cells):
    """A row of a table with numbers where its columns have a unit."""
    return {
        cell.column.key: read_number(cell)
        if cell.column.key in UNIT_OF
        else cell.value or None
        for cell in cells
    }


def _solute(cells):
    name, concentration = cells
    solute = {"name": name.value, "concentration": None, "unit": ""}
    if not concentration.value:
        return solute
    try:
        measured = parse_measured(concentration.value)
        if measured is not None:
            solute["concentration"] = measured.value
            if not measured.unit_text:
                concentration.errors.append(
                    f"{concentration.value} of what? Write 1.4 M or 2.5 mg/mL."
                )
            else:
                solute |= _in_kept_unit(measured)
    except (NumberError, UnitError) as error:
        concentration.errors.append(str(error))
    return solute


def _in_kept_unit(measured):
    """A concentration in the first of the kept units that it converts to."""
    unit = find_unit(measured.unit_text).symbol
    if unit in CONCENTRATION_UNITS:
        return {"concentration": measured.value, "unit": unit}
    for kept in CONCENTRATION_UNITS:
        try:
            number = convert(measured.value, unit, kept)
        except UnitError:
            continue
        return {"concentration": plain(number), "unit": kept}
    raise UnitError(
        f"{unit} is no concentration here: {', '.join(CONCENTRATION_UNITS)} are."
    )


def split_substance(text, materials):
    """Whether what stands in the field is a material or a composition.

    A material the project knows is one, whatever its name looks like; otherwise a
    formula with fractions is a composition, and any other text names a material.
    """
    if not text:
        return {}
    if text in materials:
        return {"material": text}
    try:
        parsed = parse_composition(text)
    except CompositionError:
        return {"material": text}
    # C60 and Al2O3 are bottles on a shelf; Cs0.1FA0.9PbI3 is mixed.
    is_mixed = len(parsed.components) > 1 or "." in text
    return {"composition" if is_mixed else "material": text}


def layer_values(layer):
    """A described layer as the cells and rows of the form."""
    solution = layer.get("solution") or {}
    return {
        "role": layer.get("role"),
        "substance": layer.get("material") or layer.get("composition") or "",
        "thickness": _with_uncertainty(
            layer.get("thickness"), layer.get("thickness_uncertainty")
        ),
        "method": layer.get("method") or "",
        "rate": plain_number(layer.get("rate")),
        "solution_volume": plain_number(solution.get("volume")),
        "notes": layer.get("notes") or "",
        "steps": [plain_row(row) for row in layer.get("steps") or ()],
        "program": [plain_row(row) for row in layer.get("program") or ()],
        "solutes": [
            {
                "name": one.get("name"),
                "concentration": f"{plain_number(one['concentration'])} "
                f"{one.get('unit') or ''}".strip()
                if one.get("concentration") is not None
                else "",
            }
            for one in solution.get("solutes") or ()
        ],
        "solvents": [plain_row(row) for row in solution.get("solvents") or ()],
    }


def cell_rows(cells):
    """Described cells as rows of the form."""
    return [plain_row(cell) for cell in cells]


def plain_row(row):
    return {key: plain_number(value) for key, value in row.items()}


def _with_uncertainty(value, uncertainty):
    if value is None:
        return ""
    if uncertainty is None:
        if value >= WRITTEN_IN_MM_FROM:
            return f"{plain_number(value / NM_PER_MM)} mm"
        return plain_number(value)
    return f"{plain_number(value)}±{plain_number(uncertainty)}"
