"""Panels of an answer, points for a picture, and variables found by words."""

import pytest

from analysis.relations import aggregate, answer, sql
from analysis.relations.points import collect_points
from analysis.relations.search import MOST, search_variables
from labdata.common.variables import parse_variable
from samples.models import Variable
from tests.analysis.relations.conftest import ATMOSPHERE, PEAK, WIDTH, T, X, write_facts

pytestmark = pytest.mark.django_db


def simulated(value):
    return {"value": value, "origin": "simulated"}


@pytest.fixture
def series(project):
    told = [
        {X: 0.1 * n, T: 300.0, f"{PEAK}[I]": 680.0 + n, ATMOSPHERE: "N2"}
        for n in range(1, 4)
    ]
    told.append(
        {X: 0.4, T: 350.0, f"{PEAK}[I]": simulated(690.0), ATMOSPHERE: "vacuum"}
    )
    write_facts(project, told)
    return told


def test_a_facet_is_a_column_of_the_answer(ask, series):
    question = ask(x=X, y=PEAK, facet=ATMOSPHERE)

    rows = answer.answer_page(question, limit=9)[0]

    assert [row["facet"] for row in rows] == ["N2", "N2", "N2", "vacuum"]
    assert "facet_origin" in answer.column_names(question)
    assert [c["name"] for c in answer.describe_columns(question.told)] == [
        "x",
        "y",
        "facet",
    ]


def test_a_facet_in_another_unit(ask, series):
    rows = answer.answer_page(ask(x=X, y=PEAK, facet=T, facet_unit="K"), limit=1)[0]

    assert rows[0]["facet"] == pytest.approx(573.15)


@pytest.mark.parametrize("path", [True, False])
def test_groups_are_parted_by_the_facet(ask, series, path):
    question = ask(x=X, y=PEAK, facet=T, aggregate="count", bins="1")

    rows, count = aggregate.answer_groups(question, path=path)

    assert count == 4
    assert [(row["facet"], row["count"]) for row in rows] == [(300.0, 3), (350.0, 1)]
    assert [row["simulated"] for row in rows] == [0, 1]


def test_a_match_is_simulated_where_anything_drawn_is(ask, series, project):
    by_color = ask(x=X, y=T, color=f"{PEAK}[I]")
    plain = ask(x=X, y=T)

    assert sql.count_simulated(by_color).rows() == [(1,)]
    assert sql.count_simulated(plain).rows() == [(0,)]
    assert collect_points(by_color)["points"]["simulated"] == [0, 0, 0, 1]


def test_points_are_columns_and_tell_when_they_are_not_all(ask, series):
    told = collect_points(ask(x=X, y=PEAK), limit=3)

    assert (told["count"], told["shown"]) == (4, 3)
    assert told["points"]["y"] == [681.0, 682.0, 683.0]
    # Columns in which nothing is known are left out.
    assert "y_uncertainty" not in told["points"]
    assert "y_bound" not in told["points"]


def test_limits_are_among_the_points(ask, project):
    write_facts(project, [{X: 0.1, WIDTH: {"value": 40.0, "bound": ">"}}])

    assert collect_points(ask(x=X, y=WIDTH))["points"]["y_bound"] == [">"]


def test_words_find_a_variable_in_any_order_and_its_labels(project, series):
    names = [one.name for one in search_variables("i wavelength", [project.pk])[0]]

    assert f"{PEAK}[I]" in names
    assert all(name.startswith(PEAK) for name in names)


def test_coverage_counts_the_samples_that_have_both(project, series):
    write_facts(project, [{T: 400.0}], prefix="alone")

    (found,) = search_variables(T, [project.pk], together=[parse_variable(X)])[0]

    assert (found.count, found.together) == (5, 4)
    assert (found.minimum, found.maximum) == (300.0, 400.0)


def test_a_label_asked_for_counts_only_what_has_it(project, series):
    write_facts(project, [{X: 0.9, f"{PEAK}[II]": 700.0}], prefix="two")

    (found,) = search_variables(
        X, [project.pk], together=[parse_variable(f"{PEAK}[II]")]
    )[0]

    assert (found.count, found.together) == (5, 1)


def test_a_list_nobody_narrowed_has_some_of_every_family(project, series):
    fields = Variable.objects.bulk_create(
        Variable(key=f"sample.field_{n:03d}", label=f"Field {n}", kind="text")
        for n in range(2 * MOST)
    )
    write_facts(project, [{field.key: "a" for field in fields}], prefix="many")

    choices, left_out = search_variables("", [project.pk])

    families = {choice.family for choice in choices}
    assert {"composition", "process", "pl", "sample"} <= families
    assert left_out > MOST


def test_variables_of_others_are_not_found(series):
    assert search_variables("", [-1]) == ([], 0)
