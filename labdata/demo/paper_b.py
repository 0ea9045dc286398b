"""Inverted perovskite cells with titanium oxide clusters as interlayer, as published.

Li et al., Molecularly tailorable metal oxide clusters ensured robust interfacial
connection in inverted perovskite solar cells, Science Advances. What the paper prints
is here as printed; where it prints no number, the demo lab needs an illustrative one,
and every such number says so.
"""

from dataclasses import dataclass

TITLE = (
    "Li et al., Molecularly tailorable metal oxide clusters ensured robust "
    "interfacial connection in inverted perovskite solar cells, Science Advances"
)
CONTROL = "control"
CLUSTERS = ("CTOCPh", "CTOCPh-F", "CTOCPh-5F")
GROUPS = (CONTROL, *CLUSTERS)
SHORT = {"control": "C0", "CTOCPh": "PH", "CTOCPh-F": "F1", "CTOCPh-5F": "F5"}

_CORE = "Ti32O16(OC2H4O)32(C4H9CO2)8({acid})8(C2H5O)16"
FORMULAS = {
    "CTOC": "Ti32O16(OC2H4O)32(C4H9CO2)16(C2H5O)16",
    "CTOCPh": _CORE.format(acid="C6H5CO2"),
    "CTOCPh-F": _CORE.format(acid="C6H4FCO2"),
    "CTOCPh-5F": _CORE.format(acid="C6F5CO2"),
}


@dataclass(frozen=True, slots=True)
class Exchange:
    """The ligand exchange that makes a cluster of CTOC, as the Methods print it."""

    acid: str
    mass_mg: float
    triethylamine_ul: float | None
    yield_percent: float | None
    ccdc: str


EXCHANGES = {
    "CTOCPh": Exchange("benzoic acid", 80, None, 80, ""),
    "CTOCPh-F": Exchange("4-fluorobenzoic acid", 85, 20, 83, "2312101"),
    "CTOCPh-5F": Exchange("pentafluorobenzoic acid", 105, 20, None, "2312102"),
}

MEAN_PCE = {"control": 22.7, "CTOCPh": 23.4, "CTOCPh-F": 24.0, "CTOCPh-5F": 24.8}
"""Mean efficiencies [%]; those of CTOCPh and CTOCPh-F are not printed."""

PRINTED_MEANS = ("control", "CTOCPh-5F")

CHAMPION = {"voc": 1.18, "jsc": 25.57, "ff": 0.8489}
"""The best cell with CTOCPh-5F [V, mA/cm², 1]."""


@dataclass(frozen=True, slots=True)
class Ageing:
    """A published retention: of what, under which test, after how long."""

    test: str
    group: str
    retention: float
    hours: float
    approximate: bool = False


AGEINGS = (
    Ageing("mpp", "CTOCPh-5F", 98, 1500),
    Ageing("mpp", "control", 75, 800),
    Ageing("uv", "CTOCPh-5F", 96, 400),
    Ageing("uv", "control", 74, 250, approximate=True),
    Ageing("heat", "CTOCPh-5F", 93, 1000),
    Ageing("heat", "control", 65, 1000),
)

T95_HEAT = 800
"""Time to 95 % with CTOCPh-5F at 85 °C in the dark [h]."""


@dataclass(frozen=True, slots=True)
class Reported:
    """A published number of a sample, and where it stands."""

    sample: str
    quantity: str
    value: str
    locator: str
    label: str = ""
    note: str = ""
    cell: str = ""


def device_code(group, number):
    return f"PB-{SHORT[group]}-{number}"


def cluster_code(name):
    return f"PB-{name}"


def reported_values():
    """Everything the paper prints as a number that a sample of the demo has."""
    champion = device_code("CTOCPh-5F", 1)
    rows = [
        Reported(champion, f"jv.{name}", value, "Fig. 3C", "reverse", cell="A")
        for name, value in (("voc", "1.18"), ("jsc", "25.57"), ("ff", "0.8489"))
    ]
    rows.append(
        Reported(
            champion,
            "jv.pce",
            "25.6",
            "Fig. 3C",
            "reverse",
            "Voc · Jsc · FF of the printed numbers is 25.61 %.",
            "A",
        )
    )
    for one in AGEINGS:
        rows.append(
            Reported(
                device_code(one.group, AGED_DEVICE[one.test]),
                "stability.retention",
                f"{'~ ' if one.approximate else ''}{one.retention:g}",
                "Main text and Fig. 4",
                f"{one.hours:g} h",
                cell=AGED_CELL,
            )
        )
    rows.append(
        Reported(
            device_code("CTOCPh-5F", AGED_DEVICE["heat"]),
            "stability.t95",
            f"{T95_HEAT}",
            "Main text",
            cell=AGED_CELL,
        )
    )
    for cluster, mobility in zip(
        CLUSTERS, ("1.01e-5", "6.47e-4", "1.33e-3"), strict=True
    ):
        rows.append(
            Reported(
                cluster_code(cluster),
                "transport.mobility",
                mobility,
                "Fig. 1B",
                "electron",
                "The method is not stated.",
            )
        )
    for surface, values in (
        ("PbI2-rich surface", ("-2.88", "-3.70", "-3.94")),
        ("FAI-rich surface", ("-1.61", "-2.45", "-2.47")),
    ):
        rows += [
            Reported(
                cluster_code(cluster),
                "calculation.binding_energy",
                value,
                "Fig. 2",
                surface,
            )
            for cluster, value in zip(CLUSTERS, values, strict=True)
        ]
    rows.append(
        Reported(
            cluster_code("CTOCPh-5F"),
            "calculation.binding_energy",
            "-1.21",
            "Fig. 2",
            "C60",
        )
    )
    for place, shift in enumerate(
        ("148.07", "130.81", "125.17", "121.59", "105.43"), 1
    ):
        rows.append(
            Reported(
                cluster_code("CTOCPh-5F"),
                "nmr.shift",
                shift,
                "Supplementary Materials",
                f"F{place}",
                "19F, solid state; the magnitude is printed.",
            )
        )
    for code, value in (("PB-HS-control", "22.6"), ("PB-HS-CTOCPh-5F", "17.9")):
        rows.append(Reported(code, "eqe.urbach_energy", value, "Main text"))
    return rows


