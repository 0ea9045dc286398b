"""The ways a composition is written, and what each of them says.

============================================  =========  ==============================
text                                          style      read as
============================================  =========  ==============================
``(CsPbI3)0.25(agZIF-62)0.75``                groups     fractions of two materials
``(CsPbI3)(agZIF-62)(25/75)``                 mixture    the same, unsintered by habit
``(CsPbI3)(agZIF-62)``                        mixture    two materials, amounts unknown
``25 wt% CsPbI3 / agZIF-62``                  list       basis stated, the rest is glass
``(FAPbI3)0.95(MAPbBr3)0.05``                 alloy      one perovskite, by moles
``Cs0.05FA0.95PbI3``                          formula    one material
``agZIF-62``                                  material   one material
============================================  =========  ==============================

Whether a mixture was sintered is decided by the process graph, never by the notation.

Basis, unless the text or the caller states one: *mol* where every component is a halide
salt or halide perovskite of known ions, for such groups are the notation of an alloy;
*wt* for every other group of materials, as in ``(CsPbI3)0.25(agZIF-62)0.75``.

Amounts are fractions that sum to 1 (within 0.005) or percentages that sum to 100
(within 0.5); they are kept as written, never scaled to fit.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from labdata.common.text.number import IN_FORMULA, parse_plain
from labdata.plugin.numbers import is_finite
from samples.formula.blocks import MATERIALS, SPELLINGS
from samples.formula.errors import CompositionError
from samples.formula.model import ParsedFormula
from samples.formula.notation import normalise_name, plain_text
from samples.formula.parser import parse_formula
from samples.formula.printing import site_text

BASES = {"wt": "weight", "mol": "mole", "vol": "volume"}
FRACTION_TOLERANCE = 0.005
# A sum above this is meant in percent.
LARGEST_FRACTION_SUM = 10.0
MOST_COMPONENTS = 50

_BASIS_NAMES = {
    "wt": "wt",
    "w": "wt",
    "weight": "wt",
    "mass": "wt",
    "mol": "mol",
    "mole": "mol",
    "molar": "mol",
    "vol": "vol",
    "v": "vol",
    "volume": "vol",
}
_OPENING, _CLOSING = "([{", ")]}"
_AMOUNT = re.compile(rf"({IN_FORMULA})\s*(%?)")
_RATIO = re.compile(
    rf"(?P<numbers>(?:{IN_FORMULA})(?:\s*[/:]\s*(?:{IN_FORMULA}))+)"
    r"\s*(?P<basis>[a-z]+)?[.\s-]*%?",
    re.IGNORECASE,
)
_VARIABLE = re.compile(r"[\d.\s+/:-]*[xyzXYZ][\d.\s+/:xyzXYZ-]*")
_PERCENT = rf"(?P<amount>{IN_FORMULA})\s*(?P<basis>[a-z]*)\.?[\s-]*%"
_PERCENT_FIRST = re.compile(rf"{_PERCENT}\s*(?:of\s+)?(?P<name>\S.*)", re.IGNORECASE)
_PERCENT_LAST = re.compile(rf"(?P<name>.*\S)\s+{_PERCENT}", re.IGNORECASE)
_FRACTION_FIRST = re.compile(rf"(?P<amount>{IN_FORMULA})\s+(?P<name>\S.*)")


@dataclass(frozen=True, slots=True)
class ParsedComponent:
    """A material as named in the text.

    ``amount`` is a fraction, or None where the text gives none; ``formula`` is None
    where the name is no formula.
    """

    name: str
    amount: float | None
    formula: ParsedFormula | None = None

    @property
    def key(self) -> str:
        """The normalised name."""
        return normalise_name(self.name)

    @property
    def keys(self) -> tuple[str, ...]:
        """Normalised names the material may go by, the one written first.

        CH3NH3PbI3 is also MAPbI3, a-ZIF-62 also agZIF-62, FA0.95Cs0.05PbI3 also
        Cs0.05FA0.95PbI3.
        """
        if self.formula is None:
            return (self.key,)
        others = (normalise_name(str(self.formula)), site_text(self.formula))
        return tuple(dict.fromkeys(key for key in (self.key, *others) if key))


@dataclass(frozen=True, slots=True)
class ParsedComposition:
    """Components on a basis; ``formula`` is set where they are one compound."""

    basis: str
    components: tuple[ParsedComponent, ...]
    formula: ParsedFormula | None
    style: str
    basis_stated: bool = False


def parse_basis(text: str) -> str:
    """Return ``wt``, ``mol`` or ``vol`` for any usual spelling of a basis.

    Raises
    ------
    CompositionError
        If it is none of them.
    """
    folded = text.strip().rstrip("%").rstrip(" .-").casefold()
    if folded not in _BASIS_NAMES:
        raise CompositionError(f"basis {text!r} is not one of {', '.join(BASES)}")
    return _BASIS_NAMES[folded]


def check_amounts(
    names: Sequence[str], amounts: Sequence[float | None]
) -> tuple[float | None, ...]:
    """Return amounts as fractions, after checking that they make a whole.

    Parameters
    ----------
    names : sequence of str
        For the message.
    amounts : sequence of float or None
        Fractions or percentages, all given or all unknown.

    Raises
    ------
    CompositionError
        If a name occurs twice, an amount is negative or not finite, only some are
        known, or the sum is off.
    """
    if not names:
        raise CompositionError("a composition needs at least one component")
    if len(names) > MOST_COMPONENTS:
        raise CompositionError(
            f"a composition has at most {MOST_COMPONENTS} components, got {len(names)}"
        )
    keys: set[str] = set()
    for name in names:
        key = normalise_name(name)
        if not key:
            raise CompositionError("a component has no name")
        if key in keys:
            raise CompositionError(f"{name} is named twice")
        keys.add(key)
    unknown = [n for n, amount in zip(names, amounts, strict=True) if amount is None]
    known = [amount for amount in amounts if amount is not None]
    if unknown:
        if len(unknown) < len(names):
            raise CompositionError(
                f"{', '.join(unknown)} has no amount while others have: give all"
                " amounts or none"
            )
        return tuple(amounts)
    for name, number in zip(names, known, strict=True):
        if not is_finite(number) or number < 0:
            told = f"{number:g}" if is_finite(number) else str(number)
            raise CompositionError(f"the amount of {name} is {told}, not 0 or more")
    numbers = [float(number) for number in known]
    total = sum(numbers)
    if total > LARGEST_FRACTION_SUM:
        if abs(total - 100) > 100 * FRACTION_TOLERANCE:
            raise CompositionError(f"percentages sum to {total:.6g}, not 100")
        return tuple(number / 100 for number in numbers)
    if abs(total - 1) > FRACTION_TOLERANCE + 1e-12:
        shown = f"{total:.2f}" if abs(total - 1) >= 0.0095 else f"{total:.4f}"
        raise CompositionError(f"fractions sum to {shown}, not 1")
    return tuple(numbers)


def parse_composition(
    text: str, *, basis: str | None = None, known_materials: Collection[str] = ()
) -> ParsedComposition:
    """Read a composition in any of the notations of this module.

    Parameters
    ----------
    text : str
        Unicode, HTML and LaTeX subscripts are understood.
    basis : {"wt", "mol", "vol"}, optional
        Overrides the default of the notation. A basis in the text must agree.
    known_materials : collection of str
        Normalised names that are materials of the lab although they are no formula;
        they are then accepted on their own (``"CbzNaph"``).

    Returns
    -------
    ParsedComposition
        Names are as written. Finding the materials they name is the caller's part:
        in groups and lists, a name that is no formula is handed through.

    Raises
    ------
    CompositionError
        If amounts are missing, unresolved (``x``) or do not sum to 1 or 100.
    FormulaError
        If a text that is neither groups nor a list is no formula; with the position.
    """
    plain = plain_text(text).strip(" ,;")
    if not plain:
        raise CompositionError("the composition is empty")
    wanted = None if basis is None else parse_basis(basis)
    if _is_material(plain, known_materials):
        return _single(plain, wanted or "wt", "material")
    parsed = _read_groups(plain, wanted) or _read_list(plain, wanted)
    if parsed is not None:
        return parsed
    formula = parse_formula(plain)
    return replace(_single(str(formula), wanted or "mol", "formula"), formula=formula)


def default_basis(formulas: Sequence[ParsedFormula | None]) -> str:
    """Return ``mol`` for alloys of halide salts and perovskites, else ``wt``."""
    alloy = all(formula is not None and formula.is_halide_salt for formula in formulas)
    return "mol" if formulas and alloy else "wt"


def formula_or_none(name: str) -> ParsedFormula | None:
    """Return the formula a material's name spells, None where it is just a name."""
    try:
        return parse_formula(name)
    except CompositionError:
        return None


