"""The next code of a series, read from the codes given before."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

_NUMBER = re.compile(r"\d+")
LONGEST = 60
MOST_TRIES = 1000
SMALL = 100


def next_code(recent: Sequence[str], is_taken: Callable[[str], bool]) -> str:
    """Continue the series that the newest codes form.

    Parameters
    ----------
    recent : sequence of str
        Codes, newest first.
    is_taken : callable
        Whether a code exists already.

    Returns
    -------
    str
        The newest code with the number that counts raised until it is free; empty
        where no number counts: in ``C25-300``, ``C25-350`` none does, for both are
        conditions.

    Notes
    -----
    The number that counts is the last one of which neighbours (24 and 25) occur
    among codes of the same form, or the only number of a form. Of the first code of
    a form, the last number counts while it is small.
    """
    if not recent:
        return ""
    newest = recent[0]
    form = _NUMBER.sub("#", newest)
    alike = [code for code in recent if _NUMBER.sub("#", code) == form]
    place = _counting_place(alike)
    if place is None:
        return ""
    match = list(_NUMBER.finditer(newest))[place]
    number, width = int(match[0]), len(match[0])
    for step in range(1, MOST_TRIES):
        code = (
            f"{newest[: match.start()]}{number + step:0{width}d}{newest[match.end() :]}"
        )
        if len(code) <= LONGEST and not is_taken(code):
            return code
    return ""


def pieces_of(code: str, count: int, is_taken: Callable[[str], bool]) -> list[str]:
    """Propose codes for pieces of a sample: ``C-24-1``, ``C-24-2`` …"""
    proposed: list[str] = []
    for number in range(1, count + MOST_TRIES):
        candidate = f"{code}-{number}"
        if not is_taken(candidate):
            proposed.append(candidate)
        if len(proposed) == count:
            break
    return proposed


def _counting_place(alike: Sequence[str]) -> int | None:
    numbers = [[int(text) for text in _NUMBER.findall(code)] for code in alike]
    for place in reversed(range(len(numbers[0]))):
        # Neighbours count only among codes that agree in every other number.
        for one in numbers:
            follower = [*one[:place], one[place] + 1, *one[place + 1 :]]
            if follower in numbers:
                return place
    if len(numbers[0]) == 1:
        return 0
    is_first = len(set(alike)) == 1 and bool(numbers[0])
    return len(numbers[0]) - 1 if is_first and numbers[0][-1] < SMALL else None
