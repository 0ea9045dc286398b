"""Numbers as people write them: uncertainties, bounds, decimal commas."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from labdata.common.text.decimal_mark import is_question, of_one, readings
from labdata.common.text.number import (
    MANTISSA,
    PLAIN,
    TYPOGRAPHIC_SPACES,
    is_missing,
    parse_plain,
)

BOUNDS = {
    "=": "=",
    ">": ">",
    ">=": ">",
    "≥": ">",
    "<": "<",
    "<=": "<",
    "≤": "<",
    "~": "~",
    "∼": "~",
    "≈": "~",
    "ca.": "~",
    "ca": "~",
    "c.": "~",
}
LONGEST_TEXT = 100
MAGNITUDES_WITHOUT_EXPONENT = (1e-4, 1e6)
DIGITS_OF_A_FLOAT = 17

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_TO_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_EXPONENT = r"(?:[eE][+-]?\d{1,4})"
_UNIT = r"[^\s\d±+\-.,(][^±]*?"
_POWER_OF_TEN = re.compile(
    r"(?<!\s)\s*[×x*·⋅]\s*10(?:\^?\{?([+-]?\d{1,4})\}?|([⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,4}))"
)
_BOUND = re.compile(r"(>=|<=|[>≥<≤~∼≈=]|ca\.?(?=[\s\d])|c\.)\s*")
_SHORTHAND = re.compile(
    rf"(?P<sign>[+-]?)(?P<value>{MANTISSA})\((?P<digits>{PLAIN})\)"
    rf"(?P<exponent>{_EXPONENT}?)\s*(?P<unit>{_UNIT})?"
)
_GROUPED = re.compile(
    rf"\((?P<sign>[+-]?)(?P<value>{MANTISSA})(?P<own_exponent>{_EXPONENT}?)"
    rf"\s*±\s*(?P<error>{MANTISSA})(?P<error_exponent>{_EXPONENT}?)\)"
    rf"(?P<exponent>{_EXPONENT}?)\s*(?P<unit>{_UNIT})?"
)
_PLAIN = re.compile(
    rf"(?P<sign>[+-]?)(?P<value>{MANTISSA})(?P<exponent>{_EXPONENT}?)"
    rf"(?:\s*(?P<unit>{_UNIT}))?"
    rf"(?:\s*±\s*(?P<error>{MANTISSA})(?P<error_exponent>{_EXPONENT}?)"
    rf"\s*(?P<error_unit>{_UNIT})?)?"
)


class NumberError(ValueError):
    """The text is not a number a lab would write, or can be read in two ways."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A number with what was printed around it; ``bound`` is one of ``= > < ~``."""

    value: float
    uncertainty: float | None = None
    bound: str = "="
    unit_text: str = ""


def parse_measured(text: str, *, decimal: str | None = None) -> Measured | None:
    """Read one number as it stands in a paper, a form or a spreadsheet cell.

    Parameters
    ----------
    text : str
        Such as ``10.4500(5) Å``, ``5.07 ± 0.26``, ``(1.23±0.04)e5``, ``> 1500 h``,
        ``~250 h``, ``12,5`` or ``1.01×10⁻⁵``.
    decimal : {".", ","}, optional
        The decimal sign, where the source states it. Without it, a comma followed
        by exactly three digits (``1,500``) can mean two numbers and is refused.

    Returns
    -------
    Measured or None
        None where the text says that the value is missing: empty, a dash, ``nan``,
        ``n/a``, ``unknown``. Missing is never zero.

    Raises
    ------
    NumberError
        With what was typed and what is accepted.

    Notes
    -----
    Digits in parentheses count in the last place: ``10.4500(5)`` is 10.4500 ± 0.0005.
    An uncertainty printed as zero states none and is read as missing. ``≥`` and ``≤``
    become ``>`` and ``<``.
    """
    stripped = text.strip()
    if is_missing(stripped):
        return None
    if len(stripped) > LONGEST_TEXT:
        raise NumberError(
            f"a number has at most {LONGEST_TEXT} characters, got {len(stripped)}"
        )
    plain = _plain_signs(stripped)
    bound = "="
    if match := _BOUND.match(plain):
        bound = BOUNDS[match[1]]
        plain = plain[match.end() :]
    for pattern in (_SHORTHAND, _GROUPED, _PLAIN):
        if match := pattern.fullmatch(plain):
            break
    else:
        raise NumberError(_refusal(stripped))
    part = match.groupdict()
    exponent, own, of_error = (
        int((part.get(name) or "e0")[1:])
        for name in ("exponent", "own_exponent", "error_exponent")
    )
    value = _read_decimal(part["value"], decimal, stripped).scaleb(exponent + own)
    uncertainty = None
    if part.get("digits"):
        uncertainty = _last_place(part["digits"], part["value"], decimal, stripped)
        uncertainty = uncertainty.scaleb(exponent)
    elif part.get("error"):
        around = exponent if pattern is _GROUPED else 0
        uncertainty = _read_decimal(part["error"], decimal, stripped)
        uncertainty = uncertainty.scaleb(of_error + around)
    number = float(-value if part["sign"] == "-" else value)
    if not math.isfinite(number):
        raise NumberError(f"{stripped!r} is too large a number")
    return Measured(
        number,
        _stated(uncertainty),
        bound,
        _one_unit(part.get("unit"), part.get("error_unit"), stripped),
    )


