"""What an answer says: values, labels, units, provenance, statistics."""

import io

import numpy as np
import pyarrow.csv
import pyarrow.parquet
import pytest
from django.core.exceptions import ValidationError

from analysis import services
from analysis.relations import aggregate, answer, tables
from analysis.relations.question import read_question
from tests.analysis.conftest import done_run, make_measurement
from tests.analysis.relations.conftest import (
    ATMOSPHERE,
    GAP,
    PEAK,
    WIDTH,
    T,
    X,
    write_facts,
)
from tests.samples import factories

pytestmark = pytest.mark.django_db


def page(question):
    return answer.answer_page(question, limit=200)[0]


def refusal(ask, **parameters):
    with pytest.raises(ValidationError) as caught:
        ask(**parameters)
    return caught.value.message_dict


def test_a_labelled_value_is_asked_by_its_label(ask, project):
    write_facts(project, [{X: 0.25, f"{PEAK}[I]": 682.8, f"{PEAK}[II]": 716.9}])

    rows = page(ask(x=X, y=f"{PEAK}[II]"))

    assert [(row["y"], row["y_label"]) for row in rows] == [(716.9, "II")]


def test_without_a_label_the_answer_names_the_pick(ask, project):
    write_facts(project, [{X: 0.25, f"{PEAK}[I]": 682.8, f"{PEAK}[II]": 716.9}])
    question = ask(x=X, y=PEAK)

    (row,) = page(question)
    told = {c["name"]: c for c in answer.describe_columns(question.told)}

    assert (row["y"], row["y_label"]) == (682.8, "I")
    assert told["y"]["default_pick"] == "the peak with the largest area"
    assert told["x"]["default_pick"] is None


def test_units_are_converted_with_uncertainties_and_limits(ask, project):
    write_facts(
        project,
        [
            {
                X: {"value": 0.25, "uncertainty": 0.01},
                T: {"value": 300.0, "uncertainty": 2.0, "low": 297.0, "high": 303},
            }
        ],
    )

    (row,) = page(ask(x=X, y=T, x_unit="%", y_unit="K"))

    assert row["x"] == pytest.approx(25.0)
    assert row["x_uncertainty"] == pytest.approx(1.0)
    assert row["y"] == pytest.approx(573.15)
    assert row["y_uncertainty"] == pytest.approx(2.0)
    assert (row["y_low"], row["y_high"]) == (
        pytest.approx(570.15),
        pytest.approx(576.15),
    )


def test_colour_and_columns_may_be_missing_and_lose_no_row(ask, project):
    write_facts(
        project,
        [{X: 0.1, PEAK: 700.0, GAP: 1.7, ATMOSPHERE: "N2"}, {X: 0.2, PEAK: 710.0}],
    )

    rows = page(ask(x=X, y=PEAK, color=ATMOSPHERE, column=[GAP], unit=f"{GAP}:meV"))

    assert [row["color"] for row in rows] == ["N2", None]
    assert [row[GAP] for row in rows] == [pytest.approx(1700.0), None]


def test_texts_are_axes_and_filters_too(ask, project):
    write_facts(
        project,
        [
            {ATMOSPHERE: gas, PEAK: float(n)}
            for n, gas in enumerate(["N2", "Ar", "air"])
        ],
    )

    rows = page(ask(x=ATMOSPHERE, y=PEAK, filter=[f"{ATMOSPHERE}:in:N2,Ar"]))

    assert [row["x"] for row in rows] == ["Ar", "N2"]


def test_bounds_flags_and_origin_travel_with_the_value(ask, project):
    told = {"value": 1500.0, "bound": ">", "flags": ["censored"], "origin": "reported"}
    write_facts(project, [{X: 0.1, PEAK: told}])

    (row,) = page(ask(x=X, y=PEAK))

    assert (row["y_bound"], row["y_flags"], row["y_origin"]) == (
        ">",
        ["censored"],
        "reported",
    )


def test_origins_are_chosen(ask, project):
    write_facts(
        project,
        [
            {X: 0.1, PEAK: {"value": float(n), "origin": origin}}
            for n, origin in enumerate(["computed", "reported", "simulated"])
        ],
    )

    rows = page(ask(x=X, y=PEAK, origin=["computed,reported"]))

    assert {row["y_origin"] for row in rows} == {"computed", "reported"}


