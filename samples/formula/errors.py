"""What can be wrong with a composition as typed."""

from __future__ import annotations


class CompositionError(ValueError):
    """The text or the amounts do not describe a composition."""


class FormulaError(CompositionError):
    """A formula that cannot be read; ``position`` counts from 1 in ``text``."""

    def __init__(self, problem: str, text: str, position: int) -> None:
        self.problem = problem
        self.text = text
        self.position = position
        super().__init__(f"{problem} at position {position} of {text!r}")