def reads_as_groups(formulas: Sequence[ParsedFormula | None]) -> bool:
    """Return whether bracketed names are materials, not ions of one formula."""
    return any(formula is None or formula.is_substance for formula in formulas)


def is_bracketed(text: str) -> bool:
    """Return whether one pair of brackets encloses the whole text."""
    return text[:1] in tuple(_OPENING) and _closing_bracket(text, 0) == len(text) - 1


def _is_material(text: str, known_materials: Collection[str]) -> bool:
    key = normalise_name(text)
    return key in known_materials or (
        key in SPELLINGS and SPELLINGS[key].symbol in MATERIALS
    )


def _single(name: str, basis: str, style: str) -> ParsedComposition:
    component = _component(name, 1.0)
    return ParsedComposition(basis, (component,), component.formula, style)


def _component(name: str, amount: float | None) -> ParsedComponent:
    return ParsedComponent(name, amount, formula_or_none(name))


def _whole(
    names: Sequence[str],
    amounts: Sequence[float | None],
    style: str,
    stated: str | None,
    wanted: str | None,
) -> ParsedComposition:
    """Check the amounts, settle the basis and name the style."""
    if stated and wanted and stated != wanted:
        raise CompositionError(
            f"the text states {stated}%, but the basis asked for is {wanted}"
        )
    fractions = check_amounts(names, amounts)
    components = tuple(map(_component, names, fractions))
    formulas = [component.formula for component in components]
    default = default_basis(formulas)
    basis = stated or wanted or default
    formula = None
    if style == "groups" and basis == default == "mol":
        style = "alloy"
        # Solvates have no place inside brackets; they mix, but form no compound.
        if all(each and len(each.parts) == 1 for each in formulas):
            # Numbers with a point: 1e-05 would be read as an element.
            formula = parse_formula(
                "".join(f"({c.name}){c.amount:.9f}" for c in components)
            )
    return ParsedComposition(basis, components, formula, style, stated is not None)


