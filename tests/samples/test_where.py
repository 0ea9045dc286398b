"""Conditions on facts, where a list of samples shows little of them."""

import pytest

from samples.models import Sample
from samples.where import read_conditions, span
from tests.samples.factories import make_process, make_project, make_sample, make_user


@pytest.fixture
def ada(db):
    return make_user("ada")


@pytest.fixture
def project(ada):
    return make_project(ada)


def found(user, condition):
    (where,) = read_conditions(user, [condition])
    rows = Sample.objects.filter(where.holds())
    return sorted(rows.values_list("code", flat=True))


def test_zero_degrees_is_no_point_without_width():
    low, high = span(0.0, "°C")

    assert low < 0 < high
    assert span(0.0, "nm") == (0, 0)


def test_another_text_is_one_that_is_told(ada, project):
    for code, atmosphere in (("N", "N2"), ("A", "Ar"), ("U", "")):
        make_sample(ada, project, code)
        make_process(
            ada,
            project,
            outputs=[code],
            program=[{"end_temperature": 300, "atmosphere": atmosphere}],
        )

    assert found(ada, "process.sintering.atmosphere:ne:N2") == ["A"]
    assert found(ada, "process.sintering.atmosphere:eq:N2") == ["N"]


def test_without_a_label_the_default_speaks_and_with_one_that_label(ada, project):
    make_sample(ada, project, "C-1")
    for celsius in (300, 400):
        make_process(
            ada,
            project,
            "annealing",
            inputs=["C-1"],
            outputs=["C-1"],
            program=[{"end_temperature": celsius}],
        )
    make_sample(ada, project, "C-2")
    make_process(
        ada,
        project,
        "annealing",
        inputs=["C-1"],
        outputs=["C-2"],
        program=[{"end_temperature": 350}],
    )

    assert found(ada, "process.annealing.temperature:eq:300") == ["C-1"]
    assert found(ada, "process.annealing.temperature[1]:eq:300") == ["C-1", "C-2"]
