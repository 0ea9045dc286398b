"""Current-voltage sweeps as JSON, units in the keys."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from labdata.common.text.clock import first_clock
from labdata.common.text.title import Title, parse_unit, split_title
from labdata.plugin import (
    Reader,
    ReadResult,
    Recognition,
    Sniff,
    Source,
    UnreadableFile,
)
from measurements.sweeps import curves, headers
from measurements.sweeps.curves import Sweep
from measurements.sweeps.headers import COLUMN_UNITS, Said
from measurements.text.encoding import decode
from measurements.text.rows import in_unit

CELL_KEYS = (
    "cell",
    "pixel",
    "px",
    "subcell",
    "pixel_name",
    "cell_name",
    "device",
    "name",
)
STRUCTURE = frozenset(
    {"data", "curves", "measurements", "measurement", "sweeps", "pixels", "cells"}
    | {"results", "jv", "iv", "scans", "points", "records", "devices"}
)
"""Keys that hold curves and name none."""

DEEPEST = 12
HEADER_ENTRIES = 100
_KEY = re.compile(r'"((?:[^"\\]|\\.){1,80})"\s*:')


def sample() -> bytes:
    """Two sweeps of two pixels, each an array of points with the file's own results."""
    voltage = np.round(np.arange(-0.1, 1.21, 0.05), 3)
    density = -20 + 1e-9 * np.expm1(voltage / 0.045)
    data = [
        {
            "cell": cell,
            "direction": "FWD",
            "measurements": [
                {
                    "V_set [V]": float(v),
                    "V_meas [V]": float(v) + 1e-5,
                    "I [mA]": round(0.16 * float(j), 8),
                    "J [mA/cm2]": round(float(j), 8),
                    "Voc [V]": 1.067,
                    "area [cm2]": 0.16,
                    "irradiance [mW/cm2]": 100.0,
                    "date": "30.01.2026",
                    "time": "16:09:37",
                }
                for v, j in zip(voltage, density, strict=True)
            ],
        }
        for cell in "AB"
    ]
    parameters = {"illumination_mode": "Illuminated", "settling_time_ms": 20}
    return json.dumps({"parameters": parameters, "data": data}).encode()


def recognise(sniff: Sniff) -> Recognition | None:
    """JSON whose keys name a voltage and a current or current density."""
    if not sniff.text.lstrip().startswith(("{", "[")):
        return None
    found: dict[str, str] = {}
    for key in dict.fromkeys(_KEY.findall(sniff.text)):
        title = read_key(key)
        if (kind := headers.column_kind(title.name, title.unit)) is not None:
            found.setdefault(kind[0], key)
    if "voltage" not in found or len(found) < 2:
        return None
    return Recognition(0.9, f"JSON with {' and '.join(map(repr, found.values()))}")


def read_key(key: str) -> Title:
    """Take ``J [mA/cm2]``, ``voltage_V`` or ``J_mA_per_cm2`` apart."""
    return split_title(key, _goes_with)


def _goes_with(name: str, unit: str) -> bool:
    ranked = headers.column_kind(name, unit)
    return unit != "1" and (ranked is None or headers.fits(unit, ranked[0]))


@dataclass(frozen=True, slots=True)
class Curve:
    """Columns of one curve with everything that stands around it, nearest last."""

    columns: Mapping[str, Sequence[Any]]
    around: tuple[Mapping[str, Any], ...]
    path: tuple[str, ...]


def read(source: Source) -> ReadResult:
    """Read every curve of the tree with what stands around it.

    Parameters
    ----------
    source : Source
        A curve is an object of equally long arrays, or an array of points; points of
        several curves in one array are told apart by their cell, direction and
        illumination.

    Returns
    -------
    ReadResult
        A dataset per curve. The voltage measured goes before the voltage set; the
        nearest word on a condition before those further out.

    Raises
    ------
    UnreadableFile
        If the text is no whole JSON, holds no curve, or an area is 0.
    """
    text, encoding = decode(source.data)
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableFile(
            f"The file is not whole JSON: {error}. It may be cut off."
        ) from error
    found, notes, clocks = [], [], []
    header: dict[str, Any] = {}
    for number, curve in enumerate(_curves(tree, (), ()), 1):
        sweep, clock, remarks = _sweep(curve, number)
        notes += remarks
        clocks += [clock] if clock else []
        for key, value in _scalars(curve.around[0] if curve.around else {}).items():
            header.setdefault(key, value)
        found.append(sweep)
    if not found:
        raise UnreadableFile(
            "No curve was found: an object with a voltage and a current or current"
            " density, as arrays of one length or as points."
        )
    kept_header = dict([*header.items()][:HEADER_ENTRIES])
    # A time with a zone and one without cannot be compared.
    zoned = [clock for clock in clocks if clock.tzinfo is not None]
    clock = min(zoned or clocks, default=None)
    return curves.as_result(found, notes, kept_header, f"JSON, {encoding}", clock)