def test_every_number_leads_back_to_its_run(ask, user, project):
    factories.make_materials(user, project)
    sample = factories.make_sample(
        user, project, composition="(CsPbI3)0.25(agZIF-62)0.75"
    )
    run = done_run(user, make_measurement(user, sample))

    (row,) = page(ask(x=X, y=f"{PEAK}[II]"))

    value = run.values.get(label="II")
    assert (row["y_source"], row["y_run"]) == (value.uuid, run.uuid)
    assert (row["sample"], row["sample_id"]) == ("S-1", sample.uuid)
    assert (row["project"], row["state"], row["x"]) == ("glasses", "as made", 0.25)


def test_states_of_one_sample_are_rows_of_their_own(ask, user, project):
    factories.make_materials(user, project)
    sample = factories.make_sample(user, project, composition="CsPbI3")
    ageing = factories.make_process(
        user, project, "ageing", inputs=["S-1"], outputs=["S-1"]
    )
    for state, value in (("as made", 700.0), ({"process": str(ageing.uuid)}, 690.0)):
        services.record_value(
            user=user, sample=sample, quantity=PEAK, label="I", value=value, state=state
        )

    rows = page(ask(x=PEAK, y=f"{PEAK}[I]", sort="-y"))

    assert [(row["state"], row["y"]) for row in rows] == [
        ("as made", 700.0),
        ("after ageing", 690.0),
    ]


def test_a_filter_takes_its_unit(ask, project):
    write_facts(project, [{X: 0.1, T: t, PEAK: 700.0} for t in (200.0, 300.0, 350.0)])

    asked = {
        "eq:573.15 K": [300.0],
        "gt:573.15 K": [350.0],
        "ge:573.15 K": [300.0, 350.0],
        "lt:573.15 K": [200.0],
        "le:573.15 K": [200.0, 300.0],
        "ne:300": [200.0, 350.0],
        "in:200,350": [200.0, 350.0],
        "between:200,300": [200.0, 300.0],
    }

    for text, expected in asked.items():
        rows = page(ask(x=T, y=PEAK, filter=[f"{T}:{text}"]))
        assert [row["x"] for row in rows] == expected, text


# Who sees what


def test_facts_of_other_projects_are_neither_found_nor_counted(ask, project):
    stranger = factories.make_user("eve")
    hidden = factories.make_project(stranger, "hidden")
    write_facts(project, [{X: 0.1, PEAK: 700.0}])
    write_facts(hidden, [{X: 0.2, PEAK: 710.0}])

    for path in (True, False):
        rows, count, _ = answer.answer_page(ask(x=X, y=PEAK), limit=50, path=path)

        assert (count, [row["x"] for row in rows]) == (1, [0.1])


def test_a_hidden_variable_reads_like_one_that_does_not_exist(ask, project):
    stranger = factories.make_user("eve")
    hidden = factories.make_project(stranger, "hidden")
    write_facts(project, [{X: 0.1, PEAK: 700.0}])
    write_facts(hidden, [{"composition.CsPbI4": "unpublished", PEAK: 710.0}])

    real = refusal(ask, x="composition.CsPbI4", y=PEAK)
    imagined = refusal(ask, x="composition.CsPbI5", y=PEAK)

    assert real["x"][0].replace("CsPbI4", "CsPbI5") == imagined["x"][0]
    assert "near it: composition.CsPbI3" in imagined["x"][0]


def test_a_declared_quantity_nobody_has_yet_is_an_empty_answer(ask, project):
    write_facts(project, [{X: 0.1, PEAK: 700.0}])

    assert answer.answer_page(ask(x=X, y="jv.pce"), limit=50) == ([], 0, None)
    assert list(answer.answer_all(ask(x=X, y="jv.pce"))) == []
    assert aggregate.answer_groups(ask(x=X, y="jv.pce", aggregate="mean")) == ([], 0)


def test_a_person_without_projects_gets_an_empty_answer(db):
    question = read_question({"x": [PEAK], "y": [WIDTH]}, {})

    assert answer.answer_page(question, limit=50) == ([], 0, None)


