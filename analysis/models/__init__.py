"""Runs, the values they give, and what people decided about them."""

from analysis.models.runs import AnalysisRun, RunDataset, RunInput
from analysis.models.values import Decision, PropertyValue

__all__ = ["AnalysisRun", "Decision", "PropertyValue", "RunDataset", "RunInput"]
