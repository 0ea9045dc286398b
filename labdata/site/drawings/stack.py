"""A layer stack as a cross-section, and its cells on the substrate, as coordinates.

Layers and cells are mappings in the form the services describe a stack in, so that
what is typed is drawn as what is stored is.
"""

import math
from dataclasses import dataclass, field

from labdata.common.measures.numbers import format_measured
from samples.models import Layer

ROLES = dict(Layer.Role.choices)
METHODS = dict(Layer.Method.choices)
SEPARATOR = " / "

# Of the cross-section, in pixels.
SECTION_WIDTH, BOX_WIDTH, STRIP = 372, 226, 8
THINNEST, THICKEST, PER_ROOT_NM = 24.0, 92.0, 1.6
LINE = 4.5
NAME_LETTERS, SEQUENCE_LETTERS = 18, 22
NM_PER_UM, NM_PER_MM = 1e3, 1e6

# Of the map of the substrate.
MAP_SIDE, MAP_MARGIN, RULER = 300.0, 6.0, 22.0
SPARE_SHARE = 0.12
CM_IN_MM = 10.0
LEVELS = 9


@dataclass(frozen=True, slots=True)
class DrawnLayer:
    """One box of a cross-section; ``words`` say all of it."""

    y: float
    height: float
    text_y: float
    name: str
    role: str
    role_words: str
    thickness: str
    words: str
    is_thickness_known: bool
    is_cut: bool


@dataclass(frozen=True, slots=True)
class CrossSection:
    """A stack drawn, its last layer on top."""

    layers: list[DrawnLayer]
    height: float
    words: str
    width: int = SECTION_WIDTH
    box_width: int = BOX_WIDTH
    strip: int = STRIP
    name_x: int = STRIP + 8
    thickness_x: int = BOX_WIDTH - 8
    role_x: int = BOX_WIDTH + 8

    @property
    def is_partial(self):
        return any(not layer.is_thickness_known for layer in self.layers)


def substance_of(layer):
    """What a layer is of, or else what it is there for."""
    return (
        str(layer.get("material") or layer.get("composition") or "").strip()
        or ROLES.get(layer.get("role"), "layer").lower()
    )


def layer_sequence(layers):
    """The layers from below in one line, as papers write them: without the glass."""
    shown = [one for one in layers if one.get("role") != Layer.Role.SUBSTRATE]
    return SEPARATOR.join(
        _shortened(substance_of(layer), SEQUENCE_LETTERS) for layer in shown or layers
    )


def thickness_words(layer):
    """A thickness in the unit people say it in: nm, µm for powders, mm for glass."""
    thickness = layer.get("thickness")
    if thickness is None:
        return ""
    scale, unit = 1.0, "nm"
    if thickness >= NM_PER_MM / 10:
        scale, unit = NM_PER_MM, "mm"
    elif thickness >= 10 * NM_PER_UM:
        scale, unit = NM_PER_UM, "µm"
    uncertainty = layer.get("thickness_uncertainty")
    return format_measured(
        thickness / scale,
        None if uncertainty is None else uncertainty / scale,
        unit=unit,
    )


def draw_cross_section(layers):
    """Draw layers given from the substrate up; None where there is none.

    A layer is as high as the square root of its thickness, so that 2 nm beside 500 nm
    are both seen; one of unknown thickness has the least height and a dashed edge.
    """
    if not layers:
        return None
    drawn, y = [], 1.0
    for layer in reversed(layers):
        height, is_cut = _height(layer.get("thickness"))
        drawn.append(_drawn(layer, y, height, is_cut))
        y += height
    return CrossSection(
        layers=drawn,
        height=round(y + 1, 1),
        words="From the substrate up: "
        + "; ".join(one.words for one in reversed(drawn))
        + ".",
    )


def _height(thickness):
    if thickness is None or not thickness > 0:
        return THINNEST, False
    height = THINNEST + PER_ROOT_NM * math.sqrt(thickness)
    return min(height, THICKEST), height > THICKEST


def _drawn(layer, y, height, is_cut):
    name, role = substance_of(layer), str(layer.get("role") or Layer.Role.OTHER)
    thickness = thickness_words(layer)
    role_words = ROLES.get(role, "Other")
    method = METHODS.get(layer.get("method") or "", "")
    details = [role_words.lower(), thickness or "thickness not known"]
    if method:
        details.append(method.lower())
    return DrawnLayer(
        y=round(y, 1),
        height=round(height, 1),
        text_y=round(y + height / 2 + LINE, 1),
        name=_shortened(name, NAME_LETTERS),
        role=role,
        role_words=role_words,
        thickness=thickness,
        words=f"{name} ({', '.join(details)})",
        is_thickness_known=bool(thickness),
        is_cut=is_cut,
    )


def _shortened(text, letters):
    return text if len(text) <= letters else f"{text[: letters - 1]}…"


@dataclass(frozen=True, slots=True)
class CellMark:
    """What a map tells of a cell: a text in it, and a level of 0 to 8 that fills it."""

    text: str = ""
    level: int | None = None
    words: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class DrawnCell:
    label: str
    x: float
    y: float
    width: float
    height: float
    middle_x: float
    label_y: float
    text_y: float
    mark: CellMark
    words: str

    @property
    def style(self):
        """The class that fills it; a cell without a level is left empty."""
        level = self.mark.level
        return "cell" if level is None else f"cell level-{level}"


