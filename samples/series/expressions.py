"""Arithmetic in placeholders: ``1-x``, ``100(1-x-y)``, ``x/2``; nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, DecimalException, localcontext

from samples.series.errors import SeriesError

LONGEST = 100
DEEPEST = 20
LARGEST_EXPONENT = 15
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?|\.\d+)|(?P<name>[^\W\d]\w*)|(?P<sign>[-+*/()]))"
)
_SIGNS = str.maketrans({"−": "-", "–": "-", "×": "*", "·": "*", "⋅": "*", "÷": "/"})


def evaluate(text: str, numbers: Mapping[str, Decimal]) -> Decimal:
    """Work out an expression of numbers and names with ``+ - * / ( )``.

    Parameters
    ----------
    text : str
        Such as ``1-x``; ``2x`` and ``100(1-x)`` multiply.
    numbers : mapping of str to Decimal
        What the names stand for.

    Raises
    ------
    SeriesError
        With the name that is not known, or the place that cannot be read.
    """
    if len(text) > LONGEST:
        raise SeriesError(f"{text[:20]!r}… is longer than {LONGEST} characters")
    tokens = list(_tokens(text.translate(_SIGNS)))
    reader = _Reader(text, tokens, numbers)
    with localcontext(prec=28):
        try:
            result = reader.read()
        except DecimalException as error:
            raise SeriesError(f"{text!r} divides by zero") from error
    if result and abs(result.adjusted()) > LARGEST_EXPONENT:
        raise SeriesError(f"{text!r} is {result:.3g}: out of range")
    return result


def names_of(text: str) -> list[str]:
    """The names an expression uses, each once, in order."""
    found = (value for kind, value in _tokens(text.translate(_SIGNS)) if kind == "name")
    return list(dict.fromkeys(found))


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    place = 0
    text = text.rstrip()
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            raise SeriesError(
                f"{text[place:].strip()[:1]!r} in {text.strip()!r} is no arithmetic "
                "(there are + - * / and brackets)"
            )
        yield match.lastgroup, match[match.lastgroup]
        place = match.end()


class _Reader:
    """Reads an expression from the left; multiplication may be left unwritten."""

    def __init__(
        self,
        text: str,
        tokens: Sequence[tuple[str, str]],
        numbers: Mapping[str, Decimal],
    ) -> None:
        self.text, self.tokens, self.numbers = text.strip(), tokens, numbers
        self.place = self.depth = 0

    def read(self) -> Decimal:
        if not self.tokens:
            raise SeriesError("empty brackets {}: write a name in them, such as {x}")
        value = self._sum()
        if self.place < len(self.tokens):
            raise self._odd()
        return value

    def _peek(self) -> tuple[str, str]:
        if self.place < len(self.tokens):
            return self.tokens[self.place]
        return "", ""

    def _sum(self) -> Decimal:
        self.depth += 1
        if self.depth > DEEPEST:
            raise SeriesError(f"{self.text!r} has too many brackets")
        value = self._product()
        while self._peek() in (("sign", "+"), ("sign", "-")):
            _, sign = self._peek()
            self.place += 1
            other = self._product()
            value = value + other if sign == "+" else value - other
        self.depth -= 1
        return value

    def _product(self) -> Decimal:
        value = self._signed()
        while True:
            kind, token = self._peek()
            if (kind, token) in (("sign", "*"), ("sign", "/")):
                self.place += 1
                other = self._signed()
                value = value * other if token == "*" else value / other
            elif kind in ("number", "name") or token == "(":
                value = value * self._single()
            else:
                return value

    def _signed(self) -> Decimal:
        negative = False
        while self._peek() in (("sign", "+"), ("sign", "-")):
            negative ^= self._peek()[1] == "-"
            self.place += 1
        value = self._single()
        return -value if negative else value

    def _single(self) -> Decimal:
        kind, token = self._peek()
        self.place += 1
        if kind == "number":
            return Decimal(token)
        if kind == "name":
            if token not in self.numbers:
                known = ", ".join(self.numbers) or "none yet"
                raise SeriesError(f"{token!r} has no values (those with: {known})")
            return self.numbers[token]
        if token == "(":
            value = self._sum()
            if self._peek() != ("sign", ")"):
                raise SeriesError(f"{self.text!r} has a bracket that is not closed")
            self.place += 1
            return value
        self.place -= 1
        raise self._odd()

    def _odd(self) -> SeriesError:
        _, token = self._peek()
        where = f"{token!r} is not expected there" if token else "something is missing"
        return SeriesError(f"{self.text!r} cannot be worked out: {where}")
