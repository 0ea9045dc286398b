"""What a flag says to people, wherever a number that carries it is shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from analysis.contract.registry import analyses
from labdata.plugin import Flag
from labdata.plugin.result import stored_flag

HEADER_CONTRADICTS = Flag(
    "header_contradicts_data",
    "file contradicts data",
    "A number in the file's own header is not what its data give.",
)
"""Raised by analyses of several families."""


def find_flag(
    key: str,
    *,
    analysis: str = "",
    quantity: str = "",
    stored: Mapping[str, Any] | None = None,
) -> Flag:
    """Return the flag of a number, from the analysis that declares it.

    Parameters
    ----------
    key : str
    analysis : str
        Key of the analysis the number is from, where that is known.
    quantity : str
        Key of what the number is; of several analyses that declare the flag, those
        that give this quantity are meant.
    stored : mapping, optional
        Result of the run the number is from: it holds the words of its flags, which
        stand where its analysis has gone.

    Returns
    -------
    Flag
        Where nobody declares it (any more), one whose words are made of the key.
    """
    declared = [*_declared(key)]
    for name, _, flag in declared:
        if name == analysis:
            return flag
    if (kept := stored_flag(stored or {}, key)) is not None:
        return kept
    for _, outputs, flag in declared:
        if quantity in outputs:
            return flag
    if declared:
        return declared[0][2]
    words = key.replace("_", " ")
    return Flag(key, words, f"{words[:1].upper()}{words[1:]}.")


def _declared(key: str) -> Iterator[tuple[str, tuple[str, ...], Flag]]:
    for spec in analyses:
        if (flag := spec.flag(key)) is not None:
            yield spec.key, spec.outputs, flag
