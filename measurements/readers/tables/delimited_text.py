"""Delimited text: a header of any kind above columns of numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from labdata.common.measures import units
from labdata.common.text.separator import split_lines
from labdata.common.text.title import split_title
from labdata.plugin import (
    Axis,
    Channel,
    Dataset,
    ParsedDataset,
    Reader,
    ReadResult,
    Recognition,
    Sniff,
    Source,
    Technique,
    UnreadableFile,
)
from measurements.registry import techniques
from measurements.text import columns
from measurements.text.tables import guess_layout, read_document

HEADER_ENTRIES = 100
"""How many header lines are kept as metadata."""


def sample() -> bytes:
    """A spectrum as a German spreadsheet saves it."""
    rows = [
        f"{wavelength},0;{1000 * np.exp(-(((wavelength - 700) / 20) ** 2)) + 80:.4f}"
        for wavelength in range(600, 801, 2)
    ]
    lines = ["Probe;M-25-300", "Wellenlänge [nm];Intensität [counts]"]
    lines += [row.replace(".", ",") for row in rows]
    return "\r\n".join([*lines, ""]).encode("cp1252")


def recognise(sniff: Sniff) -> Recognition | None:
    """A table of numbers in text is enough; which column is what is found later."""
    if not sniff.text:
        return None
    try:
        layout = guess_layout(split_lines(sniff.text))
    except UnreadableFile:
        # The decimal mark is undecided, which the reader will say; a table it is.
        return Recognition(0.3, "a table of numbers whose decimal mark is undecided")
    if layout is None:
        return None
    return Recognition(0.5, f"a table of {layout.width} columns of numbers ({layout})")


def read(source: Source) -> ReadResult:
    """Read every table; the titles say which column is what.

    Parameters
    ----------
    source : Source
        Options ``separator`` and ``decimal`` overrule what is found out.

    Returns
    -------
    ReadResult
        A dataset per curve; the header as metadata and, where a line names a
        condition of the technique, as a condition.

    Raises
    ------
    UnreadableFile
        If a number, a column or the axis cannot be told; with the line or the titles.
    """
    document = read_document(
        source.data,
        separator=source.options.get("separator"),
        decimal=source.options.get("decimal"),
    )
    technique = techniques[source.technique]
    known = columns.known_titles(technique)
    tables = [columns.label_columns(table, known) for table in document.tables]
    # The row of titles looks like "key: value" where there are two columns.
    titles = {
        column.title
        for column in tables[0]
        if technique.named_by_file or columns.plain(column.name) in known
    }
    pairs = {key: value for key, value in document.pairs.items() if key not in titles}
    conditions, notes = header_conditions(pairs, technique)
    notes.append(f"Read as {document.layout}, {document.encoding}.")
    if document.footer:
        notes.append(
            f"{len(document.footer)} lines below the numbers were not read, the first:"
            f" {document.footer[0][:60]!r}."
        )
    metadata = {"header": dict([*pairs.items()][:HEADER_ENTRIES])}
    datasets: dict[str, Dataset] = {}
    for number, table in enumerate(tables, start=1):
        found, remarks = _read_table(table, technique, metadata)
        prefix = f"table {number}" if len(tables) > 1 else ""
        for title, dataset in found:
            name = " ".join(filter(None, (prefix, title))) or "curve"
            if name in datasets:
                name = f"{name} ({len(datasets) + 1})"
            datasets[name] = dataset
        notes += remarks
    parsed = tuple(ParsedDataset(name, dataset) for name, dataset in datasets.items())
    return ReadResult(parsed, conditions, None, tuple(notes))


def header_conditions(
    pairs: dict[str, str], technique: Technique
) -> tuple[dict[str, float | str], list[str]]:
    """Find the technique's conditions among ``key: value`` lines of a header."""
    found: dict[str, float | str] = {}
    notes = []
    for key, value in pairs.items():
        title = split_title(key)
        name, unit = title.name, title.unit_text
        for condition in technique.conditions:
            names = (condition.key, condition.label, *condition.aliases)
            if columns.plain(name) not in map(columns.plain, names):
                continue
            if condition.kind != "number":
                found[condition.key] = value
                continue
            if not unit and not re.search(r"[^\d\s.,eE+-]", value):
                notes.append(
                    f"{key} in the header is {value} without a unit: not used."
                )
                continue
            try:
                number = units.parse_quantity(
                    f"{value} {unit}" if unit else value, unit=condition.unit or "1"
                )
            except units.UnitError as error:
                notes.append(f"{key} in the header was not understood: {error}.")
                continue
            if problem := condition.problem(number):
                notes.append(problem)
            else:
                found[condition.key] = number
    return found, notes


def _read_table(
    labelled: Sequence[columns.Column], technique: Technique, metadata: dict
) -> tuple[list[tuple[str, Dataset]], list[str]]:
    if technique.named_by_file:
        return [("", _as_named(labelled, technique, metadata))], []
    assignments, notes = columns.assign(labelled, technique)
    built = []
    for assignment in assignments:
        dataset, remarks = columns.build_dataset(assignment, technique, metadata)
        built.append((assignment.name, dataset))
        notes += remarks
    return built, notes


def _as_named(
    labelled: Sequence[columns.Column], technique: Technique, metadata: dict
) -> Dataset:
    """Keep the file's own names: a table by row number, a curve by its first column."""
    first = labelled[0]
    if technique.axes[0].name == "row":
        rows = np.arange(1.0, first.values.size + 1)
        axis = Axis("row", "1", "Row", rows, "index")
    else:
        if np.isnan(first.values).any():
            line = first.lines[int(np.isnan(first.values).argmax())]
            raise UnreadableFile(f"{first} is the axis; line {line} has no value.")
        axis = Axis(
            columns.identifier(first.name or "x"),
            first.unit or "1",
            first.title or "x",
            first.values,
        )
        labelled = labelled[1:]
    taken = [axis.name]
    channels = []
    for column in labelled:
        name = columns.identifier(column.name or f"column_{column.number}", taken)
        taken.append(name)
        label = column.title or f"Column {column.number}"
        channels.append(Channel(name, column.unit or "1", label, column.values))
    if not channels:
        raise UnreadableFile("There is only one column of numbers.")
    return Dataset((axis,), tuple(channels), metadata=metadata)


DELIMITED_TEXT = Reader(
    key="delimited_text",
    version=1,
    label="Delimited text",
    techniques=(),
    recognise=recognise,
    read=read,
    sample=sample,
    sample_name="spectrum.csv",
    limits=(
        "Finds the axis by its title, in any language only where the technique"
        " knows the word; two columns without titles are told apart only if one"
        " runs strictly one way. No dates or text in columns. One axis."
    ),
    extensions=("csv", "txt", "dat", "asc", "prn", "tsv", "xy"),
    generic=True,
)
