"""Installed packages: taken whole, or named with what is wrong with them."""

import os
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from django.test import Client

from analysis.contract import plugins
from analysis.contract.plugins import REGISTRIES, take
from analysis.contract.registry import analyses
from analysis.models import AnalysisRun, PropertyValue
from labdata.plugin import CONTRACT
from measurements.models import Dataset, Measurement
from tests.analysis.conftest import client_of
from tests.samples import factories

ROOT = Path(__file__).resolve().parents[3]
QUANTITY = 'Quantity("toy.size", "nm", "Toy size")'
ANALYSIS = """
from dataclasses import dataclass
from labdata.plugin import Result, analysis

@dataclass(frozen=True)
class Parameters:
    pass

@analysis(
    key="toy_size", version=1, label="Toy size", techniques={techniques},
    parameters=Parameters, outputs={outputs},
)
def toy_size(dataset, parameters, progress):
    "Measure nothing."
    return Result()
"""


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Writes a module of a foreign package and gives the entry point that names it."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(source, name="foreign"):
        (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")
        sys.modules.pop(name, None)
        return EntryPoint("foreign", f"{name}:PLUGIN", "labdata.plugins")

    return write


@pytest.fixture(autouse=True)
def registries_as_before():
    held = [dict(registry._specs) for registry in REGISTRIES.values()]
    yield
    for registry, specs in zip(REGISTRIES.values(), held, strict=True):
        registry._specs.clear()
        registry._specs.update(specs)


def plugin(parts="", contract=CONTRACT, more=""):
    head = "from labdata.plugin import Plugin, Quantity\n"
    return f"{head}{more}\nPLUGIN = Plugin(contract={contract}, {parts})\n"


def technique(
    unit="nm",
    example="TOY",
    figure="Figure('length', 'height')",
    key="toy",
    label="Toy",
    default="()",
):
    more = f"""
from labdata.plugin import Axis, AxisSpec, Channel, ChannelSpec, Dataset, Figure
from labdata.plugin import Technique
TOY = Dataset(
    axes=(Axis("length", "nm", "Length", [1.0, 2.0]),),
    channels=(Channel("height", "nm", "Height", [3.0, 4.0]),),
)
toy = Technique(
    {key!r}, "{label}", (AxisSpec("length", {unit!r}, "Length"),),
    (ChannelSpec("height", "nm", "Height"),), {figure}, lambda: {example},
    default_analyses={default},
)
"""
    return plugin("techniques=(toy,)", more=more)


def test_what_it_adds_is_registered_with_the_package_it_came_from(package):
    more = ANALYSIS.format(techniques=["pl"], outputs=["toy.size"])
    parts = f"quantities=({QUANTITY},), analyses=(toy_size,)"

    (found,) = take([package(plugin(parts, more=more))])

    assert not found.is_broken, found.reason
    assert found.adds("analyses") == ("toy_size",)
    assert analyses["toy_size"].outputs == ("toy.size",)
    assert analyses.origin("toy_size").name == "unknown package"
    assert analyses.origin("pl_gaussians").name == "labdata"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (plugin(contract=3), "was written for contract 3"),
        (plugin(contract=1), f"This lab has contract {CONTRACT}"),
        ("PLUGIN = 3\n", "foreign:PLUGIN is no labdata.plugin.Plugin"),
        ("from labdata.plugin import Nothing\n", "cannot import name 'Nothing'"),
        (
            "from labdata.plugin import Nothing\n",
            f"This lab has contract {CONTRACT}; was it written for another?",
        ),
        ("import nothing_of_ours\n", "No module named 'nothing_of_ours'"),
        (
            plugin("quantities=(Quantity('toy.size', 'cubits', 'Toy size'),)"),
            "toy.size has the unit 'cubits', which is not known here",
        ),
        (technique(unit="cubits"), "toy has the unit 'cubits', which is not known"),
        (technique(example="2 / 0"), "division by zero"),
        (technique(key="B 9/x"), "the key 'B 9/x' of a technique is not of small"),
        (technique(label="T\\ud800y"), "toy names itself with half of a character"),
        (technique(default="('jv_metrics',)"), "jv_metrics, which does not serve it"),
        (
            plugin(
                "analyses=(toy_size,)",
                more=ANALYSIS.format(
                    techniques=["pl"],
                    outputs=["pl.fwhm"],
                ).replace(
                    "class Parameters:\n    pass", "class Parameters:\n    a: dict"
                ),
            ),
            "no JSON schema for a parameter of type",
        ),
        (
            plugin(
                "analyses=(toy_size,)",
                more=ANALYSIS.format(
                    techniques=["pl"],
                    outputs=["pl.fwhm"],
                ).replace("version=1", "version=1, channels=['counts', 'height']"),
            ),
            "toy_size names the channel 'height', which there is none of",
        ),
        (
            plugin(
                "analyses=(toy_size,)",
                more=ANALYSIS.format(
                    techniques=["pl"],
                    outputs=["pl.fwhm"],
                ).replace("version=1", "version=1, conditions=['moon']"),
            ),
            "toy_size names the condition 'moon', which there is none of",
        ),
        ("raise GeneratorExit\n", "GeneratorExit"),
        (
            technique(unit="mm"),
            "the example of toy is none: axis length is in nm, needs mm",
        ),
        (
            technique(figure="Figure('length', 'width')"),
            "its figure names the channel 'width', which it has not",
        ),
        ("raise SystemError\n", "SystemError"),
        ("import sys\nsys.exit('no licence')\n", "no licence"),
        (
            plugin(f"quantities=(Quantity({'toy.' + 'q' * 77!r}, 'nm', 'Long'),)"),
            "of a quantity has 81 characters; there is room for 80",
        ),
        (plugin("quantities=(3,)"), "3 is no Quantity"),
        (plugin(f"quantities=({QUANTITY}, {QUANTITY})"), "'toy.size' is in it twice"),
        (
            plugin('quantities=(Quantity("pl.fwhm", "nm", "Mine"),)'),
            "quantity 'pl.fwhm' is there already, of labdata",
        ),
        (
            plugin(
                "analyses=(toy_size,)",
                more=ANALYSIS.format(techniques=["pl"], outputs=["toy.size"]),
            ),
            "toy_size names the quantity 'toy.size', which there is none of",
        ),
        (
            plugin(
                f"quantities=({QUANTITY},), analyses=(toy_size,)",
                more=ANALYSIS.format(techniques=["lbic"], outputs=["toy.size"]),
            ),
            "toy_size names the technique 'lbic', which there is none of",
        ),
    ],
)
def test_a_broken_one_is_named_and_nothing_of_it_is_taken(package, source, reason):
    before = {kind: registry.keys() for kind, registry in REGISTRIES.items()}

    (found,) = take([package(source)])

    assert found.is_broken
    assert reason in found.reason
    assert {kind: registry.keys() for kind, registry in REGISTRIES.items()} == before


