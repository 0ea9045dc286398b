"""Draw the layers of today: `python -m docs.draw_architecture` writes the picture.

A layer imports only from layers below it; within a layer, a room stands above those it
imports, and rooms that import each other are framed together.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from html import escape
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs/images/architecture.svg"
# What is no room of the code: its history, and the names commands have.
NOT_DRAWN = {"migrations", "management"}

WIDTH, MARGIN, GUTTER = 900, 16, 140
TITLE, ROW, CHIP, GAP, PADDING = 150, 31, 23, 8, 10
LETTER = 7.6
"""Width of a letter of a chip. [px]"""
INK, MUTED, LINE, BAND, PURE = "#1b1e23", "#565d68", "#7d8590", "#f4f4f1", "#e4eef8"
ARC = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
FONT = 'font-family="Segoe UI, Source Sans 3, Noto Sans, DejaVu Sans, sans-serif"'


@dataclass(frozen=True)
class Layer:
    """A layer with its rooms in rows, the importing ones above.

    ``knots`` are sets of rooms that import each other; ``below`` the layers it
    imports.
    """

    name: str
    rows: tuple[tuple[str, ...], ...]
    knots: tuple[frozenset[str], ...]
    pure: frozenset[str]
    below: tuple[str, ...]
    is_pure: bool = False


def read_layers() -> tuple[Layer, ...]:
    """The layers of the import contract, top first, with what they import today."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    rules = settings["tool"]["importlinter"]
    contracts = rules["contracts"]
    names = next(one["layers"] for one in contracts if one["type"] == "layers")
    pure = next(one for one in contracts if one["type"] == "forbidden")
    graph = grimp.build_graph(*rules["root_packages"])
    return tuple(
        _layer(graph, name, names[at + 1 :], set(pure["source_modules"]))
        for at, name in enumerate(names)
    )


def _layer(graph, name: str, lower: list[str], pure: set[str]) -> Layer:
    rooms = {
        child.rpartition(".")[2]: child
        for child in graph.find_children(name)
        if graph.find_children(child) and child.rpartition(".")[2] not in NOT_DRAWN
    }
    imports = {
        room: {
            other
            for other, target in rooms.items()
            if other != room and _imports(graph, module, target)
        }
        for room, module in rooms.items()
    }
    knots = _knots(imports)
    return Layer(
        name=name,
        rows=_rows(imports, knots),
        knots=tuple(sorted((one for one in knots if len(one) > 1), key=sorted)),
        pure=frozenset(room for room, module in rooms.items() if module in pure),
        below=tuple(other for other in lower if _imports(graph, name, other)),
        is_pure=name in pure,
    )


def _imports(graph, module: str, target: str) -> bool:
    inside = graph.find_descendants(module) | {module}
    return any(
        found == target or found.startswith(f"{target}.")
        for one in inside
        for found in graph.find_modules_directly_imported_by(one)
    )


def _knots(imports: dict[str, set[str]]) -> set[frozenset[str]]:
    """Rooms that reach each other by imports, each set once; alone where none does."""
    reached = {room: _reached(room, imports) for room in imports}
    return {
        frozenset({room} | {one for one in reached[room] if room in reached[one]})
        for room in imports
    }