# Refusals


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"x": X}, "y"),
        ({"y": PEAK}, "x"),
        ({"x": "CsPbI3", "y": PEAK}, "x"),
        ({"x": X, "y": f"{PEAK}[I"}, "y"),
        ({"x": X, "y": PEAK, "filter": ["nonsense"]}, "filter"),
        ({"x": X, "y": PEAK, "filter": [f"{T}:like:3"]}, "filter"),
        ({"x": X, "y": PEAK, "filter": [f"{T}:gt:hot"]}, "filter"),
        ({"x": X, "y": PEAK, "filter": [f"{T}:gt:nan"]}, "filter"),
        ({"x": X, "y": PEAK, "filter": [f"{T}:gt:5 eV"]}, "filter"),
        ({"x": X, "y": PEAK, "filter": [f"{ATMOSPHERE}:gt:5"]}, "filter"),
        ({"x": X, "y": PEAK, "filter": ["pl.nothing:gt:5"]}, "filter"),
        ({"x": X, "y": PEAK, "aggregate": "mode"}, "aggregate"),
        ({"x": X, "y": ATMOSPHERE, "aggregate": "mean"}, "aggregate"),
        ({"x": X, "y": PEAK, "bins": 5}, "bins"),
        ({"x": X, "y": PEAK, "aggregate": "mean", "bins": 0}, "bins"),
        ({"x": X, "y": PEAK, "aggregate": "mean", "bins": "٣"}, "bins"),
        ({"x": ATMOSPHERE, "y": PEAK, "aggregate": "mean", "bins": 3}, "bins"),
        ({"x": X, "y": PEAK, "aggregate": "mean", "bins": "facet:3"}, "bins"),
        ({"x": X, "y": PEAK, "aggregate": "mean", "bins": "x:3:log"}, "bins"),
        ({"x": X, "y": PEAK, "aggregate": "mean", "bins": ["x:3", "4"]}, "bins"),
        ({"x": X, "y": PEAK, "x_unit": "nm"}, "x_unit"),
        ({"x": X, "y": PEAK, "y_unit": "parsnip"}, "y_unit"),
        ({"x": X, "y": PEAK, "color_unit": "nm"}, "color_unit"),
        ({"x": X, "y": PEAK, "unit": "nm"}, "unit"),
        ({"x": X, "y": PEAK, "origin": "dreamt"}, "origin"),
        ({"x": X, "y": PEAK, "project": "hidden"}, "project"),
        ({"x": X, "y": PEAK, "sort": "color"}, "sort"),
        ({"x": X, "y": PEAK, "colour": T}, "colour"),
        ({"x": [X, T], "y": PEAK}, "x"),
    ],
)
def test_a_wrong_parameter_is_told_by_name(ask, project, parameters, field):
    write_facts(project, [{X: 0.1, T: 300.0, PEAK: 700.0, ATMOSPHERE: "N2"}])

    assert field in refusal(ask, **parameters)


@pytest.mark.parametrize("cursor", ["x", "AAAA", "W10", "bnVsbA", "WzEsICJhIl0", "é"])
def test_a_damaged_cursor_is_refused(ask, project, cursor):
    write_facts(project, [{X: 0.1, PEAK: 700.0}])

    with pytest.raises(ValidationError) as caught:
        answer.read_cursor(cursor, ask(x=X, y=PEAK))

    assert "cursor" in caught.value.message_dict


# Statistics


@pytest.fixture
def grouped(project):
    rng = np.random.default_rng(5)
    rows = [
        {X: x, T: t, PEAK: {"value": 700 + rng.normal(), "uncertainty": u}}
        for x in (0.1, 0.2)
        for t in (200.0, 300.0)
        for u in (0.5, 1.0, 2.0)
    ]
    write_facts(project, rows)
    return rows