@dataclass(frozen=True, slots=True)
class SubstrateMap:
    """A substrate from above, its lower left corner at the lower left."""

    x: float
    y: float
    width: float
    height: float
    cells: list[DrawnCell]
    size_words: str
    total_width: float
    total_height: float
    unplaced: list[str] = field(default_factory=list)
    is_size_known: bool = True


def level_of(value, lowest, highest):
    """The level, 0 to 8, of a value between the lowest and the highest shown."""
    if value is None or not math.isfinite(value):
        return None
    if highest <= lowest:
        return LEVELS // 2
    share = (value - lowest) / (highest - lowest)
    return min(max(round(share * (LEVELS - 1)), 0), LEVELS - 1)


def draw_substrate(stack, marks=None):
    """Draw the cells of a described stack to scale; None where none has a place.

    Parameters
    ----------
    stack : mapping
        ``substrate_width``, ``substrate_height`` [mm] and ``cells``, each with ``x``,
        ``y``, ``width``, ``height`` [mm] or, for a square, ``active_area`` [cm²].
    marks : mapping of str to CellMark, optional
        What to tell of a cell, by its label.
    """
    marks = marks or {}
    placed, unplaced = [], []
    for cell in stack.get("cells") or ():
        box = _box(cell)
        (placed if box else unplaced).append((cell, box))
    if not placed:
        return None
    right = max(box[0] + box[2] for _, box in placed)
    top = max(box[1] + box[3] for _, box in placed)
    width, height = stack.get("substrate_width"), stack.get("substrate_height")
    is_known = bool(width and height)
    if not is_known:
        # What is not known is drawn a little larger than its cells.
        width, height = right * (1 + SPARE_SHARE), top * (1 + SPARE_SHARE)
    width, height = max(width, right), max(height, top)
    scale = MAP_SIDE / max(width, height)
    drawn = [_cell(cell, box, height, scale, marks) for cell, box in placed]
    return SubstrateMap(
        x=MAP_MARGIN,
        y=MAP_MARGIN,
        width=round(width * scale, 1),
        height=round(height * scale, 1),
        cells=drawn,
        size_words=f"{width:g} × {height:g} mm" if is_known else "",
        total_width=round(width * scale + 2 * MAP_MARGIN, 1),
        total_height=round(height * scale + 2 * MAP_MARGIN + RULER, 1),
        unplaced=[str(cell.get("label") or "?") for cell, _ in unplaced],
        is_size_known=is_known,
    )


def _box(cell):
    """The place and extent of a cell [mm], or None where too little is known."""
    x, y = cell.get("x"), cell.get("y")
    width, height = cell.get("width"), cell.get("height")
    area = cell.get("active_area")
    if area and area > 0 and not (width and height):
        square_mm = area * CM_IN_MM**2
        if width:
            height = square_mm / width
        elif height:
            width = square_mm / height
        else:
            width = height = math.sqrt(square_mm)
    if x is None or y is None or not width or not height or min(width, height) <= 0:
        return None
    return float(x), float(y), float(width), float(height)


def _cell(cell, box, substrate_height, scale, marks):
    x, y, width, height = box
    label = str(cell.get("label") or "?")
    mark = marks.get(label) or CellMark()
    left = MAP_MARGIN + x * scale
    upper = MAP_MARGIN + (substrate_height - y - height) * scale
    middle = upper + height * scale / 2
    has_text = bool(mark.text)
    area = cell.get("active_area")
    # It begins with what is written in the cell, for those who speak to their machine.
    words = [f"{label} {mark.text}" if mark.text else f"cell {label}"]
    if mark.words:
        words.append(mark.words)
    if area:
        words.append(f"{area:g} cm²")
    return DrawnCell(
        label=label,
        x=round(left, 1),
        y=round(upper, 1),
        width=round(width * scale, 1),
        height=round(height * scale, 1),
        middle_x=round(left + width * scale / 2, 1),
        label_y=round(middle + (-3 if has_text else 4.5), 1),
        text_y=round(middle + 12, 1),
        mark=mark,
        words=", ".join(words),
    )


def grid_of_cells(count, width, height, area, mask_area=None):
    """Cells of equal area, evenly spread over a substrate.

    Parameters
    ----------
    count : int
    width, height : float
        Of the substrate. [mm]
    area, mask_area : float
        Active and mask area of each. [cm²]

    Returns
    -------
    list of dict
        Labelled A, B, C … from the upper left, row by row.

    Raises
    ------
    ValueError
        If they do not fit.
    """
    columns = max(1, round(math.sqrt(count * width / height)))
    columns = min(
        range(1, count + 1),
        key=lambda n: (-(-count // n) * n - count, abs(n - columns)),
    )
    rows = -(-count // columns)
    side = math.sqrt(area) * CM_IN_MM
    if columns * side > width or rows * side > height:
        raise ValueError(
            f"{columns} × {rows} cells of {area:g} cm² ({side:.2g} mm a side) do not "
            f"fit on {width:g} × {height:g} mm."
        )
    cells = []
    for place in range(count):
        row, column = divmod(place, columns)
        middle_x = width * (column + 0.5) / columns
        middle_y = height * (rows - row - 0.5) / rows
        cells.append(
            {
                "label": cell_label(place),
                "active_area": area,
                "mask_area": mask_area,
                "x": round(middle_x - side / 2, 2),
                "y": round(middle_y - side / 2, 2),
                "width": round(side, 2),
                "height": round(side, 2),
            }
        )
    return cells


def cell_label(place):
    """The label of a cell by its place: A to Z, then A2, B2 …"""
    turn, letter = divmod(place, 26)
    return chr(ord("A") + letter) + (str(turn + 1) if turn else "")
