"""From subscripts, HTML and LaTeX to the plain text that the parser reads."""

from __future__ import annotations

import html
import re
import unicodedata

from samples.formula.errors import CompositionError

LONGEST_TEXT = 500

_SUPERSCRIPTS = str.maketrans("0123456789+-=()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾")
_SUPERSCRIPT_TAG = re.compile(r"<sup>(.*?)</sup>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"</?(?:sub|i|b|em|strong)>", re.IGNORECASE)
_LATEX_COMMAND = re.compile(
    r"\\(?:text|mathrm|mathit|mathbf|mathsf|rm|ce)\s*\{([^{}]*)\}"
)
_LATEX_SUPERSCRIPT = re.compile(r"\^(?:\{([^{}]*)\}|(\S))")
_LATEX_SUBSCRIPT = re.compile(r"_(?:\{([^{}]*)\}|(\S))")
_LATEX_SPACE = re.compile(r"\\[,;:! ]")
_HYPHENS = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
_DOTS = re.compile("[\u2022\u2219\u22c5\u30fb\u0387\u2027]")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_COMPATIBLE = ("<sub>", "<wide>", "<narrow>", "<noBreak>")


def plain_text(text: str) -> str:
    """Return what was typed without its typesetting.

    Subscripts (Unicode, ``<sub>``, LaTeX) become ordinary characters; superscripts
    become Unicode superscripts, so that a charge is never read as an amount; hyphens
    and centred dots become one each.

    Raises
    ------
    CompositionError
        If the text is longer than any composition.
    """
    if len(text) > LONGEST_TEXT:
        raise CompositionError(
            f"a composition has at most {LONGEST_TEXT} characters, got {len(text)}"
        )
    text = html.unescape(text)
    text = _SUPERSCRIPT_TAG.sub(lambda match: _raised(match[1]), text)
    text = _TAG.sub("", text)
    if "\\" in text or "$" in text or "_{" in text or "^" in text:
        text = _without_latex(text)
    text = "".join(_compatible(character) for character in text)
    text = _INVISIBLE.sub("", text)
    text = _DOTS.sub("·", _HYPHENS.sub("-", text))
    return " ".join(text.split())


def normalise_name(text: str) -> str:
    """Return the key under which spellings of one material name agree.

    ``a_gZIF-62``, ``a<sub>g</sub>ZIF‑62`` and ``agZIF-62`` have one key; ``AgZIF-62``
    (silver) has another, for case carries meaning in chemistry.
    """
    text = unicodedata.normalize("NFKC", plain_text(text))
    text = _DOTS.sub("·", _HYPHENS.sub("-", text))
    # Taking a space away may bring an accent to its letter.
    return unicodedata.normalize("NFKC", re.sub(r"[\s_]+", "", text))


def _without_latex(text: str) -> str:
    text = text.replace("$", "")
    text = re.sub(r"\\(?:left|right|!)", "", text)
    text = re.sub(r"\\(?:cdot|bullet)\s?", "·", text)
    before = None
    while before != text:
        before = text
        text = _LATEX_COMMAND.sub(r"\1", text)
        text = _LATEX_SUPERSCRIPT.sub(lambda m: _raised(m[1] or m[2] or ""), text)
        text = _LATEX_SUBSCRIPT.sub(lambda m: m[1] if m[1] is not None else m[2], text)
    return _LATEX_SPACE.sub(" ", text)


def _raised(text: str) -> str:
    return text.replace("−", "-").translate(_SUPERSCRIPTS)


def _compatible(character: str) -> str:
    if unicodedata.decomposition(character).startswith(_COMPATIBLE):
        return unicodedata.normalize("NFKC", character)
    return character