def _curves(
    node: Any, around: tuple[Mapping[str, Any], ...], path: tuple[str, ...]
) -> Iterator[Curve]:
    if len(path) > DEEPEST:
        raise UnreadableFile(f"The JSON is nested more than {DEEPEST} levels deep.")
    if isinstance(node, dict):
        arrays = {k: v for k, v in node.items() if _is_column(v)}
        if _has_both(arrays):
            words = _word_columns(node, arrays)
            if words:
                # Columns of words beside those of numbers: points turned on their side.
                rows = zip(*arrays.values(), *words.values(), strict=True)
                points = [
                    dict(zip((*arrays, *words), row, strict=True)) for row in rows
                ]
                yield from _from_points(points, (*around, node), path)
                return
            yield Curve(arrays, (*around, node), path)
            return
        inner = (*around, node)
        # Objects beside the curves, such as "parameters", speak of all of them.
        beside = [v for v in node.values() if isinstance(v, dict) and not _holds(v)]
        for key, value in node.items():
            yield from _curves(value, (*around, *beside, *inner[-1:]), (*path, key))
    elif isinstance(node, list):
        points = [one for one in node if isinstance(one, dict)]
        if points and len(points) == len(node) and _has_both(points[0], scalar=True):
            yield from _from_points(points, around, path)
            return
        for value in node:
            if isinstance(value, dict | list):
                yield from _curves(value, around, (*path, ""))


def _word_columns(
    node: Mapping[str, Any], arrays: Mapping[str, Sequence[Any]]
) -> dict[str, list[str]]:
    """Return columns of text as long as those of numbers, which part the points."""
    sizes = {len(column) for column in arrays.values()}
    return {
        key: value
        for key, value in node.items()
        if isinstance(value, list)
        and {len(value)} == sizes
        and all(isinstance(one, str) for one in value)
    }


def _holds(node: Any, depth: int = 0) -> bool:
    """Whether a curve is somewhere inside."""
    return depth < DEEPEST and (
        (
            isinstance(node, dict)
            and (
                _has_both({k: v for k, v in node.items() if _is_column(v)})
                or any(_holds(value, depth + 1) for value in node.values())
            )
        )
        or (
            isinstance(node, list)
            and bool(node)
            and isinstance(node[0], dict | list)
            and (
                (isinstance(node[0], dict) and _has_both(node[0], scalar=True))
                or any(_holds(value, depth + 1) for value in node)
            )
        )
    )


