"""Named groups of atoms that the lab writes as one symbol."""

from __future__ import annotations

import re
from dataclasses import dataclass

import periodictable

ELEMENT_MASSES: dict[str, float] = {
    element.symbol: float(element.mass)
    for element in periodictable.elements
    if element.number > 0
}


@dataclass(frozen=True, slots=True)
class Block:
    """A symbol that stands for a formula of elements or of other blocks.

    ``kind`` is cation, anion, ligand, substituent, solvent or material; ``spacer``
    marks cations too large for the A site of a three-dimensional perovskite.
    """

    symbol: str
    formula: str
    label: str
    kind: str
    charge: int | None = None
    spellings: tuple[str, ...] = ()
    spacer: bool = False
    html: str = ""
    source: str = ""


_CATIONS = (
    Block("MA", "CH6N", "methylammonium", "cation", 1, ("CH3NH3", "MeNH3")),
    Block(
        "FA",
        "CH5N2",
        "formamidinium",
        "cation",
        1,
        ("HC(NH2)2", "CH(NH2)2", "NH2CHNH2"),
    ),
    Block("GUA", "CH6N3", "guanidinium", "cation", 1, ("GA", "Gua", "C(NH2)3")),
    Block("DMA", "C2H8N", "dimethylammonium", "cation", 1, ("(CH3)2NH2",)),
    Block("EA", "C2H8N", "ethylammonium", "cation", 1, ("C2H5NH3",)),
    Block("AZ", "C3H8N", "azetidinium", "cation", 1),
    Block("NH4", "H4N", "ammonium", "cation", 1),
    Block(
        "BA",
        "C4H12N",
        "butylammonium",
        "cation",
        1,
        ("C4H9NH3", "CH3(CH2)3NH3"),
        spacer=True,
    ),
    Block(
        "PEA",
        "C8H12N",
        "phenethylammonium",
        "cation",
        1,
        ("C6H5C2H4NH3", "C6H5CH2CH2NH3", "C6H5(CH2)2NH3"),
        spacer=True,
    ),
    Block(
        "PMA",
        "C7H10N",
        "phenylmethylammonium",
        "cation",
        1,
        ("BzA", "C6H5CH2NH3"),
        spacer=True,
    ),
    Block("AVA", "C5H12NO2", "5-ammoniovaleric acid", "cation", 1, spacer=True),
)

_ANIONS = (
    Block("SCN", "CNS", "thiocyanate", "anion", -1),
    Block("HCOO", "CHO2", "formate", "anion", -1),
    Block("BF4", "F4B", "tetrafluoroborate", "anion", -1),
    Block("PF6", "F6P", "hexafluorophosphate", "anion", -1),
    Block("TFSI", "C2F6NO4S2", "bis(trifluoromethylsulfonyl)imide", "anion", -1),
    Block("OAc", "C2H3O2", "acetate", "anion", -1, ("AcO", "CH3COO")),
    Block("acac", "C5H7O2", "acetylacetonate", "anion", -1),
)

_LIGANDS = (
    Block("Im", "C3H3N2", "imidazolate", "ligand", -1, ("im",)),
    Block("bIm", "C7H5N2", "benzimidazolate", "ligand", -1, ("bim",)),
    Block("mIm", "C4H5N2", "2-methylimidazolate", "ligand", -1, ("mim", "MeIm")),
)

_SUBSTITUENTS = (
    Block("Me", "CH3", "methyl", "substituent"),
    Block("Et", "C2H5", "ethyl", "substituent"),
    Block("nPr", "C3H7", "propyl", "substituent"),
    Block("iPr", "C3H7", "isopropyl", "substituent"),
    Block("Bu", "C4H9", "butyl", "substituent", None, ("nBu",)),
    Block("iBu", "C4H9", "isobutyl", "substituent"),
    Block("tBu", "C4H9", "tert-butyl", "substituent"),
    Block("Cp", "C5H5", "cyclopentadienyl", "substituent"),
    Block("Ph", "C6H5", "phenyl", "substituent"),
    Block("Bn", "C7H7", "benzyl", "substituent"),
    # F in front of Ph replaces a hydrogen; F + C6H5 would keep it.
    Block("p-FPh", "C6H4F", "4-fluorophenyl", "substituent", None, ("FPh",)),
)

