"""Scans exported as comma-separated text by Edinburgh Instruments spectrometers."""

from __future__ import annotations

import numpy as np

from labdata.common.measures import units
from labdata.common.text.decimal_mark import is_foreign, not_used
from labdata.common.text.number import parse_number
from labdata.common.text.separator import split_fields, split_lines
from labdata.plugin import (
    Dataset,
    ParsedDataset,
    Reader,
    ReadResult,
    Recognition,
    Sniff,
    Source,
    UnreadableFile,
)
from measurements.text.tables import read_document

SIGNS = ("labels", "type", "start", "stop", "xaxis", "yaxis")
RANGE = ("Start", "Stop", "Step")
CONDITIONS = {
    "Fixed/Offset": "excitation_wavelength",
    "Dwell Time": "integration_time",
    "Temp": "temperature",
}
"""Settings that are conditions, by the name the file has for them."""


def sample() -> bytes:
    """One emission scan of a peak at 700 nm."""
    header = [
        ("Labels", "example film"),
        ("Type", "Emission Scan"),
        ("Comment", ""),
        ("Start", "650.00"),
        ("Stop", "750.00"),
        ("Step", "1.00"),
        ("Fixed/Offset", "405.00"),
        ("Xaxis", "Wavelength"),
        ("Yaxis", "Counts"),
        ("Repeats", "1"),
        ("Dwell Time", "0.20"),
        ("Lamp", "Xe"),
        ("Temp", "298.1500"),
        ("Scan Slit", "2.0"),
        ("Fixed/Offset Slit", "2.0"),
        ("Detector", "PMT"),
    ]
    lines = [f"{key},{value}," for key, value in header]
    lines.append("")
    for wavelength in range(650, 751):
        counts = 5000 * np.exp(-(((wavelength - 700) / 15) ** 2)) + 100
        lines.append(f"{wavelength:.2f},{counts:.8E},")
    return "\r\n".join([*lines, ""]).encode()


def recognise(sniff: Sniff) -> Recognition | None:
    """The first line is labelled and the block of settings has its usual keys."""
    lines = split_lines(sniff.text)[:40]
    if not lines[0].lower().startswith("labels"):
        return None
    separator = lines[0][len("labels") : len("labels") + 1]
    if separator not in (",", ";", "\t"):
        return None
    keys = {line.split(separator)[0].strip().lower() for line in lines}
    if missing := [sign for sign in SIGNS if sign not in keys]:
        return Recognition(0.5, f"it begins with Labels, but lacks {missing[0]}")
    return Recognition(0.95, "its first lines are Labels, Type, Start, Stop, Xaxis")


def read(source: Source) -> ReadResult:
    """Read every scan of the file.

    Parameters
    ----------
    source : Source
        The file, filed under ``pl``. Option ``accept_incomplete`` reads a scan that
        has fewer points than its header announces.

    Returns
    -------
    ReadResult
        A dataset per scan with ``wavelength`` [nm] and ``counts`` [1]; excitation
        wavelength [nm], temperature [°C] and integration time [s] as conditions,
        every other setting as metadata.

    Raises
    ------
    UnreadableFile
        If it is no emission scan, ends early, or columns and labels do not match.
    """
    document = read_document(source.data)
    if len(document.tables) > 1:
        line = document.tables[1].lines[0]
        raise UnreadableFile(f"A second block of numbers begins at line {line}.")
    separator = document.layout.separator
    header: dict[str, list[str]] = {}
    for line in document.header:
        key, *values = split_fields(line, separator)
        header.setdefault(key, values)
    present = {key.lower() for key in header}
    if missing := [sign for sign in SIGNS if sign not in present]:
        raise UnreadableFile(
            f"This is no Edinburgh Instruments export: the setting {missing[0]} is"
            " not in its header."
        )
    table = document.tables[0].values
    table = table[:, ~np.isnan(table).all(axis=0)]
    labels = [label for label in header.get("Labels", []) if label]
    scans = _split_scans(table, max(1, len(labels)))
    parsed: list[ParsedDataset] = []
    notes: list[str] = []
    for number, (wavelength, counts) in enumerate(scans):
        settings = {
            key: values[number] if number < len(values) and values[number] else one
            for key, values in header.items()
            if (one := next(filter(None, values), ""))
        }
        numbers = _numbers(settings, document.layout.decimal, notes)
        _check_scan(settings, numbers, wavelength, source, notes)
        name = labels[number] if number < len(labels) else f"scan {number + 1}"
        dataset = Dataset.curve(
            ("wavelength", "nm", wavelength, "Wavelength"),
            counts=("1", counts, "Intensity"),
            metadata={"header": settings},
        )
        parsed.append(ParsedDataset(name, dataset, _conditions(numbers, notes)))
    common = {
        key: value
        for key, value in parsed[0].conditions.items()
        if all(one.conditions.get(key) == value for one in parsed)
    }
    return ReadResult(tuple(parsed), common, None, tuple(dict.fromkeys(notes)))


