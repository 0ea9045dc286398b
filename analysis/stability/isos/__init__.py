"""ISOS protocols of stability tests: codes, rules, and whether a test conforms."""

from analysis.isos.codes import normalise
from analysis.isos.rules import CITATION, RULES_VERSION
from analysis.isos.verdicts import (
    ClauseVerdict,
    Verdict,
    best_fitting,
    claimed_verdict,
    verdict,
)

__all__ = [
    "CITATION",
    "RULES_VERSION",
    "ClauseVerdict",
    "Verdict",
    "best_fitting",
    "claimed_verdict",
    "normalise",
    "verdict",
]
