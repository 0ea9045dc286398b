"""Which analyses exist."""

from __future__ import annotations

from labdata.common.registry import Registry
from labdata.plugin import Analysis

analyses: Registry[Analysis] = Registry("analysis", Analysis)


def load_builtin() -> None:
    """Register the analyses in this project."""
    analyses.load("analysis.methods")
