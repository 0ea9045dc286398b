"""ISOS protocols of stability tests: codes, rules, and whether a test conforms."""

from analysis.stability.isos.codes import normalise
from analysis.stability.isos.rules import CITATION, RULES_VERSION
from analysis.stability.isos.verdicts import (
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
