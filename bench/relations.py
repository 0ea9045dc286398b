"""Composition-property questions against the ways one would ask by hand.

``python -m bench relations [SAMPLES …]`` measures on SQLite in a folder of its own, or
on the server ``LABDATA_DATABASE_URL`` names, in a test database that is removed again.

Each sample has two components, a sintering process, two measurements with a run of
ten values each, and the facts that follow. The PL peak falls with the composition, as
it does: the planner's usual guess that the two are independent is wrong. The question
is the first page of 50 by PL peak, and the exact number of all, of samples with a
CsPbI3 fraction of 0.1 to 0.5 sintered at 300 °C.
"""

from __future__ import annotations

import atexit
import csv
import io
import json
import os
import shutil
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable

if "LABDATA_DATABASE_URL" not in os.environ:
    folder = tempfile.mkdtemp(prefix="labdata-bench-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["LABDATA_DATA_DIR"] = folder
X, T = "composition.CsPbI3", "process.sintering.temperature"
os.environ["LABDATA_PROMOTED_DESCRIPTORS"] = f"{X},{T}"
os.environ.setdefault("LABDATA_SECRET_KEY", uuid.uuid4().hex)
os.environ.setdefault("LABDATA_LOG_LEVEL", "ERROR")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "labdata.settings")

import django

django.setup()

import numpy as np
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.db.models import DateTimeField, JSONField, UUIDField
from django.utils import timezone
from rest_framework.test import APIRequestFactory, force_authenticate

from analysis.api.relations import RelationViewSet
from analysis.models import AnalysisRun, PropertyValue
from analysis.relations import aggregate, answer, sql
from analysis.relations.question import read_question
from analysis.relations.variables import visible_projects
from bench import Figures, at_least
from labdata.common.people.access import Membership, Project
from measurements.models import Measurement
from samples.api.samples import SampleViewSet
from samples.models import (
    Component,
    Composition,
    Fact,
    Material,
    Process,
    ProcessOutput,
    Sample,
    Segment,
    Subject,
    Variable,
)

ROUNDS = 7
PEAK, WIDTH = "pl.peak_wavelength", "pl.fwhm"
QUANTITIES = (
    PEAK,
    WIDTH,
    "pl.height",
    "pl.area",
    "pl.r_squared",
    "uvvis.band_gap",
    "eqe.urbach_energy",
    "xrd.rwp",
    "jv.voc",
    "jv.pce",
)
ASKED = {
    "x": [X],
    "y": [PEAK],
    "filter": [f"{X}:between:0.1,0.5", f"{T}:eq:300"],
    "sort": ["y"],
}
# A question whose descriptors are not promoted.
UNPROMOTED = {
    "x": ["uvvis.band_gap"],
    "y": [WIDTH],
    "filter": ["jv.voc:between:1.02,1.06"],
    "sort": ["y"],
}
SIZES = (10_000, 100_000)
JUDGED_FROM = 100_000
"""Samples from which on the goals hold: before, what a request costs outweighs rows."""