@pytest.fixture
def broken(package):
    """A package of another contract, as it was found when the process started."""
    found = take([package(plugin(contract=3))])
    plugins._installed.extend(found)
    yield
    for one in found:
        plugins._installed.remove(one)


@pytest.mark.django_db
def test_the_page_of_the_labs_status_names_a_broken_one(broken):
    client = Client()
    client.force_login(factories.make_user())

    text = client.get("/status/").content.decode()

    assert "The plug-in foreign of unknown package is not used." in text
    assert "written for contract 3" in text


@pytest.mark.django_db
def test_the_api_names_a_broken_one_with_its_reason(broken):
    told = client_of(factories.make_user()).get("/api/v1/plugins/foreign/").json()

    assert told["is_used"] is False
    assert "written for contract 3" in told["reason"]
    assert (told["contract"], told["analyses"]) == (3, [])


def test_a_system_check_names_a_broken_package_and_the_lab_starts(tmp_path):
    (tmp_path / "foreign.py").write_text(plugin(contract=3), encoding="utf-8")
    info = tmp_path / "lab_foreign-2.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: lab-foreign\nVersion: 2.1\n", encoding="utf-8"
    )
    (info / "entry_points.txt").write_text(
        "[labdata.plugins]\nforeign = foreign:PLUGIN\n", encoding="utf-8"
    )

    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "(labdata.W001) The plug-in foreign (lab-foreign 2.1) is not used" in (
        done.stderr
    )


def test_a_key_may_be_as_long_as_the_columns_that_hold_it():
    columns = {
        "quantities": [PropertyValue._meta.get_field("quantity")],
        "techniques": [
            Measurement._meta.get_field("technique"),
            Dataset._meta.get_field("technique"),
        ],
        "readers": [
            Measurement._meta.get_field("reader"),
            Dataset._meta.get_field("reader"),
        ],
        "analyses": [AnalysisRun._meta.get_field("analysis")],
    }

    assert {
        kind: min(field.max_length for field in fields)
        for kind, fields in columns.items()
    } == plugins.LONGEST_KEYS