def format_measured(
    value: float | None,
    uncertainty: float | None = None,
    *,
    unit: str = "",
    bound: str = "=",
    significant: int = 6,
) -> str:
    """Print a value, rounded to two significant digits of its uncertainty.

    Parameters
    ----------
    value : float or None
        A missing value (None or NaN) prints as a dash.
    uncertainty : float, optional
        Standard uncertainty, in the unit of ``value``. None, zero and non-finite
        numbers state none.
    unit : str, optional
        Appended after a space.
    bound : {"=", ">", "<", "~"}
        Side of the value, printed before it unless ``=``.
    significant : int
        Digits of a value without uncertainty.

    Returns
    -------
    str
        Such as ``(682.82 ± 0.20) nm``, ``(1.010 ± 0.030)×10⁻⁵`` or ``> 1500 h``.
        Magnitudes from 1e-4 to 1e6 are written out.
    """
    if value is None or math.isnan(value):
        return "–"
    if uncertainty is not None and not (math.isfinite(uncertainty) and uncertainty > 0):
        uncertainty = None
    number = Decimal(repr(float(value)))
    error = None if uncertainty is None else Decimal(repr(float(uncertainty)))
    if not number.is_finite():
        text = "∞" if number > 0 else "-∞"
    else:
        text = _written(number, error, significant)
    if unit and error is not None and not text.startswith("("):
        text = f"({text})"
    prefix = "" if bound == "=" else f"{bound} "
    return f"{prefix}{text} {unit}".rstrip()


def _written(number: Decimal, error: Decimal | None, significant: int) -> str:
    largest = max(abs(number), error or Decimal(0))
    low, high = MAGNITUDES_WITHOUT_EXPONENT
    exponent = 0
    if largest and not low <= largest < high:
        exponent = largest.adjusted()
    scaled = number.scaleb(-exponent)
    if error is None:
        digits = f"{float(scaled):.{significant}g}"
        if "e" in digits:
            digits = format(Decimal(digits), "f")
        body = digits
    else:
        error = error.scaleb(-exponent)
        error = _rounded(error, error.adjusted() - 1)
        # Rounding 0.0996 up to 0.100 moves the second digit.
        place = error.adjusted() - 1
        error = _rounded(error, place)
        if scaled and place < scaled.adjusted() - DIGITS_OF_A_FLOAT:
            # Digits that no float has are not made up.
            known = len(number.as_tuple().digits)
            error = error.scaleb(exponent)
            return f"{_written(number, None, known)} ± {_written(error, None, 2)}"
        body = f"{_rounded(scaled, place):f} ± {error:f}"
    if not exponent:
        return body
    power = f"×10{str(exponent).translate(_TO_SUPERSCRIPTS)}"
    return f"({body}){power}" if error is not None else f"{body}{power}"


def _rounded(number: Decimal, place: int) -> Decimal:
    if place <= 0:
        return number.quantize(Decimal(1).scaleb(place), ROUND_HALF_EVEN)
    whole = number.quantize(Decimal(1).scaleb(place), ROUND_HALF_EVEN)
    return whole.quantize(Decimal(1))


def _plain_signs(text: str) -> str:
    text = text.replace("−", "-").replace("–", "-")
    text = text.replace("+/-", "±").replace("+-", "±")

    def as_exponent(match: re.Match) -> str:
        return f"e{match[1] or match[2].translate(_SUPERSCRIPTS)}"

    return _POWER_OF_TEN.sub(as_exponent, text)


def _read_decimal(text: str, decimal: str | None, typed: str) -> Decimal:
    grouping, point = _separators(text, decimal, typed)
    whole, _, fraction = text.partition(point) if point else (text, "", "")
    groups = re.split(rf"[{grouping}{TYPOGRAPHIC_SPACES}]", whole)
    if len(groups) > 1 and (
        not 1 <= len(groups[0]) <= 3 or any(len(group) != 3 for group in groups[1:])
    ):
        raise NumberError(_refusal(typed))
    if not fraction.isdigit() and fraction:
        raise NumberError(_refusal(typed))
    return Decimal(f"{''.join(groups) or '0'}.{fraction or '0'}")


def _separators(text: str, decimal: str | None, typed: str) -> tuple[str, str]:
    """Return the grouping sign and the decimal sign of one number."""
    if decimal is not None:
        return (",", ".") if decimal == "." else (".", ",")
    if is_question(text):
        either = " or ".join(readings(text))
        raise NumberError(f"{typed!r} may mean {either}; write one of these")
    return of_one(text)


def _last_place(digits: str, value: str, decimal: str | None, typed: str) -> Decimal:
    if not digits.isdigit():
        return parse_plain(digits)
    # str(Decimal) would lose trailing zeros that carry the place of the digit.
    _, point = _separators(value, decimal, typed)
    places = len(value.partition(point)[2]) if point else 0
    return Decimal(digits).scaleb(-places)


def _stated(uncertainty: Decimal | None) -> float | None:
    if uncertainty is None or not uncertainty:
        return None
    return float(uncertainty)


def _one_unit(first: str | None, second: str | None, typed: str) -> str:
    units = {unit.strip() for unit in (first, second) if unit and unit.strip()}
    if len(units) > 1:
        raise NumberError(f"{typed!r} gives value and uncertainty in different units")
    return units.pop() if units else ""


def _refusal(typed: str) -> str:
    return (
        f"{typed!r} is not a number; write it like 12.5, 12,5, 1.01e-5, 5.07±0.26, "
        "10.4500(5), > 1500 or ~250"
    )
