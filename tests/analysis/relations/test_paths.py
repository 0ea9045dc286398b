"""Both ways to an answer give the same one, on any data and any question."""

import math

import numpy as np
import pytest
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.relations import aggregate, answer, sql
from analysis.relations.question import read_question
from analysis.relations.variables import visible_projects
from tests.analysis.relations.conftest import PEAK, WIDTH, T, X, write_facts
from tests.samples import factories

pytestmark = pytest.mark.django_db
fractions = st.one_of(st.none(), st.sampled_from([0.0, 0.1, 0.25, 0.3, 1.0]))
temperatures = st.one_of(st.none(), st.sampled_from([200.0, 275.0, 300.0, 350.0]))
peaks = st.one_of(st.none(), st.floats(-1e6, 1e6), st.sampled_from([700.0, 701.0]))
rows = st.lists(st.tuples(fractions, temperatures, peaks), max_size=25)
filters = st.lists(
    st.sampled_from(
        [
            f"{X}:between:0.1,0.3",
            f"{X}:ge:0.25",
            f"{X}:lt:0.25",
            f"{X}:ne:0.1",
            f"{T}:eq:573.15 K",
            f"{T}:in:200,300",
            f"{T}:le:548.15 K",
            f"{PEAK}:gt:700",
            f"{PEAK}:eq:0.7 µm",
        ]
    ),
    max_size=3,
)


def _row(told):
    return {k: v for k, v in zip((X, T, PEAK), told, strict=True) if v is not None}


def _expected(told, filters):
    """The matches in plain Python."""
    tests = {
        f"{X}:between:0.1,0.3": lambda x, t, y: x is not None and 0.1 <= x <= 0.3,
        f"{X}:ge:0.25": lambda x, t, y: x is not None and x >= 0.25,
        f"{X}:lt:0.25": lambda x, t, y: x is not None and x < 0.25,
        f"{X}:ne:0.1": lambda x, t, y: x is not None and x != 0.1,
        f"{T}:eq:573.15 K": lambda x, t, y: t == 300.0,
        f"{T}:in:200,300": lambda x, t, y: t in (200.0, 300.0),
        f"{T}:le:548.15 K": lambda x, t, y: t is not None and t <= 275.0,
        f"{PEAK}:gt:700": lambda x, t, y: y is not None and y > 700 * (1 + 1e-9),
        f"{PEAK}:eq:0.7 µm": lambda x, t, y: (
            y is not None and math.isclose(y, 700.0, rel_tol=1e-9)
        ),
    }
    return [
        (x, y)
        for x, t, y in told
        if None not in (x, y) and all(tests[text](x, t, y) for text in filters)
    ]


def test_both_paths_answer_alike(promoted, draws):
    asked = given(rows, filters, st.sampled_from(["x", "-x", "y", "-y"]))
    often = settings(max_examples=draws(20, 500), deadline=None, derandomize=True)

    often(asked(ask_both_paths))()


def ask_both_paths(told, chosen, sort):
    with transaction.atomic():
        user = factories.make_user()
        project = factories.make_project(user)
        write_facts(project, [row for t in told if (row := _row(t))])
        # Whatever was drawn, each variable is known.
        write_facts(project, [{PEAK: 1.0}, {X: 0.25, T: 300.0}], prefix="lone")
        question = read_question(
            {"x": [X], "y": [PEAK], "filter": chosen, "sort": [sort]},
            visible_projects(user),
        )

        promoted_rows = sql.page(question, limit=7, path=True).rows()
        joined_rows = sql.page(question, limit=7, path=False).rows()
        every = sql.page(question, limit=None, path=True).rows()
        counts = {sql.count(question, path=path).rows()[0][0] for path in (True, False)}

        expected = _expected(told, chosen)
        assert sql.can_promote(question)
        assert promoted_rows == joined_rows == every[:7]
        assert sorted((x, y) for _, x, y, _ in every) == sorted(expected)
        assert counts == {len(expected)}
        transaction.set_rollback(True)