# The join's time grows with the number of values a sample has (20 here), the others'
# does not.
GOALS = (
    at_least("promoted, page and count", 30, "× nine-table join"),
    at_least("joined facts, page and count", 8, "× nine-table join"),
    at_least("through the API", 5, "× nine-table join"),
)
NINE_TABLES = """
WITH ranked AS (
  SELECT s.id AS sample_id, s.code AS code, c.amount AS x, v.value AS y,
         ROW_NUMBER() OVER (
           PARTITION BY s.id ORDER BY v.uncertainty, v.id DESC) AS place
  FROM samples_sample s
  JOIN samples_composition k ON k.id = s.composition_id
  JOIN samples_component c ON c.composition_id = k.id
  JOIN samples_material m ON m.id = c.material_id
  JOIN samples_processoutput o ON o.sample_id = s.id
  JOIN samples_process p ON p.id = o.process_id
  JOIN samples_segment g ON g.process_id = p.id
  JOIN measurements_measurement e ON e.sample_id = s.id
  JOIN analysis_analysisrun r ON r.measurement_id = e.id
  JOIN analysis_propertyvalue v ON v.run_id = r.id
  WHERE m.name = 'CsPbI3' AND c.amount BETWEEN 0.1 AND 0.5
    AND p.kind = 'sintering' AND g.end_temperature = 300
    AND s.archived_at IS NULL AND e.archived_at IS NULL
    AND e.technique = 'pl' AND r.state = 'done'
    AND v.quantity = 'pl.peak_wavelength' AND s.project_id = %s
)
"""
RAW_FACTS = """
WITH matched AS MATERIALIZED (
  SELECT subject_id, descriptor_1 AS x, value AS y, uncertainty
  FROM samples_fact
  WHERE variable_id = %s AND is_default = %s AND descriptor_1 BETWEEN 0.1 AND 0.5
    AND descriptor_2 = 300 AND project_id = %s
)
SELECT subject_id, x, y, uncertainty, (SELECT COUNT(*) FROM matched)
FROM matched ORDER BY y, subject_id LIMIT 50
"""


def fill(model, count: int, **columns) -> None:
    """Write rows of a model in bulk; what is not given takes the field's default."""
    fields = model._meta.concrete_fields
    now = timezone.now()

    def values_of(field):
        if field.attname in columns:
            given = columns[field.attname]
            if isinstance(given, np.ndarray):
                given = given.tolist()
            return given if isinstance(given, list) else [given] * count
        if field.name == "uuid":
            return [uuid.uuid4() for _ in range(count)]
        if field.primary_key:
            return list(range(1, count + 1))
        if getattr(field, "auto_now_add", False) or getattr(field, "auto_now", False):
            return [now] * count
        if field.has_default():
            return [field.get_default()] * count
        if field.has_db_default():
            return [now] * count
        return [None if field.null else ""] * count

    prepared = [stored(field, values_of(field)) for field in fields]
    names = ", ".join(f'"{field.column}"' for field in fields)
    table = model._meta.db_table
    rows = zip(*prepared, strict=True)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            marks = ", ".join(["?"] * len(fields))
            cursor.connection.executemany(
                f"INSERT INTO {table} ({names}) VALUES ({marks})", rows
            )
            return
        buffer = io.StringIO()
        csv.writer(buffer).writerows(
            [r"\N" if value is None else value for value in row] for row in rows
        )
        buffer.seek(0)
        cursor.copy_expert(
            rf"COPY {table} ({names}) FROM STDIN WITH (FORMAT csv, NULL '\N')", buffer
        )


def stored(field, values: list) -> list:
    """Values as the column of a field keeps them."""
    if isinstance(field, JSONField):
        return [json.dumps(value) for value in values]
    if isinstance(field, UUIDField | DateTimeField):
        return [field.get_db_prep_value(value, connection) for value in values]
    return values


def build(samples: int) -> tuple[object, Project]:
    """A lab of one project, one reader of it, and what its samples showed."""
    rng = np.random.default_rng(2026)
    user = get_user_model().objects.create_user("reader")
    project = Project.objects.create(slug="bench", name="Bench")
    Membership.objects.create(user=user, project=project, role="viewer")
    materials = [Material.objects.create(name=n).pk for n in ("CsPbI3", "agZIF-62")]
    ids = np.arange(1, samples + 1)
    x = rng.uniform(0, 1, samples).round(3)
    t = rng.choice([200.0, 225.0, 250.0, 275.0, 300.0, 325.0, 350.0], samples)
    fill(Composition, samples, project_id=project.pk, basis="wt", text="blend")
    fill(
        Component,
        2 * samples,
        composition_id=np.repeat(ids, 2),
        position=np.tile([0, 1], samples),
        material_id=np.tile(materials, samples),
        amount=np.column_stack([x, 1 - x]).ravel(),
    )
    fill(
        Sample,
        samples,
        project_id=project.pk,
        code=[f"S-{number}" for number in ids],
        kind="composite",
        composition_id=ids,
    )
    fill(Process, samples, project_id=project.pk, kind="sintering")
    fill(ProcessOutput, samples, process_id=ids, sample_id=ids)
    fill(Segment, samples, process_id=ids, position=0, end_temperature=t)
    fill(Subject, samples, sample_id=ids, relation="as_made")
    fill_results(rng, project, samples, x, t)
    return user, project


