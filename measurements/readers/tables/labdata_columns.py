"""Columns this lab wrote itself: points sent by a program, series it put together."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow
import pyarrow.csv

from labdata.common.text.title import split_brackets
from labdata.plugin import (
    Axis,
    AxisSpec,
    Channel,
    ChannelSpec,
    Dataset,
    ParsedDataset,
    Reader,
    ReadResult,
    Recognition,
    Sniff,
    Source,
    Technique,
    UnreadableFile,
    unit_of,
)
from measurements.registry import techniques
from measurements.text.encoding import decode
from measurements.text.rows import in_unit

SIGNATURE = "# labdata columns 1"


def write(
    columns: Mapping[str, Iterable[float | None]],
    *,
    units_of: Mapping[str, str],
    about: Mapping[str, Any] | None = None,
) -> bytes:
    """Write columns as this reader reads them; equal columns give equal bytes.

    Parameters
    ----------
    columns : mapping of str to sequence of float, shape (n,)
        The axis and the channels by name; NaN and None are missing.
    units_of : mapping of str to str
        Unit of each column.
    about : mapping, optional
        ``name``, ``cell``, ``conditions``, ``measured_at`` (ISO), ``began_at`` (of
        the zero of time, ISO), ``notes`` and whatever else should be kept beside the
        numbers.

    Returns
    -------
    bytes
        UTF-8.
    """
    # Titles above the numbers would make it look like anybody's table.
    head = [f"{name} [{units_of[name]}]" for name in columns]
    entries = {**(about or {}), "columns": head}
    told = json.dumps(entries, sort_keys=True, ensure_ascii=False)
    arrays = [np.array(list(column), dtype=float) for column in columns.values()]
    rows = [
        ",".join("" if np.isnan(value) else repr(float(value)) for value in row)
        for row in zip(*arrays, strict=True)
    ]
    return "\n".join([SIGNATURE, f"# {told}", *rows, ""]).encode()


def sample() -> bytes:
    """A cell that lost a tenth of its efficiency in 100 h."""
    time = np.arange(0.0, 101.0, 5.0)
    return write(
        {"time": time, "pce": 20 * (1 - 0.001 * time)},
        units_of={"time": "h", "pce": "%"},
        about={"name": "appended"},
    )


def recognise(sniff: Sniff) -> Recognition | None:
    """Its first line says so."""
    if sniff.text.startswith(SIGNATURE):
        return Recognition(1.0, "its first line says that this lab wrote it")
    return None


def read(source: Source) -> ReadResult:
    """Read the columns into the technique's axis and channels.

    Parameters
    ----------
    source : Source

    Returns
    -------
    ReadResult
        One dataset; what else was written beside the numbers is in
        ``metadata["about"]``.

    Raises
    ------
    UnreadableFile
        If a column is none of the technique's, or its unit does not convert.
    """
    lines, _ = decode(source.data)
    _, _, rest = lines.partition("\n")
    told, _, table = rest.partition("\n")
    about = _about(told)
    technique = techniques[source.technique]
    found = _table(table, about.pop("columns", None))
    axis_spec = technique.axes[0]
    if axis_spec.name not in found:
        raise UnreadableFile(
            f"There is no column {axis_spec.name} (there: {', '.join(found)})."
        )
    missing = int(np.isnan(found[axis_spec.name][0]).sum())
    if missing:
        raise UnreadableFile(f"{missing} values of {axis_spec.name} are missing.")
    values, unit = _converted(axis_spec, *found.pop(axis_spec.name))
    axis = Axis(axis_spec.name, unit, axis_spec.label, values)
    channels = []
    for spec in technique.channels:
        if spec.name in found:
            values, unit = _converted(spec, *found.pop(spec.name))
            channels.append(Channel(spec.name, unit, spec.label, values))
    if found:
        raise UnreadableFile(
            f"{technique.label} has no channel {', '.join(found)}"
            f" (known: {', '.join(spec.name for spec in technique.channels)})."
        )
    if not channels:
        raise UnreadableFile("There is no column beside the axis.")
    dataset = Dataset(
        (axis,),
        tuple(channels),
        metadata={
            "about": about,
            **({"began_at": about["began_at"]} if "began_at" in about else {}),
        },
    )
    conditions = about.get("conditions", {})
    parsed = ParsedDataset(
        about.get("name") or "columns", dataset, conditions, about.get("cell", "")
    )
    return ReadResult(
        (parsed,), conditions, _clock(about), tuple(about.get("notes", ()))
    )


def check_columns(technique: Technique, names: Sequence[str]) -> dict[str, str]:
    """Map column names, such as ``time [s]``, to the unit each is in.

    Raises
    ------
    UnreadableFile
        If a column is none of the technique's, or its unit does not convert.
    """
    known = {spec.name: spec.unit for spec in technique.specs}
    found = {}
    for title in names:
        name, unit = split_brackets(title)
        if name not in known:
            raise UnreadableFile(
                f"{technique.label} has no column {name!r} (known: {', '.join(known)})."
            )
        wanted = known[name] or unit or "1"
        in_unit(1.0, unit or wanted, wanted, name)
        found[title] = unit or wanted
    return found


def _about(line):
    try:
        about = json.loads(line.removeprefix("#"))
    except ValueError as error:
        raise UnreadableFile(f"The second line is not JSON: {error}.") from error
    if not isinstance(about, dict):
        raise UnreadableFile("The second line says nothing about the columns.")
    return about


def _clock(about):
    told = about.get("measured_at")
    try:
        return datetime.fromisoformat(told) if told else None
    except (TypeError, ValueError) as error:
        raise UnreadableFile(f"{told!r} is no time.") from error


def _table(text: str, titles: object) -> dict[str, tuple[np.ndarray, str]]:
    """Values and unit by column name."""
    if not isinstance(titles, list) or not all(isinstance(one, str) for one in titles):
        raise UnreadableFile("The second line does not name the columns.")
    if not text.strip():
        raise UnreadableFile("There are no rows.")
    names = pyarrow.csv.ReadOptions(column_names=titles)
    options = pyarrow.csv.ConvertOptions(null_values=[""], strings_can_be_null=True)
    try:
        table = pyarrow.csv.read_csv(
            io.BytesIO(text.encode()), read_options=names, convert_options=options
        )
    except pyarrow.ArrowInvalid as error:
        raise UnreadableFile(f"The table is damaged: {error}.") from error
    found = {}
    for title, column in zip(table.column_names, table.columns, strict=True):
        name, unit = split_brackets(title)
        if name in found:
            raise UnreadableFile(f"The column {name} is there twice.")
        try:
            numbers = column.cast(pyarrow.float64()).to_numpy()
        except pyarrow.ArrowInvalid as error:
            raise UnreadableFile(f"{name} is no number: {error}.") from error
        found[name] = (numbers, unit or "1")
    return found


def _converted(
    spec: AxisSpec | ChannelSpec, values: np.ndarray, unit: str
) -> tuple[np.ndarray, str]:
    wanted = unit_of(spec, unit)
    return in_unit(values, unit, wanted, spec.name), wanted


LABDATA_COLUMNS = Reader(
    key="labdata_columns",
    version=1,
    label="Columns written by this lab",
    techniques=("mpp_tracking", "ageing"),
    recognise=recognise,
    read=read,
    sample=sample,
    sample_name="appended.csv",
    limits="One dataset per file, under the technique's own names.",
    extensions=("csv",),
)
