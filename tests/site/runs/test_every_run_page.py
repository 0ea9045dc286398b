"""The page of a run of every analysis, on its example: all its result says, no more."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest

import analysis.contract.registry
import measurements.registry
from analysis import services
from analysis.contract.registry import analyses
from labdata.common.jobs.runner import execute_queued
from labdata.common.measures.quantities import quantities
from labdata.plugin import Result
from labdata.site.kit.tags.quantities import unit_symbol
from measurements.arrays.rows import save_dataset
from measurements.models import Measurement
from measurements.registry import techniques
from samples.facts import default_subject

analysis.contract.registry.load_builtin()
measurements.registry.load_builtin()

every_analysis = pytest.mark.parametrize("spec", [*analyses], ids=lambda spec: spec.key)

SECTIONS = ("fit", "comparison", "table", "details", "definitions", "missing",
            "remarks", "flags", "values")  # fmt: skip
CELLS = ("tr", "dd", "dt", "li", "p", "h2", "h3", "summary")
NUMBER = re.compile(
    r"(?<![\w.])(?P<sign>[-\u2212+]?)(?P<whole>\d+(?:\.(?P<decimals>\d+))?)"
    r"(?:[×e]?(?:10)?(?P<power>e[-+]?\d+|[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?"
)
WITH_ERROR = re.compile(r"\(([^() ]+) ± ([^() ]+)\)(×10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)")
WORD = r"[^\W\d_]{2,}"
SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
WORDS = (
    "fit parameters as fitted parameter value uncertainty unit start limits state "
    "held at its limit how good the is points window weights left out search "
    "correlation covariance strongly correlated with data hardly tell these apart "
    "no two are by candidate from best chosen not to open more of listed it was "
    "found numbers defined given remarks look values side quantity known other "
    "origin yes starts agree on this minimum after evaluations beside each label "
)
OWN_WORDS = frozenset(WORDS.split())
"""The page's own words around what a result says."""


class Cells(HTMLParser):
    """The texts of the rows of each section, by its id without what follows a dash."""

    def __init__(self):
        super().__init__()
        self.found, self.sections, self.open = {}, [], []

    def handle_starttag(self, tag, attributes):
        if tag == "section":
            name = dict(attributes).get("id") or ""
            self.sections.append(name.partition("-")[0])
        if tag in CELLS and self.sections and self.sections[-1] in SECTIONS:
            self.open.append([])

    def handle_endtag(self, tag):
        if tag == "section":
            self.sections.pop()
        if tag in CELLS and self.open:
            told = " ".join("".join(self.open.pop()).split())
            if told and self.sections:
                self.found.setdefault(self.sections[-1], []).append(told)

        if tag in ("td", "th") and self.open:
            self.open[-1].append(" ")

    def handle_data(self, data):
        if self.open:
            self.open[-1].append(data)


def cells_of(text):
    parser = Cells()
    parser.feed(text)
    return parser.found


def said_by(result, run):
    """Every word and every number of a result and of its run's values."""
    words, numbers = [], []

    def walk(told):
        if isinstance(told, dict):
            for key, value in told.items():
                walk(value)
                if key == "unit":
                    words.append(unit_symbol(value))
        elif isinstance(told, list | tuple):
            for value in told:
                walk(value)
        elif isinstance(told, str):
            words.append(told)
        elif isinstance(told, int | float) and not isinstance(told, bool):
            numbers.append(float(told))

    walk(run.result)
    for fit in result.fits:
        walk(fit.correlation or ())
        numbers.append(len(fit.parameters))
    for one in result.comparisons:
        walk([one.distance(each) for each in one.candidates])
        numbers += [len(one.candidates)]
    for table in result.tables:
        numbers += [len(table.rows), len(table.rows) - 12, table.total or 0]
    for value in run.values.all():
        spec = quantities[value.quantity]
        words += [spec.label, spec.symbol, unit_symbol(spec.unit), value.label]
        walk([value.value, value.uncertainty, value.low, value.high])
    for absent in result.missing:
        words.append(quantities[absent.quantity].label)
    for text in words:
        numbers += [number for number, _ in numbers_in(text)]
    return set(re.findall(WORD, " ".join(words).casefold())), np.array(numbers)


def numbers_in(text):
    """Each number that is written in a text, with half a unit of its last digit."""
    found = []
    for match in NUMBER.finditer(WITH_ERROR.sub(r"\1\3 ± \2\3", text)):
        power = 0
        if told := match["power"]:
            power = int(told.translate(SUPERSCRIPTS).lstrip("e"))
        sign = -1 if match["sign"] in ("-", "\u2212") else 1
        # Zeros at the end of a whole number tell its size, not its digits.
        zeros = len(match["whole"]) - len(match["whole"].rstrip("0"))
        digits = len(match["decimals"] or "") or -zeros
        value = sign * float(match["whole"]) * 10.0**power
        found.append((value, 0.501 * 10.0 ** (power - digits)))
    return found


