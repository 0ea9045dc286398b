"""The ISOS rules as data: what each protocol asks for, and where that is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from analysis.stability.isos.codes import FAMILIES, LEVELS

RULES_VERSION = "2020.1"
"""Year of the statement, and the number of our reading of it."""

CITATION = "Khenkin et al., Nat. Energy 5, 35-49 (2020), doi:10.1038/s41560-019-0529-5"

CLAUSES = ("light", "temperature", "humidity", "load")
"""Columns of the table; in inert gas, the atmosphere takes the place of humidity."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One cell of the table.

    ``check`` names the function that compares it with recorded conditions, with
    ``limits`` as its arguments. ``words`` is what the table says; ``reading`` what it
    leaves open and how that is read here.
    """

    check: str
    words: str
    limits: Mapping[str, Any] = field(default_factory=dict)
    reading: str = ""


ELEVATED = (65.0, 85.0)
ROOM = (19.0, 27.0)
NEAR = 4.0
"""Tolerance of a set temperature [°C]."""

_NEAR = "No tolerance is printed; the ±4 °C of room temperature is used."
_AMBIENT = (
    "Ambient humidity is not controlled: the word, or a number from 10 to 75 %, as"
    " rooms have."
)
_RANGE_ENDS = f"{_NEAR} Room temperature is 23 ± 4 °C."
_ANY_LOAD = ("mpp_tracking", "open_circuit", "none", "fixed_voltage")

REQUIREMENTS: dict[str, Requirement] = {
    "dark": Requirement("dark", "dark"),
    "simulator_one_sun": Requirement(
        "simulator",
        "solar simulator, 800-1000 W/m²",
        {"low": 80.0, "high": 100.0, "tolerance": 0.02},
        "An intensity may miss the range by 2 %, the temporal stability of a class A"
        " simulator. A lamp that gives only ultraviolet simulates no sun.",
    ),
    "simulator": Requirement(
        "simulator",
        "solar simulator",
        {},
        "A lamp that gives only ultraviolet simulates no sun.",
    ),
    "sunlight": Requirement("sunlight", "sunlight"),
    "light_cycle": Requirement(
        "light_cycle",
        "light and dark in cycles of 2, 8 or 24 h, 1:1 or 1:2",
        {"periods": (2.0, 8.0, 24.0), "ratios": (1.0, 0.5)},
        "A ratio is light to dark.",
    ),
    "room": Requirement(
        "temperature",
        "23 ± 4 °C",
        {"low": ROOM[0], "high": ROOM[1]},
    ),
    "elevated": Requirement(
        "set_temperature",
        "65 or 85 °C",
        {"targets": ELEVATED, "near": NEAR},
        _NEAR,
    ),
    "outdoor_temperature": Requirement("ambient_temperature", "ambient"),
    "room_to_elevated": Requirement(
        "temperature_cycle",
        "cycles from room temperature to 65 or 85 °C",
        {"bottom": 23.0, "tops": ELEVATED, "near": NEAR},
        _RANGE_ENDS,
    ),
    "minus_40_to_85": Requirement(
        "temperature_cycle",
        "cycles from -40 to 85 °C",
        {"bottom": -40.0, "tops": (85.0,), "near": NEAR},
        _NEAR,
    ),
    "room_to_65": Requirement(
        "temperature_cycle",
        "cycles from room temperature to 65 °C",
        {"bottom": 23.0, "tops": (65.0,), "near": NEAR},
        _RANGE_ENDS,
    ),
    "5_to_65": Requirement(
        "temperature_cycle",
        "cycles from 5 to 65 °C",
        {"bottom": 5.0, "tops": (65.0,), "near": NEAR},
        _NEAR,
    ),
    "minus_25_to_65": Requirement(
        "temperature_cycle",
        "cycles from -25 to 65 °C",
        {"bottom": -25.0, "tops": (65.0,), "near": NEAR},
        _NEAR,
    ),
    "ambient": Requirement(
        "ambient_humidity", "ambient", {"low": 10.0, "high": 75.0}, _AMBIENT
    ),
    "damp": Requirement(
        "humidity",
        "85 %",
        {"low": 80.0, "high": 90.0},
        "No tolerance is printed; ±5 % is used, as in damp-heat tests.",
    ),
    "about_50": Requirement(
        "humidity",
        "about 50 %",
        {"low": 40.0, "high": 60.0},
        "About is read as ±10 %.",
    ),
    "below_55": Requirement("humidity", "below 55 %", {"low": 0.0, "high": 54.999}),
    "at_most_50": Requirement("humidity", "at most 50 %", {"low": 0.0, "high": 50.0}),
    "monitored": Requirement("monitored_humidity", "monitored"),
    "50_when_hot": Requirement(
        "humidity",
        "50 % above 40 °C",
        {"low": 40.0, "high": 60.0},
        "50 % is read as ±10 %.",
    ),
    "inert": Requirement("inert_atmosphere", "inert gas"),
    "open_circuit": Requirement(
        "load",
        "open circuit",
        {"allowed": ("open_circuit", "none")},
        "Nothing connected is open circuit.",
    ),
    "bias": Requirement(
        "bias",
        "bias at VMPP, Voc or -Voc, or at JSC or -JMPP",
    ),
    "any_load": Requirement(
        "load",
        "maximum power point, open circuit or fixed voltage",
        {"allowed": _ANY_LOAD},
        "A resistor moves the working point as the cell ages: it is none of the three.",
    ),
    "mpp": Requirement("load", "maximum power point", {"allowed": ("mpp_tracking",)}),
    "mpp_in_situ": Requirement(
        "load", "maximum power point, in situ", {"allowed": ("mpp_tracking",)}
    ),
}

TABLE: dict[tuple[str, int], tuple[str, str, str, str]] = {
    ("D", 1): ("dark", "room", "ambient", "open_circuit"),
    ("D", 2): ("dark", "elevated", "ambient", "open_circuit"),
    ("D", 3): ("dark", "elevated", "damp", "open_circuit"),
    ("V", 1): ("dark", "room", "ambient", "bias"),
    ("V", 2): ("dark", "elevated", "ambient", "bias"),
    ("V", 3): ("dark", "elevated", "damp", "bias"),
    ("L", 1): ("simulator_one_sun", "room", "ambient", "any_load"),
    ("L", 2): ("simulator_one_sun", "elevated", "ambient", "any_load"),
    ("L", 3): ("simulator_one_sun", "elevated", "about_50", "mpp"),
    ("O", 1): ("sunlight", "outdoor_temperature", "ambient", "any_load"),
    ("O", 2): ("sunlight", "outdoor_temperature", "ambient", "any_load"),
    ("O", 3): ("sunlight", "outdoor_temperature", "ambient", "mpp_in_situ"),
    ("T", 1): ("dark", "room_to_elevated", "ambient", "open_circuit"),
    ("T", 2): ("dark", "minus_40_to_85", "below_55", "open_circuit"),
    ("T", 3): ("dark", "minus_40_to_85", "below_55", "open_circuit"),
    ("LC", 1): ("light_cycle", "room", "ambient", "any_load"),
    ("LC", 2): ("light_cycle", "elevated", "ambient", "any_load"),
    ("LC", 3): ("light_cycle", "elevated", "at_most_50", "mpp"),
    ("LT", 1): ("simulator", "room_to_65", "monitored", "any_load"),
    ("LT", 2): ("simulator", "5_to_65", "50_when_hot", "any_load"),
    ("LT", 3): ("simulator", "minus_25_to_65", "50_when_hot", "mpp"),
}


@dataclass(frozen=True, slots=True)
class Clause:
    """What one protocol asks of one condition, with its citation."""

    name: str
    requirement: Requirement
    citation: str


def clauses(family: str, level: int, inert: bool) -> tuple[Clause, ...]:
    """Return the clauses of a protocol.

    In inert gas there is no humidity to prescribe; the atmosphere is, instead.
    """
    found = []
    for name, key in zip(CLAUSES, TABLE[family, level], strict=True):
        column = name
        if inert and name == "humidity":
            column, key = "atmosphere", "inert"
        where = "intrinsic testing, suffix I" if key == "inert" else f"column {name}"
        found.append(
            Clause(
                column,
                REQUIREMENTS[key],
                f"{CITATION}, Tables 1 and 2, ISOS-{family}-{level}, {where}",
            )
        )
    return tuple(found)


def protocols() -> tuple[tuple[str, int], ...]:
    """Return every family and level, in the order of the table."""
    return tuple((family, level) for family in FAMILIES for level in LEVELS)