_SOLVENTS = (
    Block("DMSO", "C2H6OS", "dimethyl sulfoxide", "solvent"),
    Block("DMF", "C3H7NO", "N,N-dimethylformamide", "solvent"),
    Block("NMP", "C5H9NO", "N-methyl-2-pyrrolidone", "solvent"),
    Block("GBL", "C4H6O2", "γ-butyrolactone", "solvent"),
    Block("THF", "C4H8O", "tetrahydrofuran", "solvent"),
    Block("DCM", "CH2Cl2", "dichloromethane", "solvent"),
    Block("IPA", "C3H8O", "isopropanol", "solvent"),
)

_ZIF_62_RATIO = (
    "Nominal ligand ratio x = 0.25 in Zn(Im)2-x(bIm)x, the series of"
    " doi:10.1126/sciadv.aao6827. It varies with the synthesis: a lot whose ratio was"
    " measured needs its own material."
)
_CLUSTER = "Formula as printed in the paper that describes the cluster series."

_CTOC = "Ti32O16(OC2H4O)32(C4H9CO2)"
_MATERIALS = (
    Block(
        "agZIF-62",
        "Zn(Im)1.75(bIm)0.25",
        "melt-quenched ZIF-62 glass",
        "material",
        0,
        ("a-ZIF-62", "ag-ZIF-62"),
        html="a<sub>g</sub>ZIF-62",
        source=_ZIF_62_RATIO,
    ),
    Block(
        "ZIF-62",
        "Zn(Im)1.75(bIm)0.25",
        "crystalline ZIF-62",
        "material",
        0,
        source=_ZIF_62_RATIO,
    ),
    Block("ZIF-8", "Zn(mIm)2", "crystalline ZIF-8", "material", 0),
    Block(
        "CTOC",
        f"{_CTOC}16(C2H5O)16",
        "cyclic titanium oxide cluster, pivalate",
        "material",
        0,
        source=_CLUSTER,
    ),
    Block(
        "CTOCPh",
        f"{_CTOC}8(PhCO2)8(C2H5O)16",
        "cyclic titanium oxide cluster, benzoate",
        "material",
        0,
        ("CTOC-Ph",),
        source=_CLUSTER,
    ),
    Block(
        "CTOCPh-F",
        f"{_CTOC}8(p-FPhCO2)8(C2H5O)16",
        "cyclic titanium oxide cluster, 4-fluorobenzoate",
        "material",
        0,
        ("CTOC-Ph-F",),
        source=f"CCDC 2312101. {_CLUSTER}",
    ),
    Block(
        "CTOCPh-5F",
        f"{_CTOC}8(C6F5CO2)8(C2H5O)16",
        "cyclic titanium oxide cluster, pentafluorobenzoate",
        "material",
        0,
        ("CTOC-Ph-5F",),
        source=f"CCDC 2312102. {_CLUSTER}",
    ),
)

BLOCKS: dict[str, Block] = {
    block.symbol: block
    for block in (
        *_CATIONS,
        *_ANIONS,
        *_LIGANDS,
        *_SUBSTITUENTS,
        *_SOLVENTS,
        *_MATERIALS,
    )
}

MATERIALS = frozenset(block.symbol for block in _MATERIALS)

# Every way a symbol may be written, and the block it stands for.
SPELLINGS: dict[str, Block] = {
    spelling: block
    for block in BLOCKS.values()
    for spelling in (block.symbol, *block.spellings)
}


def _alternatives() -> re.Pattern:
    spellings = sorted({*ELEMENT_MASSES, *SPELLINGS}, key=len, reverse=True)
    return re.compile(
        "|".join(
            # A number after CH3NH3 or agZIF-62 would change its own last number.
            re.escape(text) + (r"(?![\d.,]*\d)" if text[-1].isdigit() else "")
            for text in spellings
        )
    )


SYMBOL = _alternatives()


def match_symbol(text: str) -> str | None:
    """Return the element or block that the beginning of ``text`` is read as."""
    match = SYMBOL.match(text)
    return match[0] if match else None