def analyse() -> None:
    """Let the planner know the tables, as a database that has run for a while does."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM ANALYZE samples_fact")


def fill_results(rng, project, samples, x, t) -> None:
    """Two measurements a sample, a run each, ten values a run, and the facts."""
    ids = np.arange(1, samples + 1)
    owners = np.repeat(ids, 2)
    runs = np.arange(1, 2 * samples + 1)
    common = {"project_id": project.pk}
    fill(
        Measurement,
        2 * samples,
        **common,
        sample_id=owners,
        subject_id=owners,
        technique="pl",
    )
    fill(
        AnalysisRun,
        2 * samples,
        **common,
        measurement_id=runs,
        analysis="pl_gaussians",
        version=1,
        key=[f"{number:064d}" for number in runs],
        state="done",
        finished_at=timezone.now(),
    )
    measured = np.repeat(np.arange(2 * samples), len(QUANTITIES))
    kinds = np.tile(np.arange(len(QUANTITIES)), 2 * samples)
    values = 1.0 + 0.1 * rng.random(measured.size)
    peaks = kinds == 0
    owner = measured // 2
    values[peaks] = 780 - 100 * x[owner[peaks]] + rng.normal(0, 2, peaks.sum())
    errors = rng.uniform(0.05, 1.0, measured.size)
    chunk = 200_000
    for start in range(0, measured.size, chunk):
        part = slice(start, start + chunk)
        fill(
            PropertyValue,
            measured[part].size,
            **common,
            id=np.arange(start + 1, start + 1 + measured[part].size),
            sample_id=owner[part] + 1,
            subject_id=owner[part] + 1,
            run_id=measured[part] + 1,
            measurement_id=measured[part] + 1,
            quantity=[QUANTITIES[kind] for kind in kinds[part]],
            value=values[part],
            uncertainty=errors[part],
            origin="computed",
        )
    # Of the two values of each sample and quantity the better known one is the fact.
    pairs = errors.reshape(samples, 2, len(QUANTITIES)).argmin(axis=1)[:, None, :]
    best = np.take_along_axis(values.reshape(samples, 2, -1), pairs, 1)[:, 0]
    error = np.take_along_axis(errors.reshape(samples, 2, -1), pairs, 1)[:, 0]
    keys = [X, "composition.agZIF-62", T, *QUANTITIES]
    columns = [x, 1 - x, t, *best.T]
    for number, (key, column) in enumerate(zip(keys, columns, strict=True)):
        kind = {"key": key, "label": key, "unit": "", "kind": "number"}
        computed = number >= 3
        fill(
            Fact,
            samples,
            **common,
            id=np.arange(1, samples + 1) + number * samples,
            subject_id=ids,
            sample_id=ids,
            variable_id=Variable.objects.create(**kind).pk,
            value=column,
            uncertainty=error[:, number - 3] if computed else None,
            origin="computed" if computed else "manual",
            descriptor_1=x,
            descriptor_2=t,
        )


def run(statement: str, params: list) -> list:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall()


def ways(user, project) -> dict[str, Callable[[], object]]:
    """What is measured, by name; each asks from the beginning."""
    projects = visible_projects(user)
    question = read_question(ASKED, projects)
    other = read_question(UNPROMOTED, projects)
    binned = read_question(
        {"x": [X], "y": [PEAK], "color": [T], "aggregate": ["median"], "bins": ["20"]},
        projects,
    )
    assert sql.can_promote(question)
    assert not sql.can_promote(other)
    variable = Variable.objects.get(key=PEAK).pk

    def nine_tables():
        params = [project.pk]
        page = run(
            f"{NINE_TABLES} SELECT sample_id, code, x, y FROM ranked WHERE place = 1"
            " ORDER BY y, sample_id LIMIT 50",
            params,
        )
        count = f"{NINE_TABLES} SELECT COUNT(*) FROM ranked WHERE place = 1"
        return page, run(count, params)[0][0]

    def view(viewset, path, query):
        request = APIRequestFactory().get(path, query, HTTP_HOST="localhost")
        force_authenticate(request, user)
        response = viewset.as_view({"get": "list"})(request)
        response.render()
        assert response.status_code == 200, response.content
        return response

    def raw_samples():
        return run(
            "SELECT s.uuid, s.code, s.kind, s.created_at, k.text FROM samples_sample s"
            " LEFT JOIN samples_composition k ON k.id = s.composition_id"
            " WHERE s.project_id = %s AND s.archived_at IS NULL"
            " ORDER BY s.code, s.id LIMIT 50",
            [project.pk],
        ), run(
            "SELECT COUNT(*) FROM samples_sample s"
            " WHERE s.project_id = %s AND s.archived_at IS NULL",
            [project.pk],
        )

    return {
        "nine-table join": nine_tables,
        "raw SQL on facts": lambda: run(RAW_FACTS, [variable, True, project.pk]),
        "promoted, page and count": lambda: sql.page(
            question, limit=50, path=True
        ).rows(),
        "joined facts, page and count": lambda: sql.page(
            question, limit=50, path=False
        ).rows(),
        "unpromoted pair, page and count": lambda: sql.page(other, limit=50).rows(),
        "rows with provenance": lambda: answer.answer_page(question, limit=50),
        "through the API": lambda: view(RelationViewSet, "/relations/", ASKED),
        "median in 20 bins × 7 T": lambda: aggregate.answer_groups(binned),
        "samples, raw SQL": raw_samples,
        "samples, through the API": lambda: view(SampleViewSet, "/samples/", {}),
    }


def check(found: dict[str, Callable[[], object]]) -> int:
    """All ways find the same rows; gives their number."""
    page, count = found["nine-table join"]()
    expected = [row[3] for row in page]
    for name in (
        "raw SQL on facts",
        "promoted, page and count",
        "joined facts, page and count",
    ):
        rows = found[name]()
        assert [row[2] for row in rows] == expected, name
        assert rows[0][-1] == count, name
    return count


def compare(samples: int, figures: Figures) -> None:
    started = time.perf_counter()
    with transaction.atomic():
        user, project = build(samples)
    analyse()
    built = time.perf_counter() - started
    found = ways(user, project)
    matches = check(found)
    taken: dict[str, list[float]] = {name: [] for name in found}
    for _ in range(ROUNDS):
        for name, way in found.items():
            begun = time.perf_counter()
            way()
            taken[name].append(1e3 * (time.perf_counter() - begun))
    median = {name: statistics.median(times) for name, times in taken.items()}
    print(f"\n{connection.vendor}, {samples:,} samples, {matches:,} matches", end="")
    print(f" (built in {built:.0f} s)")
    print(f"{'':36}{'ms':>10}{'nine-table join ÷':>20}{'÷ raw facts':>14}")
    for name, time_ in median.items():
        ratios = ["", ""]
        if not name.startswith("samples"):
            ratios[0] = f"{median['nine-table join'] / time_:.1f}"
            ratios[1] = f"{time_ / median['raw SQL on facts']:.2f}"
        print(f"{name:36}{time_:10.2f}{ratios[0]:>20}{ratios[1]:>14}")
    listed = median["samples, through the API"] / median["samples, raw SQL"]
    print(f"samples through the API ÷ raw SQL: {listed:.2f}")
    if samples >= JUDGED_FROM:
        for goal in GOALS:
            figures.add(goal.name, median["nine-table join"] / median[goal.name])


def measure(figures: Figures, *sizes: int) -> None:
    for samples in sizes:
        name = connection.creation.create_test_db(verbosity=0, serialize=False)
        try:
            compare(samples, figures)
        finally:
            connection.creation.destroy_test_db(name, verbosity=0)