def _split_scans(table: np.ndarray, labels: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Take apart scans that share a first column or each bring their own."""
    columns = table.shape[1]
    if columns == labels + 1:
        pairs = [(table[:, 0], table[:, at]) for at in range(1, columns)]
    elif columns == 2 * labels:
        pairs = [(table[:, at], table[:, at + 1]) for at in range(0, columns, 2)]
    else:
        raise UnreadableFile(
            f"The file names {labels} scans but has {columns} columns of numbers;"
            f" {labels + 1} or {2 * labels} were expected."
        )
    scans = []
    for wavelength, counts in pairs:
        measured = ~(np.isnan(wavelength) | np.isnan(counts))
        scans.append((wavelength[measured], counts[measured]))
    return scans


def _numbers(
    settings: dict[str, str], decimal: str, notes: list[str]
) -> dict[str, float]:
    """Read the settings that are numbers, with the decimal mark of the rows."""
    numbers = {}
    for key in (*RANGE, *CONDITIONS, "Repeats"):
        text = settings.get(key, "")
        value = parse_number(text, decimal)
        if is_foreign(text, decimal):
            notes.append(f"{key} is {not_used(text, decimal)}")
        elif value is not None and np.isfinite(value):
            numbers[key] = value
    return numbers


def _check_scan(
    settings: dict[str, str],
    numbers: dict[str, float],
    wavelength: np.ndarray,
    source: Source,
    notes: list[str],
) -> None:
    kind = settings.get("Type", "")
    if kind and "emission" not in kind.lower():
        raise UnreadableFile(
            f"This is a {kind}, not an emission scan: its wavelengths are not those"
            " of the emitted light."
        )
    axis = settings.get("Xaxis", "Wavelength")
    if "wavelength" not in axis.lower():
        raise UnreadableFile(f"The x axis is {axis}; export it as wavelength.")
    if "count" not in settings.get("Yaxis", "Counts").lower():
        notes.append(f"The y axis is {settings['Yaxis']}, not counts.")
    limits = [numbers[key] for key in RANGE if key in numbers]
    if len(limits) < len(RANGE):
        notes.append("Start, Stop and Step are not given, so completeness is unknown.")
        return
    start, stop, step = limits
    expected = round(abs(stop - start) / abs(step)) + 1 if step else wavelength.size
    if wavelength.size < expected:
        message = (
            f"The header announces {expected} points from {start:g} to {stop:g} nm,"
            f" the file has {wavelength.size} and ends at"
            f" {wavelength[-1] if wavelength.size else start:g} nm"
        )
        if not source.options.get("accept_incomplete"):
            raise UnreadableFile(f"{message}: it was cut off, or the scan stopped.")
        notes.append(f"{message}.")


def _conditions(numbers: dict[str, float], notes: list[str]) -> dict[str, float]:
    conditions = {}
    for header, key in CONDITIONS.items():
        value = numbers.get(header, 0.0)
        if value <= 0:
            continue
        if key == "temperature":
            value = round(units.convert(value, "K", "°C"), 6)
        conditions[key] = value
    if (repeats := numbers.get("Repeats", 1.0)) > 1:
        notes.append(
            f"{repeats:g} repeats were recorded; the integration time is that of one."
        )
    return conditions


EDINBURGH_CSV = Reader(
    key="edinburgh_csv",
    version=1,
    label="Edinburgh Instruments text export",
    techniques=("pl",),
    recognise=recognise,
    read=read,
    sample=sample,
    sample_name="emission_scan.csv",
    limits=(
        "Emission scans on a wavelength axis; excitation, synchronous, kinetic and"
        " map scans are refused. Temperatures are taken as kelvin."
    ),
    extensions=("csv", "txt"),
)
