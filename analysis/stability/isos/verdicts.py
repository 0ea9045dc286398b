"""Whether a test conforms to an ISOS protocol, clause by clause."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from analysis.stability.isos.checks import CHECKS, Conditions, Outcome
from analysis.stability.isos.codes import normalise, parts
from analysis.stability.isos.rules import CITATION, RULES_VERSION, clauses, protocols


@dataclass(frozen=True, slots=True)
class ClauseVerdict:
    """One clause: what is required, what was recorded, and what follows."""

    name: str
    required: str
    recorded: str
    outcome: Outcome
    reason: str
    citation: str
    reading: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """A test held against one protocol.

    The outcome is ``fails`` if any clause does, else ``undecidable`` if any is, else
    ``conforms``.
    """

    protocol: str
    outcome: Outcome
    clauses: tuple[ClauseVerdict, ...]
    rules_version: str = RULES_VERSION
    citation: str = CITATION

    def __getitem__(self, name: str) -> ClauseVerdict:
        """Return the clause of that name."""
        for clause in self.clauses:
            if clause.name == name:
                return clause
        known = ", ".join(clause.name for clause in self.clauses)
        raise LookupError(f"{self.protocol} has no clause {name!r} (there: {known})")

    def count(self, outcome: Outcome) -> int:
        return sum(clause.outcome == outcome for clause in self.clauses)

    @property
    def summary(self) -> str:
        """The outcome in a sentence that names the clauses behind it."""
        named = [
            f"{clause.name} {clause.outcome}"
            for clause in self.clauses
            if clause.outcome != "conforms"
        ]
        because = f": {', '.join(named)}" if named else ""
        return f"{self.protocol} {self.outcome}{because}."

    def to_json(self) -> dict[str, Any]:
        """Return everything as JSON types."""
        return {
            "protocol": self.protocol,
            "outcome": self.outcome,
            "summary": self.summary,
            "rules_version": self.rules_version,
            "citation": self.citation,
            "clauses": [
                {key: getattr(clause, key) for key in ClauseVerdict.__slots__}
                for clause in self.clauses
            ],
        }


def verdict(protocol: str, conditions: Conditions) -> Verdict:
    """Hold recorded conditions against a protocol.

    Parameters
    ----------
    protocol : str
        Its code, in any spelling.
    conditions : mapping
        Recorded conditions of the test by key; what is missing was not stated.

    Returns
    -------
    Verdict

    Raises
    ------
    ValueError
        If there is no such protocol.
    """
    code = normalise(protocol)
    found = []
    for clause in clauses(*parts(code)):
        requirement = clause.requirement
        outcome, recorded, reason = CHECKS[requirement.check](
            conditions, **requirement.limits
        )
        found.append(
            ClauseVerdict(
                clause.name,
                requirement.words,
                recorded,
                outcome,
                reason,
                clause.citation,
                requirement.reading,
            )
        )
    outcomes = {clause.outcome for clause in found}
    overall: Outcome = next(
        (one for one in ("fails", "undecidable") if one in outcomes), "conforms"
    )
    return Verdict(code, overall, tuple(found))


def claimed_verdict(conditions: Conditions) -> Verdict | None:
    """Hold a test against the protocol it claims; None where it claims none."""
    claimed = conditions.get("isos_protocol")
    if not claimed or not str(claimed).strip():
        return None
    return verdict(str(claimed), conditions)


def best_fitting(conditions: Conditions) -> tuple[Verdict, ...]:
    """Return the protocols that what was recorded does not contradict, best first.

    Notes
    -----
    Of these, the ones with most clauses met come first, then the higher level. A
    protocol of which no clause is met is left out: of a test without any recorded
    condition nothing can be said. Tests in inert gas are offered where that gas was.
    """
    found = []
    for family, level in protocols():
        for inert in ("", "I"):
            one = verdict(f"ISOS-{family}-{level}{inert}", conditions)
            if one.outcome == "fails" or not one.count("conforms"):
                continue
            if inert and one["atmosphere"].outcome != "conforms":
                continue
            found.append((-one.count("conforms"), -level, one))
    return tuple(one for *_, one in sorted(found, key=lambda entry: entry[:2]))
