"""Text that can be stored: a character in two halves is whole, or it is refused.

JSON can name half a character (``"\\ud800"``, a lone surrogate). No database, file or
page can hold one, so it has to be found where text comes in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import orjson

_HALF = re.compile("[\ud800-\udfff]")
MOST_PLACES = 10

Place = tuple[str, ...]


def half_character_in(text: str) -> str:
    """The first half of a character in a text, as JSON writes it; empty if none."""
    found = None if text.isascii() else _HALF.search(text)
    return f"\\u{ord(found.group()):04x}" if found else ""


def half_characters(value: object) -> dict[Place, str]:
    """Find what cannot be stored in the keys and values of nested data.

    Parameters
    ----------
    value : object
        Text, or mappings and sequences that hold any; however deep.

    Returns
    -------
    dict
        At most ten halves, as JSON writes them, each under its place: the keys and
        positions that lead there. A broken key is named as JSON would write it.
    """
    try:
        orjson.dumps(value)
    except TypeError:
        # Something else may be amiss, such as a number of more than 64 bits.
        return _search(value)
    return {}


def explain(half: str) -> str:
    """Say of a half that was found what is wrong with it, in words for its field."""
    return (
        f"This holds half of a character ({half}), which no text can keep: send the "
        "whole character, or leave it out."
    )


def _search(value: object) -> dict[Place, str]:
    found: dict[Place, str] = {}
    waiting: list[tuple[Place, object]] = [((), value)]
    while waiting and len(found) < MOST_PLACES:
        place, part = waiting.pop()
        if isinstance(part, str):
            if half := half_character_in(part):
                found[place] = half
        elif isinstance(part, Mapping):
            for key, inner in reversed(list(part.items())):
                inner_place = (*place, _named(str(key)))
                if half := half_character_in(str(key)):
                    found[inner_place] = half
                else:
                    waiting.append((inner_place, inner))
        elif isinstance(part, list | tuple):
            waiting += [
                ((*place, str(index)), inner)
                for index, inner in reversed(list(enumerate(part)))
            ]
    return found


def _named(key: str) -> str:
    return key.encode("utf-8", "backslashreplace").decode()