def test_statistics_of_groups_are_those_of_numpy(ask, grouped):
    functions = ["mean", "median", "min", "max", "std", "weighted_mean", "count"]

    rows, total = aggregate.answer_groups(
        ask(x=X, y=PEAK, color=T, aggregate=functions)
    )

    assert (total, len(rows)) == (12, 4)
    assert [(row["x"], row["color"]) for row in rows] == [
        (0.1, 200.0),
        (0.1, 300.0),
        (0.2, 200.0),
        (0.2, 300.0),
    ]
    values = np.array([row[PEAK]["value"] for row in grouped[:3]])
    weights = np.array([0.5, 1.0, 2.0]) ** -2
    first = rows[0]
    assert first["count"] == 3
    assert first["mean"] == pytest.approx(values.mean())
    assert first["mean_uncertainty"] == pytest.approx(values.std(ddof=1) / 3**0.5)
    assert first["median"] == pytest.approx(np.median(values))
    assert (first["min"], first["max"]) == (values.min(), values.max())
    assert first["sd"] == pytest.approx(values.std(ddof=1))
    assert first["weighted_mean"] == pytest.approx(np.average(values, weights=weights))
    assert first["weighted_mean_uncertainty"] == pytest.approx(weights.sum() ** -0.5)


def test_bins_hold_every_value_once(ask, project):
    x = np.linspace(0, 1, 11)
    write_facts(project, [{X: float(v), PEAK: 700.0} for v in x])

    rows, total = aggregate.answer_groups(ask(x=X, y=PEAK, aggregate="count", bins=4))

    assert sum(row["count"] for row in rows) == total == 11
    assert [row["x_low"] for row in rows] == [0.0, 0.25, 0.5, 0.75]
    assert [row["count"] for row in rows] == [3, 2, 3, 3]


def test_statistics_come_in_the_unit_asked_for(ask, project):
    write_facts(project, [{X: 0.1, T: t} for t in (200.0, 300.0)])

    rows, _ = aggregate.answer_groups(
        ask(x=X, y=T, y_unit="K", aggregate=["mean", "sd"])
    )

    assert rows[0]["mean"] == pytest.approx(523.15)
    assert rows[0]["sd"] == pytest.approx(np.std([200, 300], ddof=1))


def test_limits_among_the_values_are_counted(ask, project):
    write_facts(
        project,
        [{X: 0.1, PEAK: 1.0}, {X: 0.1, PEAK: {"value": 2.0, "bound": ">"}}],
    )

    rows, _ = aggregate.answer_groups(ask(x=X, y=PEAK, aggregate="median"))

    assert (rows[0]["count"], rows[0]["bounded"]) == (2, 1)


def test_groups_may_be_of_other_variables(ask, grouped):
    rows, _ = aggregate.answer_groups(ask(x=X, y=PEAK, aggregate=f"mean:{T}"))

    assert [(row[T], row["count"]) for row in rows] == [(200.0, 6), (300.0, 6)]


def test_a_missing_colour_is_a_group_of_its_own(ask, project):
    write_facts(project, [{X: 0.1, PEAK: 1.0, ATMOSPHERE: "N2"}, {X: 0.1, PEAK: 2.0}])

    rows, _ = aggregate.answer_groups(
        ask(x=X, y=PEAK, color=ATMOSPHERE, aggregate="mean")
    )

    assert [(row["color"], row["mean"]) for row in rows] == [("N2", 1.0), (None, 2.0)]
    assert rows[0]["mean_uncertainty"] is None


# Files


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_files_hold_every_row_with_units(ask, project, kind):
    write_facts(project, [{X: n / 3000, PEAK: 700.0 + n} for n in range(2500)])
    question = ask(x=X, y=PEAK)
    table = tables.build_table(
        answer.answer_all(question),
        answer.column_names(question),
        answer.describe_columns(question.told),
        {"x": [X]},
    )

    data = io.BytesIO(tables.write_table(table, kind))
    read = (
        pyarrow.parquet.read_table(data)
        if kind == "parquet"
        else pyarrow.csv.read_csv(data)
    )

    assert read.num_rows == 2500
    assert read["y"].to_pylist() == [700.0 + n for n in range(2500)]
    assert read["y_unit"].to_pylist()[0] == "nm"
    assert read["sample"].to_pylist()[0] == "S-00000"
    if kind == "parquet":
        assert read.schema.field("y").metadata[b"variable"] == PEAK.encode()