def _is_column(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(one is None or _is_number(one) for one in value)
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _has_both(node: Mapping[str, Any], *, scalar: bool = False) -> bool:
    kinds = set()
    for key, value in node.items():
        if scalar and not _is_number(value):
            continue
        title = read_key(key)
        if (kind := headers.column_kind(title.name, title.unit)) is not None:
            kinds.add(kind[0])
    return "voltage" in kinds and len(kinds) > 1


def _from_points(
    points: Sequence[Mapping[str, Any]],
    around: tuple[Mapping[str, Any], ...],
    path: tuple[str, ...],
) -> Iterator[Curve]:
    groups: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for point in points:
        words = Said()
        for key, value in point.items():
            if isinstance(value, str):
                headers.add_text(words, key, value)
        said = (words.conditions.get(key, "") for key in ("direction", "light"))
        groups.setdefault((_cell(point), *said), []).append(point)
    for group in groups.values():
        keys = dict.fromkeys(key for point in group for key in point)
        columns = {
            key: [point.get(key) for point in group]
            for key in keys
            if any(_is_number(point.get(key)) for point in group)
        }
        yield Curve(columns, (*around, group[0]), path)


def _cell(node: Mapping[str, Any]) -> str:
    named = {key.lower(): value for key, value in node.items()}
    for key in CELL_KEYS:
        value = named.get(key)
        if isinstance(value, str | int) and str(value).strip():
            return curves.said_by(str(value))[0]
    return ""


def _scalars(node: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: value
        for key, value in node.items()
        if isinstance(value, str) or (_is_number(value) and np.isfinite(value))
    }


def _sweep(curve: Curve, number: int) -> tuple[Sweep, datetime | None, list[str]]:
    said, cell, clock = Said(), "", None
    for node in reversed(curve.around):
        scalars = _scalars(node)
        for key, value in scalars.items():
            title = read_key(key)
            if headers.column_kind(title.name, title.unit) is not None:
                continue
            if _is_number(value):
                headers.add_number(said, title.name, title.unit, value)
            else:
                headers.add_value(said, title, value, ".")
        cell = cell or _cell(node)
        words = [str(scalars.get(key, "")) for key in ("date", "time", "timestamp")]
        clock = clock or first_clock([" ".join(words[:2]), words[2]], said.notes)
    label = " ".join(key for key in curve.path if key and key.lower() not in STRUCTURE)
    rest, words_said = curves.said_by(label)
    conditions = {**words_said, **said.conditions}
    values, remarks = _columns(curve, f"curve {label or number}")
    if "density" not in values:
        values["density"] = curves.density_of(
            values["current"],
            conditions.get("active_area"),
            named=f"What {label or f'curve {number}'} holds",
            remedy="Add a key such as 'active_area_cm2' beside it.",
        )
    sweep = Sweep(
        values["voltage"],
        values["density"],
        values.get("current"),
        cell or rest,
        conditions,
        said.reported,
        label or str(number),
    )
    return sweep, clock, [*dict.fromkeys(said.notes), *remarks]


def _columns(curve: Curve, what: str) -> tuple[dict[str, np.ndarray], list[str]]:
    best: dict[str, tuple[int, str, str | None]] = {}
    named_units: dict[str, Any] = {}
    for node in curve.around:
        if isinstance(node.get("units"), dict):
            named_units |= node["units"]
    for key in curve.columns:
        title = read_key(key)
        unit = title.unit or parse_unit(str(named_units.get(key, "")))
        if (ranked := headers.column_kind(title.name, unit)) is None:
            continue
        if unit is None and title.unit_text:
            raise UnreadableFile(
                f"The unit of {key!r} is {title.unit_text!r}, which is unknown."
            )
        kind, rank = ranked
        if kind not in best or rank < best[kind][0]:
            best[kind] = rank, key, unit
    values, remarks = {}, []
    for kind, (_, key, unit) in best.items():
        if unit is None:
            if kind == "current":
                raise UnreadableFile(
                    f"{key!r} carries no unit: mA or A cannot be told. Write it as"
                    f" '{key} [mA]'."
                )
            remarks.append(f"{key!r} carries no unit: taken as {COLUMN_UNITS[kind]}.")
        column = np.array(
            [np.nan if one is None else one for one in curve.columns[key]], dtype=float
        )
        target = COLUMN_UNITS[kind]
        values[kind] = in_unit(column, unit or target, target, repr(key))
    sizes = {kind: column.size for kind, column in values.items()}
    if len(set(sizes.values())) > 1:
        counts = ", ".join(f"{size} of {kind}" for kind, size in sizes.items())
        raise UnreadableFile(f"The arrays of {what} differ in length: {counts}.")
    known = np.isfinite(values["voltage"])
    return {kind: column[known] for kind, column in values.items()}, remarks


JV_JSON = Reader(
    key="jv_json",
    version=1,
    label="Current-voltage sweeps as JSON",
    techniques=("jv",),
    recognise=recognise,
    read=read,
    sample=sample,
    sample_name="cells.jv.json",
    limits=(
        "Units stand in the keys, such as 'J [mA/cm2]' or voltage_V, or in an"
        " object 'units'. A current without current density needs an area. Times"
        " are day.month.year or ISO, the instrument's clock."
    ),
    extensions=("json",),
)
