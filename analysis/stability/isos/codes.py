"""Codes of ISOS protocols, however they are typed."""

from __future__ import annotations

import re
import unicodedata

FAMILIES = {
    "D": "dark storage",
    "V": "electrical bias in the dark",
    "L": "light soaking",
    "O": "outdoor",
    "T": "thermal cycling",
    "LC": "light cycling",
    "LT": "light and thermal cycling",
}
LEVELS = (1, 2, 3)

_CODE = re.compile(r"(?:ISOS)?(LC|LT|[DVLOT])([123])(I?)")


def normalise(text: str) -> str:
    """Return the canonical code, such as ``ISOS-LC-1I``.

    Parameters
    ----------
    text : str
        In any case, with any hyphens, spaces or underscores or none, with or without
        the word ISOS.

    Raises
    ------
    ValueError
        If it is no protocol; the message says how one is written.
    """
    family, level, in_inert_gas = parts(text)
    return f"ISOS-{family}-{level}{'I' * in_inert_gas}"


def parts(code: str) -> tuple[str, int, bool]:
    """Return family, level and whether it is the test in inert gas.

    Raises
    ------
    ValueError
        If it is no protocol; the message says how one is written.
    """
    plain = unicodedata.normalize("NFKC", str(code)).upper()
    plain = "".join(
        sign for sign in plain if unicodedata.category(sign) not in ("Pd", "Pc", "Zs")
    )
    # The minus sign is a mark of mathematics, not a hyphen; the soft hyphen is neither.
    plain = re.sub("[\u2212\u00ad\u200b\\s()]", "", plain)
    match = _CODE.fullmatch(plain)
    if match is None:
        raise ValueError(
            f"{code!r} is no ISOS protocol. One is a family ({', '.join(FAMILIES)}), a"
            " level from 1 to 3 and, for tests in inert gas, I: such as ISOS-L-2 or"
            " ISOS-D-1I."
        )
    family, level, inert = match.groups()
    return family, int(level), bool(inert)
