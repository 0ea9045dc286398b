"""How a lab writes a series down: values, patterns of names, pasted lists."""

from samples.series.errors import SeriesError
from samples.series.expressions import evaluate
from samples.series.patterns import (
    as_code,
    as_prefix,
    fill,
    names_in,
    number_text,
)
from samples.series.programs import PROGRAM_CONDITIONS, condition_of, vary_program
from samples.series.tables import PastedList, read_list
from samples.series.values import MAX_VALUES, Value, combine, parse_values

__all__ = [
    "MAX_VALUES",
    "PROGRAM_CONDITIONS",
    "PastedList",
    "SeriesError",
    "Value",
    "as_code",
    "as_prefix",
    "combine",
    "condition_of",
    "evaluate",
    "fill",
    "names_in",
    "number_text",
    "parse_values",
    "read_list",
    "vary_program",
]
