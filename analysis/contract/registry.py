"""Which analyses exist."""

from __future__ import annotations

from labdata.common.measures.quantities import quantities
from labdata.common.registry import Registry
from labdata.plugin import Analysis

analyses: Registry[Analysis] = Registry("analysis", Analysis)


def load_builtin() -> None:
    """Register the analyses in this project, and the quantities they declare."""
    analyses.load("analysis.methods")
    quantities.load("analysis.methods")
