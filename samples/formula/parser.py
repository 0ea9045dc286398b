"""The grammar of chemical formulas.

::

    formula := part (dot part)*            dot: · or *, or . before H2O or a letter
    part    := number? term+               a number only where there are several parts
    term    := (symbol | open term+ close) number?
    number  := 3 | 0.05 | .05 | 0,05

A symbol is the longest element or named block that fits; anything else is refused.
A point between digits is a decimal point unless a water of crystallisation follows it:
CuSO4.5H2O is a pentahydrate, CsPbI2.98Br0.02 is not.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache, lru_cache
from types import MappingProxyType

from labdata.common.text.number import IN_FORMULA, PLAIN, parse_plain
from samples.formula.blocks import BLOCKS, ELEMENT_MASSES, MATERIALS, SPELLINGS, SYMBOL
from samples.formula.errors import FormulaError
from samples.formula.model import ParsedFormula
from samples.formula.notation import plain_text
from samples.formula.terms import Group, Part, Symbol, count_symbols

DEEPEST_NESTING = 8
LARGEST_COUNT = Decimal(100_000)

_CLOSING = {"(": ")", "[": "]", "{": "}"}
_NUMBER = re.compile(IN_FORMULA)
_WATER = re.compile(rf"\.(?:{PLAIN})?H2O(?=$|[.·*])")
_VARIABLE = re.compile(r"[-+]?[\d.]*[xyzδ](?![a-z])")
_UNKNOWN = re.compile(r"[A-Za-z][a-z]*")
_SUPERSCRIPT = re.compile("[⁰¹²³⁴-⁹⁺⁻⁼⁽⁾ⁿ]")


@lru_cache(maxsize=4096)
def parse_formula(text: str) -> ParsedFormula:
    """Read a chemical formula.

    Parameters
    ----------
    text : str
        With nested ``() [] {}``, decimal numbers, named blocks (FA, MA, DMSO,
        agZIF-62, …), adducts after a centred dot; Unicode, HTML and LaTeX subscripts
        are understood.

    Returns
    -------
    ParsedFormula

    Raises
    ------
    FormulaError
        With the position of the first piece that is not understood.
    """
    plain = plain_text(text)
    # Underscores and spaces in names (a_gZIF-62) and between groups mean nothing.
    return _Reader(re.sub(r"[\s_]+", "", plain)).formula()


@cache
def block_formula(symbol: str) -> ParsedFormula:
    """Return the formula a named block stands for, in elements and other blocks."""
    return _Reader(BLOCKS[symbol].formula).formula()


def _atoms(parts: tuple[Part, ...]) -> Mapping[str, Decimal]:
    totals: dict[str, Decimal] = {}
    for name, count in count_symbols(parts).items():
        inside = block_formula(name).exact_elements if name in BLOCKS else {name: 1}
        for element, atoms in inside.items():
            totals[element] = totals.get(element, Decimal(0)) + atoms * count
    return MappingProxyType(dict(sorted(totals.items())))


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0

    def formula(self) -> ParsedFormula:
        if not self.text:
            raise FormulaError("the formula is empty", self.text, 1)
        raised = _SUPERSCRIPT.search(self.text)
        if raised:
            raise FormulaError(
                "charges and isotopes are not part of a composition: leave"
                f" {raised[0]!r} out",
                self.text,
                raised.start() + 1,
            )
        parts = [self._part()]
        while self._skip_dot():
            parts.append(self._part())
        if self.position < len(self.text):
            self._refuse_rest()
        if len(parts) == 1 and parts[0].coefficient != 1:
            raise FormulaError("a formula does not begin with a number", self.text, 1)
        kept = tuple(part for part in parts if part.terms)
        if not kept:
            raise FormulaError("all amounts are zero", self.text, 1)
        self._refuse_mixed_materials(kept)
        return ParsedFormula(kept, _atoms(kept))

    def _part(self) -> Part:
        start = self.position
        coefficient = self._coefficient()
        if coefficient == 0:
            raise FormulaError("a part has the amount zero", self.text, start + 1)
        return Part(self._terms(depth=0), coefficient)

    def _refuse_mixed_materials(self, parts: Sequence[Part]) -> None:
        for part in parts:
            symbols = count_symbols([part])
            for name in symbols:
                if name in MATERIALS and len(symbols) > 1:
                    raise FormulaError(
                        f"{name} is a material: it stands alone in a formula, and in a"
                        " composition in brackets with its amount",
                        self.text,
                        self._position_of(name),
                    )

    def _position_of(self, name: str) -> int:
        return 1 + max(
            self.text.find(spelling)
            for spelling, block in SPELLINGS.items()
            if block.symbol == name
        )

    def _terms(self, depth: int) -> tuple[Symbol | Group, ...]:
        terms: list[Symbol | Group] = []
        start = self.position
        while (term := self._term(depth)) is not None:
            terms.append(term)
        if self.position == start:
            self._refuse_rest()
        return tuple(term for term in terms if term.count)

    def _term(self, depth: int) -> Symbol | Group | None:
        start = self.position
        spelling = self._symbol()
        if spelling is not None:
            block = SPELLINGS.get(spelling)
            return Symbol(block.symbol if block else spelling, self._number())
        opening = self.text[start : start + 1]
        if opening not in _CLOSING or not opening:
            return None
        if depth == DEEPEST_NESTING:
            raise FormulaError(
                f"brackets are nested deeper than {DEEPEST_NESTING}",
                self.text,
                start + 1,
            )
        self.position += 1
        terms = self._terms(depth + 1)
        closing = _CLOSING[opening]
        if self.text[self.position : self.position + 1] != closing:
            if self.position < len(self.text) and self.text[self.position] not in ")]}":
                self._refuse_rest()
            raise FormulaError(f"{opening!r} is not closed", self.text, start + 1)
        self.position += 1
        count = self._number()
        return Group(terms, count if terms else Decimal(0), opening + closing)

    def _symbol(self) -> str | None:
        match = SYMBOL.match(self.text, self.position)
        if match is None:
            return None
        spelling = match[0]
        end = match.end()
        if self.text[end : end + 1].islower() and not SYMBOL.match(self.text, end):
            if _VARIABLE.match(self.text, end):
                self._refuse_variable(end)
            self._refuse_symbol(self.position)
        self.position = match.end()
        return spelling

    def _coefficient(self) -> Decimal:
        match = _NUMBER.match(self.text, self.position)
        if match is None:
            return Decimal(1)
        self.position = match.end()
        return parse_plain(match[0])

    def _number(self) -> Decimal:
        if _WATER.match(self.text, self.position):
            return Decimal(1)
        start = self.position
        match = _NUMBER.match(self.text, start)
        if match is None:
            return Decimal(1)
        typed = match[0]
        whole, point, _ = typed.partition(".")
        if point and whole and _WATER.match(self.text, start + len(whole)):
            typed = whole
        self.position += len(typed)
        count = parse_plain(typed)
        if count > LARGEST_COUNT:
            raise FormulaError(f"the number {typed} is too large", self.text, start + 1)
        variable = _VARIABLE.match(self.text, self.position)
        if variable and not SYMBOL.match(self.text, self.position):
            self._refuse_variable(start)
        return count

    def _skip_dot(self) -> bool:
        character = self.text[self.position : self.position + 1]
        if character and character in "·*.":
            self.position += 1
            return True
        return False

    def _refuse_rest(self) -> None:
        if self.position >= len(self.text):
            raise FormulaError(
                "the formula ends where an element is expected",
                self.text,
                self.position + 1,
            )
        character = self.text[self.position]
        if character in ")]}":
            problem = f"{character!r} closes nothing"
            if self.position and self.text[self.position - 1] in _CLOSING:
                problem = "the brackets are empty"
            raise FormulaError(problem, self.text, self.position + 1)
        self._refuse_symbol(self.position)

    def _refuse_symbol(self, start: int) -> None:
        if start and _VARIABLE.match(self.text, start):
            self._refuse_variable(start)
        match = _UNKNOWN.match(self.text, start)
        unknown = match[0] if match else self.text[start]
        if not unknown[0].isalpha():
            raise FormulaError(f"unexpected {unknown!r}", self.text, start + 1)
        raise FormulaError(
            f"unknown symbol {unknown!r}{_suggestion(unknown, self.text[start:])}",
            self.text,
            start + 1,
        )

    def _refuse_variable(self, start: int) -> None:
        typed = re.match(r"[-+\d.]*[a-zδ]", self.text[start:])
        shown = typed[0] if typed else self.text[start:]
        raise FormulaError(
            f"the amount {shown!r} is not a number: put the value in its place",
            self.text,
            start + 1,
        )


def _suggestion(unknown: str, rest: str) -> str:
    known = [*ELEMENT_MASSES, *SPELLINGS]
    folded = rest.casefold()
    enough = min(len(unknown), 3)
    same = [
        symbol
        for symbol in known
        if len(symbol) >= enough and folded.startswith(symbol.casefold())
    ]
    if same:
        near = [max(same, key=len)]
    else:
        near = difflib.get_close_matches(unknown, known, n=3, cutoff=0.6)
    return f" (did you mean {' or '.join(near)}?)" if near else ""
