"""Whose file is it: finding sample codes in the names people give files."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

# Letters and digits of any script; everything else, the underscore too, parts words.
WORD = re.compile(r"[^\W_]+")
CELL_WORDS = ("pixel", "px", "cell", "contact", "channel", "ch")
CELL_PREFIX = re.compile(rf"^(?:{'|'.join(CELL_WORDS)})[\s_-]*(?=.)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Match:
    """The codes a text names; one alone, and certain, settles it.

    ``written`` is how the first of them stands in the text.
    """

    codes: tuple[str, ...] = ()
    is_certain: bool = False
    written: str = ""

    @property
    def code(self) -> str | None:
        """The one code that is meant, or None where a person has to say."""
        return self.codes[0] if self.is_certain and len(self.codes) == 1 else None


class CodeFinder:
    """Finds codes of a given set in file names.

    Parameters
    ----------
    codes : iterable of str
        The codes that may be meant.

    Notes
    -----
    A code counts where its words stand one after the other, bounded by separators:
    ``C-1`` is in ``PL_C-1_298K.csv`` and ``c 1.txt``, but not in ``C-10.csv``. A code
    within a longer one that is named too is not meant. Of codes that differ only in
    capitals or separators, the one spelled as in the name is. Several codes side by
    side, or one that ends at a decimal point, are possible but not certain.
    """

    def __init__(self, codes: Iterable[str]) -> None:
        self._by_words: dict[tuple[str, ...], list[str]] = {}
        for code in codes:
            if words := tuple(_folded(word) for word in WORD.findall(code)):
                self._by_words.setdefault(words, []).append(code)
        self._longest = max(map(len, self._by_words), default=0)

    def find(self, name: str) -> Match:
        """Say which codes a name holds, the longest first."""
        text = unicodedata.normalize("NFKC", name)
        words = list(WORD.finditer(text))
        folded = [_folded(word.group()) for word in words]
        decimal = _decimal_points(text, words)
        spans = {
            (start, end): codes
            for start in range(len(words))
            for end in range(start + 1, min(len(words), start + self._longest) + 1)
            if (codes := self._by_words.get(tuple(folded[start:end])))
        }
        certain = {
            span: codes
            for span, codes in spans.items()
            if not decimal.intersection(range(span[0], span[1] + 1))
        }
        kept = _outermost(certain or spans)
        found: list[str] = []
        first = ""
        for start, end in sorted(kept, key=lambda span: (span[0] - span[1], span)):
            written = text[words[start].start() : words[end - 1].end()]
            first = first or written
            found += _best_spelled(written, kept[start, end])
        return Match(tuple(dict.fromkeys(found)), bool(certain), first)


def find_cell(name: str, code: str, labels: Iterable[str]) -> str | None:
    """Say which cell of a sample a file name tells, or None unless just one is meant.

    Parameters
    ----------
    name : str
        Name of the file.
    code : str
        Code of the sample; what follows it may be the label alone.
    labels : iterable of str
        Labels of the sample's cells.

    Notes
    -----
    ``D-1_cellA``, ``D-1 pixel A``, ``D-1_pxA`` and ``D-1-A`` are all of cell A. A bare
    number behind the code may as well count sweeps, and tells no cell.
    """
    text = unicodedata.normalize("NFKC", name)
    words = [_folded(word.group()) for word in WORD.finditer(text)]
    by_label = {_folded(plain_cell(label)): label for label in labels}
    told = {
        by_label.get(plain_cell(words[place] + _next(words, place)))
        for place, word in enumerate(words)
        if word in CELL_WORDS
    } | {by_label.get(plain_cell(word)) for word in words if plain_cell(word) != word}
    told |= {by_label.get(word) for word in _behind(words, code) if not word.isdigit()}
    told.discard(None)
    return told.pop() if len(told) == 1 else None


def plain_cell(name: str) -> str:
    """The name of a cell without the word for it: ``Pixel A`` is ``a``."""
    return CELL_PREFIX.sub("", name.strip()).casefold()


def _next(words: list[str], place: int) -> str:
    return words[place + 1] if place + 1 < len(words) else ""


def _behind(words: list[str], code: str) -> list[str]:
    """The words that stand right behind a code."""
    parts = [_folded(word) for word in WORD.findall(code)]
    size = len(parts)
    return [
        words[start + size]
        for start in range(len(words) - size)
        if words[start : start + size] == parts
    ]


def _folded(word: str) -> str:
    return unicodedata.normalize("NFKC", word).casefold()


def _decimal_points(text: str, words: list[re.Match[str]]) -> set[int]:
    """Positions of the words that follow a point or comma within a number."""
    return {
        place
        for place in range(1, len(words))
        if text[words[place - 1].end() : words[place].start()] in (".", ",")
        and words[place - 1].group()[-1].isdigit()
        and words[place].group()[0].isdigit()
    }


def _outermost(
    spans: dict[tuple[int, int], list[str]],
) -> dict[tuple[int, int], list[str]]:
    """Leave out what lies within a longer code."""
    return {
        (start, end): codes
        for (start, end), codes in spans.items()
        if not any(
            other != (start, end) and other[0] <= start and end <= other[1]
            for other in spans
        )
    }


def _best_spelled(written: str, codes: list[str]) -> list[str]:
    """The codes closest to how the name spells them: all alike, or but for capitals."""
    for alike in (
        [code for code in codes if code == written],
        [code for code in codes if code.casefold() == written.casefold()],
    ):
        if alike:
            return alike
    return sorted(codes)
