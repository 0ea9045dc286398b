"""The quantities users and tools may rely on."""

import pint
import pytest

from analysis.contract.quantities import quantities
from labdata.plugin import Quantity

CONTRACT = [
    "pl.peak_wavelength",
    "pl.peak_energy",
    "pl.fwhm",
    "pl.sigma",
    "pl.area",
    "pl.height",
    "pl.reduced_chi_square",
    "pl.r_squared",
    "pl.relative_intensity",
    "trpl.lifetime",
    "trpl.lifetime_mean",
    "jv.voc",
    "jv.jsc",
    "jv.ff",
    "jv.pce",
    "jv.rs",
    "jv.rsh",
    "jv.hysteresis_index",
    "jv.stabilised_pce",
    "eqe.jsc",
    "eqe.band_gap",
    "eqe.urbach_energy",
    "stability.t80",
    "stability.t95",
    "stability.ts80",
    "stability.te80",
    "stability.retention",
    "stability.eta1000",
    "stability.degradation_rate",
    "xrd.weight_fraction",
    "xrd.lattice_a",
    "xrd.lattice_b",
    "xrd.lattice_c",
    "xrd.lattice_alpha",
    "xrd.lattice_beta",
    "xrd.lattice_gamma",
    "xrd.lattice_volume",
    "xrd.rwp",
    "exafs.coordination_number",
    "exafs.distance",
    "exafs.r_factor",
    "exafs.sigma2",
    "uvvis.band_gap",
    "dsc.tg",
    "dsc.onset",
    "dsc.enthalpy",
    "tga.residue",
    "tga.mass_loss",
    "saxs.radius_of_gyration",
    "xps.binding_energy",
    "xps.atomic_fraction",
    "ups.work_function",
    "ups.fermi_level",
    "ups.valence_band_edge",
    "nmr.shift",
    "pdf.peak_distance",
    "transport.mobility",
    "image.roughness_rq",
    "image.d_spacing",
    "cl.centre",
    "cl.sigma",
    "cl.amplitude",
    "calculation.binding_energy",
    "kpfm.potential_mean",
    "infrared.band_position",
]


def test_every_quantity_of_the_contract_exists():
    assert set(CONTRACT) <= set(quantities.keys())


def test_every_unit_is_one_pint_knows():
    units = pint.UnitRegistry()

    for quantity in quantities:
        units.parse_units("" if quantity.unit == "1" else quantity.unit)


def test_every_quantity_has_a_name_of_its_own_within_its_family():
    names = [(quantity.family, quantity.label) for quantity in quantities]

    assert len(names) == len(set(names))


def test_the_largest_peak_answers_for_photoluminescence():
    assert quantities["pl.fwhm"].default_pick == "the peak with the largest area"
    assert quantities["pl.r_squared"].default_pick == ""


@pytest.mark.parametrize("key", ["pl", "pl.", ".fwhm", "pl.peak energy"])
def test_a_key_needs_family_and_name(key):
    with pytest.raises(ValueError, match=r"is not <family>\.<name>"):
        Quantity(key, "1", "Something")


def test_labels_need_a_default_pick():
    with pytest.raises(ValueError, match="labels and their default pick"):
        Quantity("pl.something", "1", "Something", labels="peak")