def _read_groups(text: str, wanted: str | None) -> ParsedComposition | None:
    """Read bracketed materials with amounts; None where the text is something else."""
    groups = _split_groups(text)
    if groups is None or len(groups) < 2:
        return None
    names = [name for name, _ in groups]
    tails = [tail for _, tail in groups]
    ratio, style = None, "groups"
    if not any(tails[:-1]):
        ratio = tails.pop() if tails[-1] else None
        if ratio is None and _is_ratio(names[-1]):
            ratio = names.pop()
            tails.pop()
        style = "mixture"
    if ratio is not None and len(names) > 1 and _is_ratio(ratio):
        return _read_ratio(names, ratio, wanted)
    if ratio is not None:
        tails.append(ratio)
        style = "groups"
    amounts: list[float | None] = []
    for name, tail in zip(names, tails, strict=True):
        match = _AMOUNT.fullmatch(tail)
        if tail and not match and _VARIABLE.fullmatch(tail):
            raise CompositionError(
                f"the amount {tail!r} of {name} is not a number: put the value in its"
                " place"
            )
        if tail and not match:
            return None
        amounts.append(float(parse_plain(match[1])) if match else None)
    if _is_plain_formula(names, amounts):
        return None
    return _whole(names, amounts, style, None, wanted)


def _is_plain_formula(names: list[str], amounts: list[float | None]) -> bool:
    """Return whether groups such as (NH4)2(SO4) are ions of one formula."""
    formulas = [formula_or_none(name) for name in names]
    if reads_as_groups(formulas):
        return False
    if any(amount is None for amount in amounts):
        return True
    if all(formula is not None and formula.is_ion for formula in formulas):
        return True
    try:
        check_amounts(names, amounts)
    except CompositionError:
        return True
    return False


def _is_ratio(text: str) -> bool:
    return bool(_RATIO.fullmatch(text) or _VARIABLE.fullmatch(text))


