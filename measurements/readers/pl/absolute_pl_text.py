"""Absolute photoluminescence: spectrum with quantum yield and QFLS, as text."""

from __future__ import annotations

import numpy as np

from labdata.common.measures import units
from labdata.common.text.clock import first_clock
from labdata.common.text.number import parse_number
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
    UnreadableFile,
)
from measurements.text import columns
from measurements.text.tables import Document, read_document

FLUX_UNIT = "1/s/cm²/nm"

COLUMNS = {
    "luminescence flux density": (
        "luminescence_flux",
        FLUX_UNIT,
        "Luminescence flux density",
    ),
    "raw spectrum": ("counts", "1", "Intensity"),
    "dark spectrum": ("dark_counts", "1", "Dark spectrum"),
}

REPORTED = {
    "luqy": ("luminescence_quantum_yield", "%"),
    "qfls": ("quasi_fermi_level_splitting", "eV"),
    "qfls confidence": ("quasi_fermi_level_splitting_confidence", "1"),
    "laser intensity": ("excitation_intensity", "suns"),
    "bias voltage": ("bias_voltage", "V"),
    "smu current density": ("current_density", "mA/cm²"),
    "integration time": ("integration_time", "s"),
    "delay time": ("delay_time", "s"),
    "bandgap": ("band_gap", "eV"),
    "jsc": ("short_circuit_current_density", "mA/cm²"),
    "eqe @ laser wavelength": ("quantum_efficiency_at_excitation", "1"),
    "laser spot size": ("excitation_area", "cm²"),
    "subcell area": ("subcell_area", "cm²"),
}
"""What the header reports: names in the file, ours, and the unit it is kept in."""


def sample() -> bytes:
    """A spectrum with the quantities the instrument derives from it."""
    lines = [
        "1/20/2025 9:46:09 PM",
        "LuQY (%)\t0.5000",
        "QFLS (eV)\t1.100",
        "Integration Time (ms)\t20",
        "Bandgap (eV)\t1.500",
        "Jsc (mA/cm2)\t25.00",
        "----------------------------",
        "Wavelength (nm)\tLuminescence flux density (photons/(s cm² nm))"
        "\tRaw spectrum (counts)\tDark spectrum (counts)",
    ]
    for wavelength in range(700, 951, 2):
        shape = np.exp(-(((wavelength - 826.6) / 20) ** 2))
        lines.append(f"{wavelength:E}\t{shape * 1e13:E}\t{shape * 1e4:E}\t{2900:E}")
    return "\r\n".join([*lines, ""]).encode()


def recognise(sniff: Sniff) -> Recognition | None:
    """Quantum yield and QFLS stand above a table with a luminescence flux density."""
    head = sniff.text[:8000].lower()
    signs = ["luqy", "qfls", "luminescence flux density"]
    found = [sign for sign in signs if sign in head]
    if len(found) < len(signs):
        return None
    return Recognition(0.95, f"its header names {', '.join(found)}")


def read(source: Source) -> ReadResult:
    """Read the spectrum and the quantities reported above it.

    Parameters
    ----------
    source : Source
        The file, filed under ``pl``.

    Returns
    -------
    ReadResult
        One dataset: ``wavelength`` [nm], ``counts`` [1] (raw, dark already taken
        off by the instrument), ``luminescence_flux`` [1/s/cm²/nm] and ``dark_counts``
        [1]. ``metadata["reported"]`` holds what the instrument derived, each as
        ``{value, unit, label}``. The time has no zone: it is the instrument's clock.

    Raises
    ------
    UnreadableFile
        If a column is missing or the table is cut off.
    """
    document = read_document(source.data)
    table = document.tables[0]
    known = ("wavelength", *COLUMNS)
    labelled = {
        columns.plain(column.name): column
        for column in columns.label_columns(table, known)
    }
    if missing := [
        name for name in ("wavelength", "raw spectrum") if name not in labelled
    ]:
        raise UnreadableFile(
            f"There is no column {missing[0]}; the titles are"
            f" {', '.join(column.title for column in labelled.values())}."
        )
    notes = [
        f"{column} was not read."
        for name, column in labelled.items()
        if name not in known
    ]
    wavelength = labelled["wavelength"]
    if np.isnan(wavelength.values).any():
        line = wavelength.lines[int(np.isnan(wavelength.values).argmax())]
        raise UnreadableFile(f"Wavelength is missing in line {line}.")
    channels = [
        Channel(*COLUMNS[name], columns.converted(labelled[name], COLUMNS[name][1]))
        for name in ("raw spectrum", "luminescence flux density", "dark spectrum")
        if name in labelled
    ]
    reported, remarks = _reported(document)
    time = reported.get("integration_time")
    titles = {column.title for column in labelled.values()}
    header = {key: value for key, value in document.pairs.items() if key not in titles}
    dataset = Dataset(
        (Axis("wavelength", "nm", "Wavelength", wavelength.values),),
        tuple(channels),
        metadata={"header": header, "reported": reported},
    )
    return ReadResult(
        (ParsedDataset("spectrum", dataset),),
        {"integration_time": time["value"]} if time else {},
        first_clock(document.header[:3], notes, is_american=True),
        (*notes, *remarks),
    )


def _reported(document: Document) -> tuple[dict[str, dict], list[str]]:
    found, notes = {}, []
    for line in document.header:
        key, _, value = line.partition(document.layout.separator or "\t")
        title = split_title(key)
        name, unit = title.name, title.unit_text
        number = parse_number(value, document.layout.decimal)
        if name.lower() not in REPORTED or number is None or np.isnan(number):
            continue
        ours, kept = REPORTED[name.lower()]
        try:
            number = units.convert(number, unit or "1", kept)
        except units.UnitError as error:
            notes.append(f"{key} was not understood: {error}.")
            continue
        found[ours] = {"value": number, "unit": kept, "label": name}
    return found, notes


ABSOLUTE_PL_TEXT = Reader(
    key="absolute_pl_text",
    version=1,
    label="Absolute photoluminescence text",
    techniques=("pl",),
    recognise=recognise,
    read=read,
    sample=sample,
    sample_name="absolute_pl.txt",
    limits=(
        "One spectrum per file. Dates with slashes are month/day/year beside AM and"
        " PM. What the instrument derived is kept as reported, not computed again."
    ),
    extensions=("txt",),
)