def _reached(room: str, imports: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = list(imports[room])
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += imports[one]
    return found


def _rows(imports, knots) -> tuple[tuple[str, ...], ...]:
    """Rooms by the longest chain of imports below them, the longest first."""
    knot_of = {room: knot for knot in knots for room in knot}
    depths: dict[frozenset[str], int] = {}

    def depth(knot) -> int:
        if knot not in depths:
            below = {knot_of[one] for room in knot for one in imports[room]} - {knot}
            depths[knot] = 1 + max(map(depth, below), default=-1)
        return depths[knot]

    rows: dict[int, list[str]] = {}
    for knot in sorted(knots, key=sorted):
        rows.setdefault(depth(knot), []).extend(sorted(knot))
    return tuple(tuple(rows[level]) for level in sorted(rows, reverse=True))


def draw(layers: tuple[Layer, ...]) -> str:
    """The picture as text: bands from top to bottom, their imports on the right."""
    parts: list[str] = []
    middles: dict[str, float] = {}
    right = WIDTH - GUTTER
    top = MARGIN
    for layer in layers:
        lines = _wrapped(layer)
        height = max(1, len(lines)) * ROW + 2 * PADDING - (ROW - CHIP)
        middles[layer.name] = top + height / 2
        parts.append(
            f'<rect x="{MARGIN}" y="{top}" width="{right - MARGIN}" height="{height}"'
            f' rx="6" fill="{PURE if layer.is_pure else BAND}" stroke="{LINE}"/>'
        )
        parts.append(_text(MARGIN + PADDING, top + height / 2 + 5, layer.name, 15))
        for number, line in enumerate(lines):
            parts += _chips(line, layer, top + PADDING + number * ROW)
        top += height + GAP
    for number, layer in enumerate(layers):
        parts += _arcs(layer, number, middles, right)
    top += GAP
    parts.append(_rect(MARGIN, top, 34, CHIP - 8, PURE))
    words = "pure: no web framework, no database"
    parts.append(_text(MARGIN + 44, top + 14, words, 12, MUTED))
    parts.append(
        f'<rect x="330" y="{top - 1}" width="34" height="{CHIP - 6}" rx="5"'
        f' fill="none" stroke="{INK}" stroke-dasharray="4 3"/>'
    )
    parts.append(_text(374, top + 14, "import each other", 12, MUTED))
    parts.append(_text(560, top + 14, "→ imports", 12, MUTED))
    bottom = top + CHIP + MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom}"'
        f' {FONT}>\n<rect width="{WIDTH}" height="{bottom}" fill="#ffffff"/>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def _wrapped(layer: Layer) -> list[list[str]]:
    """The rows of a layer as lines that fit, rooms of one knot next to each other."""
    most = WIDTH - GUTTER - MARGIN - TITLE - PADDING
    lines = []
    for row in layer.rows:
        line: list[str] = []
        used = 0.0
        for room in row:
            if line and used + _wide(room) > most:
                lines.append(line)
                line, used = [], 0.0
            line.append(room)
            used += _wide(room) + GAP
        lines.append(line)
    return lines


def _wide(room: str) -> float:
    return round(len(room) * LETTER + 20, 1)


def _chips(line: list[str], layer: Layer, top: float) -> list[str]:
    parts = []
    left = MARGIN + TITLE
    for room in line:
        wide = _wide(room)
        fill = PURE if room in layer.pure else "#ffffff"
        parts.append(_rect(left, top, wide, CHIP, fill))
        parts.append(_text(left + 10, top + 16, room, 13))
        left += wide + GAP
    return parts + _frames(line, layer, top)


def _frames(line: list[str], layer: Layer, top: float) -> list[str]:
    parts = []
    for knot in layer.knots:
        places = [at for at, room in enumerate(line) if room in knot]
        if not places:
            continue
        starts = [0.0]
        for room in line:
            starts.append(starts[-1] + _wide(room) + GAP)
        left = MARGIN + TITLE + starts[places[0]] - 4
        end = MARGIN + TITLE + starts[places[-1] + 1] - GAP + 4
        parts.append(
            f'<rect x="{left:g}" y="{top - 4:g}" width="{end - left:g}"'
            f' height="{CHIP + 8}" rx="7" fill="none" stroke="{INK}"'
            ' stroke-dasharray="4 3"/>'
        )
    return parts


def _arcs(layer: Layer, number: int, middles, right: float) -> list[str]:
    """One curve from a layer to each it imports, the farther the wider."""
    parts = []
    names = list(middles)
    colour = ARC[number % len(ARC)]
    for other in layer.below:
        start = middles[layer.name] + 4
        end = middles[other] - 4
        reach = right + 17 * (names.index(other) - number) + 10
        curve = f"C{reach:g} {start:g} {reach:g} {end:g} {right + 7:g} {end:g}"
        parts.append(
            f'<path d="M{right:g} {start:g} {curve}" fill="none" stroke="{colour}"'
            ' stroke-width="1.5"/>'
        )
        parts.append(f'<path d="M{right:g} {end:g} l9 -4 v8 z" fill="{colour}"/>')
    return parts


def _rect(left: float, top: float, wide: float, high: float, fill: str) -> str:
    return (
        f'<rect x="{left:g}" y="{top:g}" width="{wide:g}" height="{high:g}" rx="4"'
        f' fill="{fill}" stroke="{LINE}"/>'
    )


def _text(left: float, base: float, words: str, size: int, colour: str = INK) -> str:
    return (
        f'<text x="{left:g}" y="{base:g}" font-size="{size}" fill="{colour}">'
        f"{escape(words)}</text>"
    )


if __name__ == "__main__":
    PICTURE.write_text(draw(read_layers()), encoding="utf-8")