def _read_ratio(names: list[str], text: str, wanted: str | None) -> ParsedComposition:
    match = _RATIO.fullmatch(text)
    if match is None:
        raise CompositionError(
            f"the amounts {text!r} are not numbers: put the values in their place"
        )
    numbers = [
        float(parse_plain(number)) for number in re.split(r"[/:]", match["numbers"])
    ]
    if len(numbers) != len(names):
        raise CompositionError(
            f"{len(names)} materials ({', '.join(names)}) but {len(numbers)} amounts"
            f" ({text})"
        )
    if ":" in match["numbers"] and (total := sum(numbers)):
        # 1:3 is a ratio, whatever its sum.
        numbers = [number / total for number in numbers]
    stated = parse_basis(match["basis"]) if match["basis"] else None
    return _whole(names, numbers, "mixture", stated, wanted)


def _split_groups(text: str) -> list[tuple[str, str]] | None:
    """Return (inside, what follows) for each outermost bracket from the start."""
    groups: list[tuple[str, str]] = []
    position = 0
    while position < len(text):
        if text[position] not in _OPENING:
            return None
        end = _closing_bracket(text, position)
        if end is None:
            return None
        following = end + 1
        while following < len(text) and text[following] not in _OPENING:
            following += 1
        groups.append(
            (text[position + 1 : end].strip(), text[end + 1 : following].strip(" /·"))
        )
        position = following
    return groups


def _closing_bracket(text: str, start: int) -> int | None:
    open_brackets: list[str] = []
    for position in range(start, len(text)):
        character = text[position]
        if character in _OPENING:
            open_brackets.append(_CLOSING[_OPENING.index(character)])
        elif character in _CLOSING:
            if character != open_brackets.pop():
                return None
            if not open_brackets:
                return position
    return None


def _read_list(text: str, wanted: str | None) -> ParsedComposition | None:
    """Read ``25 wt% CsPbI3 / agZIF-62`` and its like."""
    items = _split_items(text)
    if len(items) == 1 and "%" not in text:
        return None
    names, amounts, bases, scales = [], [], set(), set()
    for item in items:
        match = _PERCENT_FIRST.fullmatch(item) or _PERCENT_LAST.fullmatch(item)
        scale = 100 if match else 1
        if match and match["basis"]:
            bases.add(parse_basis(match["basis"]))
        match = match or _FRACTION_FIRST.fullmatch(item)
        names.append(_unbracketed(match["name"] if match else item))
        amounts.append(float(parse_plain(match["amount"])) / scale if match else None)
        if match:
            scales.add(scale)
        if "%" in names[-1]:
            raise CompositionError(f"{item!r} is not an amount and a material")
    if len(bases) > 1:
        raise CompositionError(f"the text mixes {' and '.join(sorted(bases))} percent")
    if len(scales) > 1:
        raise CompositionError(f"{text!r} mixes percentages and fractions")
    if len(items) == 1 and amounts[0] != 1:
        raise CompositionError(f"{text!r} names one material only: name the rest")
    _complete(amounts)
    stated = bases.pop() if bases else None
    return _whole(names, amounts, "list", stated, wanted)


def _complete(amounts: list[float | None]) -> None:
    """Give the one component without amount, the matrix, what is left."""
    given = [amount for amount in amounts if amount is not None]
    if not given or len(given) != len(amounts) - 1:
        return
    rest = round(1 - sum(given), 12)
    if rest < 0:
        raise CompositionError(
            f"fractions sum to {sum(given):.2f} before the rest, more than 1"
        )
    amounts[amounts.index(None)] = rest


def _split_items(text: str) -> list[str]:
    """Split at separators outside brackets."""
    items, depth, start, position = [], 0, 0, 0
    separator = re.compile(r"\s*[/+;]\s*|,\s+|\s+(?:in|with|and)\s+")
    while position < len(text):
        character = text[position]
        if character in _OPENING:
            depth += 1
        elif character in _CLOSING:
            depth -= 1
        match = separator.match(text, position) if depth == 0 else None
        if match:
            items.append(text[start : match.start()].strip())
            start = position = match.end()
        else:
            position += 1
    items.append(text[start:].strip())
    if len(items) > 1 and not all(items):
        raise CompositionError(f"{text!r} has an empty place between separators")
    return items


def _unbracketed(name: str) -> str:
    name = name.strip()
    return name[1:-1].strip() if is_bracketed(name) else name
