"""Tables in forms, and forms built from the schema of an analysis."""

import pytest
from django.http import QueryDict

from analysis.contract.registry import analyses
from labdata.site.kit.forms import Column, RowTable
from labdata.site.kit.results.run_forms import RunForm

COLUMNS = (
    Column("ramp", "Ramp"),
    Column("cooling", "Cooling", (("", "—"), ("q", "Q"))),
)


def sent(*rows):
    data = {"program-total": str(len(rows))}
    for index, row in enumerate(rows):
        data |= {f"program-{index}-{key}": value for key, value in row.items()}
    query = QueryDict(mutable=True)
    query.update(data)
    return query


def test_rows_left_empty_count_for_nothing():
    data = sent({"ramp": "20"}, {"ramp": " ", "cooling": ""}, {"cooling": "q"})

    table = RowTable("program", COLUMNS, data=data)

    assert table.values() == [
        {"ramp": "20", "cooling": None},
        {"ramp": None, "cooling": "q"},
    ]


def test_an_error_by_index_finds_its_row_and_cell():
    table = RowTable("program", COLUMNS, data=sent({}, {"ramp": "-5"}))

    table.take({0: {"ramp": "-5 is negative"}})

    assert table.rows[1][0].errors == ["-5 is negative"]


def test_an_error_about_no_row_stands_below_the_table():
    table = RowTable("program", COLUMNS, data=sent({"ramp": "1"}))

    table.take({7: {"ramp": "too many"}})

    assert table.errors == ["7: ramp: too many"]


@pytest.mark.parametrize("total", ["", "-1", "a", "99999999999"])
def test_a_forged_number_of_rows_does_no_harm(total):
    data = sent({"ramp": "1"})
    data["program-total"] = total

    table = RowTable("program", COLUMNS, data=data)

    assert 1 <= len(table.rows) <= RowTable.longest


@pytest.fixture
def spec():
    return analyses["pl_gaussians"]


def test_a_form_as_it_opens_asks_for_the_defaults(spec):
    opened = RunForm(spec=spec)
    data = {name: opened[name].value() for name in opened.fields}

    form = RunForm({k: v for k, v in data.items() if v not in (None, "")}, spec=spec)

    assert form.is_valid(), form.errors
    assert spec.clean_parameters(form.parameters) == spec.clean_parameters()


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("620 780", [620.0, 780.0]),
        ("620; 780", [620.0, 780.0]),
        ("[620, 780]", [620, 780]),
        ("", None),
    ],
)
def test_a_window_is_two_numbers_however_they_are_separated(spec, typed, expected):
    form = RunForm({"parameter_window": typed}, spec=spec)

    form.is_valid()

    assert form.parameters["window"] == expected


def test_a_number_that_is_none_is_refused_at_its_field(spec):
    form = RunForm({"parameter_window": "620 far"}, spec=spec)

    assert "far" in form.errors["parameter_window"][0]
