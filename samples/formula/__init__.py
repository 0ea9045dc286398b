"""Formulas and compositions: reading, printing, converting. Imports no framework."""

from samples.formula.amounts import (
    Constituent,
    convert_basis,
    element_fractions,
    ion_fractions,
)
from samples.formula.blocks import BLOCKS, Block
from samples.formula.composition import (
    BASES,
    ParsedComponent,
    ParsedComposition,
    check_amounts,
    default_basis,
    parse_basis,
    parse_composition,
)
from samples.formula.display import (
    composition_html,
    composition_text,
    composition_unicode,
    to_html,
    to_text,
    to_unicode,
)
from samples.formula.errors import CompositionError, FormulaError
from samples.formula.ions import Sites
from samples.formula.model import ParsedFormula
from samples.formula.notation import normalise_name, plain_text
from samples.formula.parser import block_formula, parse_formula
from samples.formula.printing import number_text, site_text

__all__ = [
    "BASES",
    "BLOCKS",
    "Block",
    "CompositionError",
    "Constituent",
    "FormulaError",
    "ParsedComponent",
    "ParsedComposition",
    "ParsedFormula",
    "Sites",
    "block_formula",
    "check_amounts",
    "composition_html",
    "composition_text",
    "composition_unicode",
    "convert_basis",
    "default_basis",
    "element_fractions",
    "ion_fractions",
    "normalise_name",
    "number_text",
    "parse_basis",
    "parse_composition",
    "parse_formula",
    "plain_text",
    "site_text",
    "to_html",
    "to_text",
    "to_unicode",
]
