"""Doubts about numbers: declared with their words, raised by key."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

SEVERITIES = ("note", "doubt", "fault")


@dataclass(frozen=True, slots=True)
class Flag:
    """What a machine-readable doubt says to people.

    Attributes
    ----------
    key : str
        In lower case with underscores, as numbers carry it.
    word : str
        Two or three words, as a badge shows them.
    sentence : str
        What it means, as a sentence.
    severity : {"note", "doubt", "fault"}
        A note says how a number is known and is no doubt about it; a doubt asks to
        look before believing; a fault says that something cannot be true.
    bars_good : bool
        Whether a result that carries it is not called good; by default all but notes.
    """

    key: str
    word: str
    sentence: str
    severity: Literal["note", "doubt", "fault"] = "doubt"
    bars_good: bool = None  # type: ignore[assignment]  # told by the severity

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", self.key):
            raise ValueError(f"{self.key!r} cannot name a flag")
        if not self.word or not self.sentence.endswith("."):
            raise ValueError(f"flag {self.key} needs a word and a sentence")
        if self.severity not in SEVERITIES:
            raise ValueError(f"flag {self.key}: no severity {self.severity!r}")
        if self.bars_good is None:
            object.__setattr__(self, "bars_good", self.severity != "note")

    def to_json(self) -> dict[str, Any]:
        return {
            "word": self.word,
            "sentence": self.sentence,
            "severity": self.severity,
            "bars_good": self.bars_good,
        }


@dataclass(frozen=True, slots=True)
class RaisedFlag:
    """A flag about a whole result, or about what one label of it stands for.

    ``words`` say it this once, in place of the flag's own: ``R² 0.912``.
    """

    key: str
    about: str = ""
    words: str = ""