def is_said(number, half, numbers):
    return bool(numbers.size) and bool((abs(numbers - number) <= half).any())


def strangers(cells, words, numbers):
    """What cells say that no part of the result does."""
    odd = []
    for text in cells:
        rest = NUMBER.sub(" ", text)
        odd += [
            (text, word)
            for word in re.findall(WORD, rest.casefold())
            if word not in words and word not in OWN_WORDS and not _within(word, words)
        ]
        odd += [
            (text, number)
            for number, half in numbers_in(text)
            if not is_said(number, half, numbers)
        ]
    return odd


def _within(word, words):
    """A unit or a name such as ``mA`` is written with its powers: mA/cm²."""
    return any(word in one for one in words if len(one) <= len(word) + 3)


def example_run(user, sample, spec):
    """A finished run of an analysis on the example of the technique it serves first."""
    technique = techniques[spec.techniques[0]]
    measurement = Measurement(
        project=sample.project,
        sample=sample,
        subject=default_subject(sample=sample),
        technique=technique.key,
        created_by=user,
        origin="simulated",
    )
    measurement.full_clean(validate_constraints=False)
    measurement.save()
    save_dataset(
        technique.example(), measurement=measurement, name="example", identity="1" * 64
    )
    run = services.request_run(user=user, analysis=spec.key, measurement=measurement)
    execute_queued()
    run.refresh_from_db()
    assert run.state == "done", run.message or run.traceback
    return run


@every_analysis
def test_the_page_says_what_the_result_says_and_nothing_else(client, ada, sample, spec):
    run = example_run(ada, sample, spec)
    result = Result.from_json(run.result)
    words, numbers = said_by(result, run)

    text = client.get(run.get_absolute_url()).content.decode()
    cells = cells_of(text)

    assert (
        strangers([one for rows in cells.values() for one in rows], words, numbers)
        == []
    )
    for name, parts in (
        ("fit", result.fits),
        ("comparison", result.comparisons),
        ("table", result.tables),
        ("details", result.details),
        ("definitions", result.definitions),
        ("remarks", result.remarks),
        ("values", run.values.all()),
    ):
        assert bool(parts) == (name in cells), name
    shown = " ".join(one for rows in cells.values() for one in rows)
    for fit in result.fits:
        for one in (*fit.statistics, *fit.parameters):
            assert getattr(one, "label", "") in shown
            assert getattr(one, "name", "") in shown
        assert ("Weights" in shown) == any(one.weights for one in result.fits)
    for remark in result.remarks:
        assert " ".join(remark.split()) in shown
    for one in result.details:
        assert one.label in shown


@every_analysis
def test_its_figures_are_those_it_declares(client, ada, sample, spec):
    run = example_run(ada, sample, spec)
    result = Result.from_json(run.result)

    text = client.get(run.get_absolute_url()).content.decode()
    panels = client.get(f"/runs/{run.uuid}/curves/").json()["panels"]

    assert result.drawings, "a result that draws nothing has no picture"
    drawn = [one.key for one in result.drawings if not one.under]
    assert re.findall(r'data-drawing="([^"]*)"', text) == drawn
    assert [one["key"] for one in panels] == [one.key for one in result.drawings]
    for panel, drawing in zip(panels, result.drawings, strict=True):
        assert panel["log"] == list(drawing.log)
        assert panel["reversed"] == list(drawing.reversed)
        assert panel["curves"] or panel["image"] or panel["bands"]
        assert len(panel["pins"]) + len(panel["stretches"]) == len(drawing.marks)


@every_analysis
def test_only_what_can_be_set_is_offered_in_the_figure(client, ada, sample, spec):
    run = example_run(ada, sample, spec)
    entries = spec.parameter_schema()["properties"].values()
    roles = {entry.get("role") for entry in entries}

    text = client.get(run.get_absolute_url()).content.decode()

    assert ("Add a peak" in text) == ("start" in roles)
    can_drag = bool({"start", "window"} & roles) and not spec.gathers
    assert ("data-adjust" in text) == can_drag


def test_a_number_nobody_said_is_found():
    words, numbers = {"area", "nm"}, np.array([12.34, 0.5])

    assert strangers(["Area 12.3 ± 0.5 nm"], words, numbers) == []
    assert strangers(["Area 12.4 nm"], words, numbers) == [("Area 12.4 nm", 12.4)]
    assert strangers(["Weights: none"], words, numbers) == [("Weights: none", "none")]
