"""The record of what was made, and the facts derived from everything known."""

from samples.choices import Origin
from samples.models.compositions import Basis, Component, Composition
from samples.models.devices import Architecture, Cell, Layer, SavedStack, Stack
from samples.models.facts import Fact, Relation, Subject, Variable
from samples.models.fields import ExtraField
from samples.models.materials import Lot, Material, MaterialName
from samples.models.processes import (
    Process,
    ProcessInput,
    ProcessOutput,
    Segment,
    TimePrecision,
)
from samples.models.protocols import Protocol
from samples.models.samples import Ancestry, Batch, Sample, Tag

__all__ = [
    "Ancestry",
    "Architecture",
    "Basis",
    "Batch",
    "Cell",
    "Component",
    "Composition",
    "ExtraField",
    "Fact",
    "Layer",
    "Lot",
    "Material",
    "MaterialName",
    "Origin",
    "Process",
    "ProcessInput",
    "ProcessOutput",
    "Protocol",
    "Relation",
    "Sample",
    "SavedStack",
    "Segment",
    "Stack",
    "Subject",
    "Tag",
    "TimePrecision",
    "Variable",
]
