"""What a bench declares: its goals, and the figures it measured against them.

A bench is one file of this folder with ``GOALS``, a tuple of `at_least` and `at_most`,
and ``measure(figures)``, which adds each figure by its goal's name. Times are compared
as ratios of what ran side by side in one run: those hold on any machine. A bench whose
size may be chosen has ``SIZES`` and takes them after the figures.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass


class NoSuchBench(LookupError):
    """No file of this folder has that name, or it declares no goal."""


class NoSuchGoal(LookupError):
    """A figure that its bench declares no goal for."""


@dataclass(frozen=True, slots=True)
class Goal:
    """One figure of a bench and the limit it may not miss."""

    name: str
    limit: float
    most: bool
    unit: str

    def missed_by(self, figure: float | None) -> bool:
        """Say whether a figure misses it; one that was not measured does."""
        if figure is None or math.isnan(figure):
            return True
        return figure > self.limit if self.most else figure < self.limit

    def __str__(self) -> str:
        return f"at {'most' if self.most else 'least'} {self.limit:.4g} {self.unit}"


def at_least(name: str, limit: float, unit: str) -> Goal:
    return Goal(name, limit, most=False, unit=unit)


def at_most(name: str, limit: float, unit: str) -> Goal:
    return Goal(name, limit, most=True, unit=unit)


class Figures:
    """What one run of a bench measured, by goal; the worst of several counts."""

    def __init__(self, goals: Iterable[Goal]) -> None:
        self._goals = {goal.name: goal for goal in goals}
        self._found: dict[str, float] = {}

    def add(self, name: str, figure: float) -> None:
        """Keep a figure.

        Raises
        ------
        NoSuchGoal
            If the bench declares no goal of that name.
        """
        if name not in self._goals:
            known = ", ".join(self._goals)
            raise NoSuchGoal(f"no goal is declared for {name!r} (declared: {known})")
        if name in self._found and not math.isnan(figure):
            worst = max if self._goals[name].most else min
            # No number is the worst of all.
            before = self._found[name]
            figure = before if math.isnan(before) else worst(figure, before)
        self._found[name] = float(figure)

    def missed(self) -> list[str]:
        """Return the names of the goals that were missed or not measured."""
        return [
            name
            for name, goal in self._goals.items()
            if goal.missed_by(self._found.get(name))
        ]

    def report(self) -> str:
        """Write each figure with its goal beside it."""
        width = max(len(name) for name in self._goals)
        missed = self.missed()
        lines = []
        for name, goal in self._goals.items():
            figure = self._found.get(name)
            shown = "not measured" if figure is None else f"{figure:.4g}"
            word = "MISSED" if name in missed else "met"
            lines.append(f"{name:{width}}  {shown:>12}   {word:6}  {goal}")
        return "\n".join(lines)
