"""Whose file is it: finding sample codes in the names people give files."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

# Letters and digits of any script; everything else, the underscore too, parts words.
WORD = re.compile(r"[^\W_]+")


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