@pytest.fixture
def physical(project):
    """A thousand samples whose peak falls with their composition, as it does."""
    rng = np.random.default_rng(11)
    x = rng.uniform(0, 1, 1000).round(4)
    t = rng.choice([200.0, 250.0, 275.0, 300.0, 325.0, 350.0], 1000)
    peak = 780 - 100 * x + rng.normal(0, 1, 1000)
    write_facts(
        project,
        [
            {X: a, T: b, PEAK: {"value": c, "uncertainty": 0.1}}
            for a, b, c in zip(x.tolist(), t.tolist(), peak.tolist(), strict=True)
        ],
    )
    return x, t, peak


CORRELATED = {
    "x": X,
    "y": PEAK,
    "filter": [f"{X}:between:0.1,0.5", f"{T}:eq:300"],
    "sort": "y",
}


def test_correlated_data_are_found_whole_and_in_order(ask, physical):
    x, t, peak = physical
    wanted = (x >= 0.1) & (x <= 0.5) & (t == 300.0)

    for path in (True, False):
        rows, count, _ = answer.answer_page(ask(**CORRELATED), limit=50, path=path)

        assert count == wanted.sum()
        assert [row["y"] for row in rows] == sorted(peak[wanted])[:50]


@pytest.mark.parametrize("path", [True, False])
def test_matches_are_found_before_they_are_ordered(ask, physical, path):
    statement = sql.page(ask(**CORRELATED), limit=50, path=path)
    explain = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
    with connection.cursor() as cursor:
        cursor.execute(explain + statement.sql, statement.params)
        plan = "\n".join(str(row) for row in cursor.fetchall())

    assert "MATERIALIZE matched" in plan or "CTE matched" in plan
    if connection.vendor == "sqlite":
        used = "fact_promoted" if path else "fact_"
        assert "SCAN y" not in plan
        assert used in plan


def test_pages_by_cursor_visit_every_row_once(ask, physical):
    for sort in ("x", "-x", "y", "-y"):
        question = ask(x=X, y=PEAK, sort=sort, filter=[f"{T}:ge:300"])
        seen, after = [], None
        while True:
            rows, count, last = answer.answer_page(question, limit=97, after=after)
            seen += [row["sample"] for row in rows]
            if last is None:
                break
            after = answer.read_cursor(answer.write_cursor(last), question)

        assert len(seen) == len(set(seen)) == count


def test_equal_values_are_paged_without_loss(ask, project):
    write_facts(project, [{X: 0.5, PEAK: 700.0}] * 30)
    question = ask(x=X, y=PEAK, sort="-y")

    first, count, last = answer.answer_page(question, limit=20)
    second, _, end = answer.answer_page(question, limit=20, after=last)

    assert (count, len(second), end) == (30, 10, None)
    assert not {r["sample"] for r in first} & {r["sample"] for r in second}


def test_aggregates_agree_on_both_paths(ask, physical):
    question = ask(x=X, y=PEAK, color=T, aggregate=["median", "sd"], bins=5)

    assert aggregate.answer_groups(question, path=True) == aggregate.answer_groups(
        question, path=False
    )


@pytest.mark.parametrize(
    ("asked", "promotes"),
    [
        ({"x": X, "y": PEAK}, True),
        ({"x": T, "y": PEAK, "filter": [f"{X}:gt:0"]}, True),
        ({"x": X, "y": f"{PEAK}[I]"}, True),
        ({"x": X, "y": PEAK, "color": WIDTH}, True),
        ({"x": WIDTH, "y": PEAK}, False),
        ({"x": X, "y": PEAK, "filter": [f"{WIDTH}:gt:0"]}, False),
    ],
)
def test_promoted_descriptors_are_used_where_they_suffice(
    ask, physical, asked, promotes
):
    assert sql.can_promote(ask(**asked)) is promotes