AGED_DEVICE = {"mpp": 2, "uv": 3, "heat": 4}
"""Which device of a group went into which test."""

AGED_CELL = "A"
"""Its cell whose track follows the published retention."""

TESTS = {
    "mpp": (
        "mpp_tracking",
        {
            "intensity": 100,
            "load": "fixed_resistor",
            "load_detail": "Resistor near the maximum power point.",
            "encapsulation": "none",
            "test_state": "running",
        },
        "The paper claims no protocol for this test; temperature and humidity are not "
        "stated.",
    ),
    "uv": (
        "mpp_tracking",
        {
            "isos_protocol": "ISOS-L-2",
            "light_source": "UV lamp",
            "light_spectrum": "ultraviolet",
            "uv": "only",
            "test_state": "ended",
        },
        "The paper claims ISOS-L-2 for this test under ultraviolet light.",
    ),
    "heat": (
        "ageing",
        {
            "isos_protocol": "ISOS-D-2",
            "light_source": "dark",
            "intensity": 0,
            "temperature": 85,
            "encapsulation": "none",
            "test_state": "ended",
        },
        "The paper claims ISOS-D-2 for this test; humidity and load are not stated.",
    ),
}


def stack(group):
    """The layers of a device of a group; half stacks end at C60.

    The cluster's concentration, solvent and thickness are printed, all else about the
    layers is illustrative.
    """
    layers = [
        _layer("substrate", "glass", 1_100_000, "bought"),
        _layer("electrode", "ITO", 150, "bought"),
        _layer("hole_transport", "CbzNaph", 2, "spin_coating", _spin(3000, 30)),
        {
            **_layer("absorber", "perovskite", 550, "spin_coating"),
            "steps": [
                {"speed": 1000, "duration": 10},
                {
                    "speed": 5000,
                    "duration": 40,
                    "antisolvent": "chlorobenzene",
                    "antisolvent_volume": 150,
                    "antisolvent_time": 35,
                },
            ],
            "program": [{"end_temperature": 100, "dwell": 30, "atmosphere": "N2"}],
            "notes": "The stoichiometry of the absorber is not printed.",
        },
    ]
    if group != CONTROL:
        layers.append(
            {
                **_layer("interlayer", group, 1.6, "spin_coating", _spin(4000, 30)),
                "solution": {
                    "solutes": [{"name": group, "concentration": 2.5, "unit": "mg/mL"}],
                    "solvents": [{"name": "chlorobenzene", "fraction": 1}],
                },
                "notes": "Concentration, solvent and the 1.6 nm of one molecule as "
                "published.",
            }
        )
    layers += [
        {**_layer("electron_transport", "C60", 25, "evaporation"), "rate": 0.2},
        {**_layer("buffer", "BCP", 7, "evaporation"), "rate": 0.2},
        {**_layer("contact", "Ag", 100, "evaporation"), "rate": 1},
    ]
    return {
        "architecture": "pin",
        "substrate_width": 25,
        "substrate_height": 25,
        "layers": layers,
        "cells": [
            {
                "label": label,
                "active_area": 0.1,
                "mask_area": 0.08,
                "x": 4 + 11.5 * (place % 2),
                "y": 3 + 7 * (place // 2),
                "width": 4,
                "height": 2.5,
            }
            for place, label in enumerate("ABCDEF")
        ],
    }


def half_stack(group):
    """The layers up to C60, without cells."""
    whole = stack(group)
    layers = [
        layer for layer in whole["layers"] if layer["role"] not in ("buffer", "contact")
    ]
    return {"architecture": "pin", "layers": layers}


def _layer(role, material, thickness, method, steps=None):
    return {
        "role": role,
        "material": material,
        "thickness": thickness,
        "method": method,
        **({"steps": steps} if steps else {}),
    }


def _spin(speed, duration):
    return [{"speed": speed, "duration": duration}]
