"""Codes of protocols are understood however they are typed."""

import pytest

from analysis.stability.isos import normalise
from analysis.stability.isos.codes import FAMILIES, LEVELS, parts


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("ISOS-L-2", "ISOS-L-2"),
        ("LC1I", "ISOS-LC-1I"),
        ("isos l2", "ISOS-L-2"),
        ("ISOS-D-2I", "ISOS-D-2I"),
        ("ISOS–D–2", "ISOS-D-2"),
        ("ISOS‑L‑2I", "ISOS-L-2I"),
        ("ISOS−T−3", "ISOS-T-3"),
        ("isos_lt_1", "ISOS-LT-1"),
        ("  Isos - V - 1 i ", "ISOS-V-1I"),
        ("ＩＳＯＳ－Ｏ－３", "ISOS-O-3"),
        ("ISOS-D-2 (I)", "ISOS-D-2I"),
        ("ISOS\u00adL\u200b2", "ISOS-L-2"),
    ],
)
def test_every_usual_spelling_is_understood(typed, canonical):
    assert normalise(typed) == canonical


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("inert", ["", "I"])
def test_every_protocol_survives_and_comes_apart(family, level, inert):
    code = f"ISOS-{family}-{level}{inert}"

    assert normalise(code) == code
    assert parts(code) == (family, level, bool(inert))


@pytest.mark.parametrize(
    "typed",
    ["", "ISOS", "ISOS-X-1", "ISOS-L-4", "ISOS-L-0", "L", "L-2 or D-2", "IEC 61215"],
)
def test_anything_else_is_refused_with_how_one_is_written(typed):
    with pytest.raises(ValueError, match=r"is no ISOS protocol.*such as ISOS-L-2"):
        normalise(typed)
