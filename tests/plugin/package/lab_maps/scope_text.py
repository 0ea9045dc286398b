"""Text files of the lab's own scanning microscope."""

import numpy as np

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

SIGN = "LABSCOPE MAP 1"


def sample() -> bytes:
    """A map of three rows of four spots."""
    lines = [SIGN, "laser 532 nm", "x 0 5 4", "y 0 10 3"]
    lines += ["10.5 11.0 10.8 10.9", "10.1 2.5 10.7 10.6", "10.3 10.4 10.2 10.8"]
    return "\n".join(lines).encode()


def recognise(sniff: Sniff) -> Recognition | None:
    """Its first line is the microscope's name."""
    if not sniff.text.startswith(SIGN):
        return None
    return Recognition(1.0, f"its first line is {SIGN}")


def read(source: Source) -> ReadResult:
    """Read the map.

    Raises
    ------
    UnreadableFile
        If the header is incomplete or a row has another number of spots.
    """
    title, *lines = source.text.splitlines() or [""]
    if title.strip() != SIGN:
        raise UnreadableFile(f"The first line is {title[:40]!r}, not {SIGN!r}.")
    header = dict(line.partition(" ")[::2] for line in lines[:3])
    rows = [line.split() for line in lines[3:] if line.strip()]
    try:
        axes = tuple(_axis(name, header[name]) for name in "yx")
        wavelength = float(header["laser"].removesuffix("nm"))
        values = np.array(rows, dtype=float)
    except (KeyError, ValueError) as error:
        raise UnreadableFile(f"This is no whole map: {error}.") from error
    if values.shape != tuple(axis.size for axis in axes):
        raise UnreadableFile(
            f"The header announces {axes[0].size} rows of {axes[1].size} spots, the"
            f" file holds {values.shape[0]} of another length or number."
        )
    channel = Channel("photocurrent", "nA", "Photocurrent", values)
    conditions = {"laser_wavelength": wavelength}
    return ReadResult((ParsedDataset("map", Dataset(axes, (channel,))),), conditions)


def _axis(name: str, told: str) -> Axis:
    first, step, count = told.split()
    values = float(first) + float(step) * np.arange(int(count))
    return Axis(name, "µm", name, values)


SCOPE_TEXT = Reader(
    key="labscope_text",
    version=1,
    label="LabScope map",
    techniques=("photocurrent_map",),
    recognise=recognise,
    read=read,
    sample=sample,
    sample_name="spot.map",
    limits="One map per file; the laser's wavelength is its only condition.",
    extensions=("map",),
)
