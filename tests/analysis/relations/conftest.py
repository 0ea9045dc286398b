"""Facts written straight into the table, as many as a question needs."""

import pytest

from analysis.relations.question import read_question
from analysis.relations.variables import visible_projects
from samples.models import Fact, Sample, Subject, Variable
from samples.models.facts import PROMOTED_COLUMNS

X, T, GAP = "composition.CsPbI3", "process.sintering.temperature", "uvvis.band_gap"
PEAK, WIDTH, ATMOSPHERE = (
    "pl.peak_wavelength",
    "pl.fwhm",
    "process.sintering.atmosphere",
)
UNITS = {X: "1", T: "°C", GAP: "eV", PEAK: "nm", WIDTH: "nm"}


def write_facts(project, rows, *, prefix="S"):
    """One sample a row; ``rows`` map variables to a number, a text or fact columns.

    A key with a label in brackets is a labelled fact, the first of its variable the
    default.
    """
    keys = {key.partition("[")[0] for row in rows for key in row}
    variables = {
        key: Variable.objects.get_or_create(
            key=key,
            defaults={
                "label": key,
                "unit": UNITS.get(key, ""),
                "kind": "number" if key in UNITS else "text",
            },
        )[0]
        for key in keys
    }
    samples = Sample.objects.bulk_create(
        Sample(project=project, code=f"{prefix}-{n:05d}", kind="composite")
        for n in range(len(rows))
    )
    subjects = Subject.objects.bulk_create(Subject(sample=s) for s in samples)
    facts = []
    for subject, row in zip(subjects, rows, strict=True):
        promoted = {
            column: _columns(row[key]).get("value")
            for key, column in zip((X, T), PROMOTED_COLUMNS, strict=False)
            if key in row
        }
        seen = set()
        for name, told in row.items():
            key, _, label = name.rstrip("]").partition("[")
            facts.append(
                Fact(
                    subject=subject,
                    sample_id=subject.sample_id,
                    project=project,
                    variable=variables[key],
                    label=label,
                    is_default=key not in seen,
                    **{"origin": "computed"} | _columns(told),
                    **promoted,
                )
            )
            seen.add(key)
    Fact.objects.bulk_create(facts, batch_size=500)
    return subjects


def _columns(told):
    if isinstance(told, dict):
        return told
    return {"text": told} if isinstance(told, str) else {"value": told}


@pytest.fixture(autouse=True)
def promoted(settings):
    settings.LABDATA_PROMOTED_DESCRIPTORS = [X, T]


@pytest.fixture
def ask(user):
    """Read a question for the user: ``ask(x=…, y=…, filter=[…])``."""

    def read(**parameters):
        lists = {
            name: value if isinstance(value, list) else [str(value)]
            for name, value in parameters.items()
        }
        return read_question(lists, visible_projects(user))

    return read
