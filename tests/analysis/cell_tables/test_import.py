"""Tables become cells: all of a table or nothing, values on the right states."""

import json

import pytest

from analysis.models import PropertyValue
from samples.models import Cell, Fact, Layer, Process, Sample, Stack
from tests.analysis.conftest import client_of
from tests.samples import factories

ADDRESS = "/api/v1/cell-tables/"
TABLE = """sample,pixel,PCE_before,PCE_after,PCE_delta,area (mm²),interlayer
D-1,A,20,18,10,9,PEAI
D-1,B,21,,,9,PEAI
D-2,A,19,9.5,50,9,
"""


def send(client, table=TABLE, **more):
    told = {
        "project": "glasses",
        "table": table,
        "batch": "B-7",
        "ageing": {"duration": "150 h", "atmosphere": "N2"},
        "create_materials": True,
    } | more
    return client.post(ADDRESS, json.dumps(told), content_type="application/json")


def values_of(code, cell, relation):
    rows = PropertyValue.objects.filter(
        sample__code=code, subject__cell__label=cell, subject__relation=relation
    )
    return {
        f"{row.quantity}[{row.label}]" if row.label else row.quantity: row.value
        for row in rows
    }


def test_a_table_becomes_devices_cells_and_values(client, project):
    answer = send(client)

    assert answer.status_code == 201, answer.json()
    told = answer.json()
    assert (told["devices"], told["cells"], told["values"]) == (2, 3, 10)
    assert values_of("D-1", "A", "as_made") == {"jv.pce": 20}
    assert values_of("D-1", "A", "after") == {
        "jv.pce": 18,
        "stability.initial_pce": 20,
        "stability.loss[150 h]": 10,
    }
    assert values_of("D-1", "B", "as_made") == {"jv.pce": 21}
    assert set(Cell.objects.values_list("active_area", flat=True)) == {0.09}
    assert Layer.objects.get().material.name == "PEAI"
    assert Stack.objects.get().sample.code == "D-1"
    assert Sample.objects.get(code="D-2").batch.code == "B-7"


def test_the_ageing_is_one_act_on_all_of_them(client, project):
    send(client)

    act = Process.objects.get(kind="ageing")
    assert act.in_place
    assert act.parameters == {"duration": 9000.0, "atmosphere": "N2"}
    assert act.inputs.count() == 2


def test_rows_aged_differently_have_acts_of_their_own(client, project):
    table = "sample,PCE_after,humidity\nD-1,18,20\nD-2,17,85\n"

    send(client, table)

    assert sorted(
        act.parameters["humidity"] for act in Process.objects.filter(kind="ageing")
    ) == [20, 85]
    fact = Fact.objects.get(
        variable__key="process.ageing.humidity",
        sample__code="D-2",
        subject__cell__isnull=False,
        subject__process__isnull=False,
    )
    assert fact.value == 85


def test_what_was_imported_is_a_relation_of_cells(client, project):
    send(client)

    answer = client.get(
        "/api/v1/relations/", {"x": "stability.initial_pce", "y": "stability.loss"}
    ).json()

    assert [
        (row["sample"], row["cell"], row["state"], row["x"], row["y"])
        for row in answer["results"]
    ] == [
        ("D-2", "A", "after Ageing 150 h", 19, 50),
        ("D-1", "A", "after Ageing 150 h", 20, 10),
    ]


def test_day_and_operator_group_what_was_made(client, project):
    table = "sample,PCE,date,operator\nD-1,18,2026-03-05,mei\nD-2,17,2026-03-06,jo\n"

    send(client, table, ageing=None)

    for variable, value in (("operator", "mei"), ("made_on", "2026-03-05")):
        answer = client.get(
            "/api/v1/relations/", {"x": f"sample.{variable}", "y": "jv.pce"}
        ).json()
        told = {row["sample"]: row["x"] for row in answer["results"]}
        assert told["D-1"] == value
        assert told["D-2"] != value


@pytest.mark.parametrize(
    ("table", "line", "where", "words"),
    [
        ("sample,PCE\nD-1,20\nD-2,abc\n", "3", "PCE", "abc"),
        ("sample,pixel,PCE\nD-1,A,20\nD-1,A,21\n", "3", "code", "line 2"),
        ("sample,PCE\nD-1,20\nD 2,21\n", "3", "code", "D 2"),
        ("sample,PCE\nD-1,20\nD-2,\n", "3", "values", "no value"),
        ("sample,PCE,area\nD-1,20,0.1\nD-2,20,0\n", "3", "area", "cannot be"),
        ("sample,FF\nD-1,0.7\nD-2,71\n", "3", "FF", "is the unit another"),
        ("sample,PCE\nD-1,20\nD-2,1e9\n", "3", "PCE", "is the unit another"),
        ("sample,PCE,date\nD-1,20,\nD-2,20,spring\n", "3", "date", "not a date"),
        (
            "sample,pixel,PCE,interlayer\nD-1,A,20,PEAI\nD-1,B,20,BAI\n",
            "3",
            "layer.interlayer.material",
            "PEAI",
        ),
    ],
)
def test_one_wrong_row_keeps_all_of_them_out(
    client, project, table, line, where, words
):
    answer = send(client, table, ageing=None)

    assert answer.status_code == 400
    assert words in answer.json()["errors"]["rows"][line][where][0]
    assert not Sample.objects.exists()
    assert not PropertyValue.objects.exists()


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"ageing": None}, "duration"),
        ({"ageing": {"duration": "150 eV"}}, "ageing"),
        ({"create_materials": False}, "create_materials"),
        ({"columns": [{"column": "PCE_before", "to": "jv.nothing"}]}, "columns"),
        ({"columns": [{"column": "nowhere", "to": "jv.pce"}]}, "columns"),
        ({"columns": [{"column": "3", "to": "jv.pce"}]}, "code"),
        ({"columns": [{"column": "sample", "to": "code"}]}, "columns"),
        ({"table": "nonsense"}, "table"),
        ({"reference": {"doi": "nonsense"}}, "reference"),
        ({"project": "elsewhere"}, "project"),
        ({"colums": []}, "colums"),
    ],
)
def test_what_is_wrong_of_the_whole_is_told_by_field(client, project, more, field):
    answer = send(client, **more)

    assert answer.status_code == 400
    assert field in answer.json()["errors"]
    assert not Sample.objects.exists()


def test_a_dry_run_tells_and_saves_nothing(client, project):
    answer = send(client, dry_run=True)

    told = answer.json()
    assert (answer.status_code, told["sound"]) == (200, True)
    assert (told["devices"], told["cells"], told["values"]) == (2, 3, 10)
    assert "The loss follows from the efficiencies in 2 rows." in told["notes"]
    assert not Sample.objects.exists()


def test_a_loss_that_contradicts_its_efficiencies_is_told(client, project):
    table = "sample,PCE_before,PCE_after,PCE_delta\nD-1,20,18,10\nD-2,20,18,20\n"

    told = send(client, table, dry_run=True).json()

    assert any("1 rows, and not in 1" in note for note in told["notes"])


def test_columns_are_what_the_caller_says(client, project):
    columns = [
        {"column": "sample", "to": "code"},
        {"column": "4", "to": "jv.pce", "label": "reverse"},
    ]

    answer = send(
        client, "sample;a;b;result\nD-1;1;2;17,5(2)\n", columns=columns, ageing=None
    )

    assert answer.status_code == 201, answer.json()
    value = PropertyValue.objects.get()
    assert (value.quantity, value.label) == ("jv.pce", "reverse")
    assert (value.value, value.uncertainty) == pytest.approx((17.5, 0.2))


def test_values_keep_bound_origin_and_reference(client, project):
    send(
        client,
        "sample,T80 (h)\nD-1,> 1500\nD-2,12 d\n",
        origin="reported",
        reference={"doi": "https://doi.org/10.1038/abc", "locator": "Table 1"},
    )

    first, second = PropertyValue.objects.order_by("pk")
    assert (first.value, first.bound, second.value) == (1500, ">", 288)
    assert (first.origin, first.reference_doi) == ("reported", "10.1038/abc")


def test_devices_that_exist_get_values_and_missing_cells(client, user, project):
    sample = factories.make_sample(user, project, "D-1", kind="device")
    Cell.objects.create(sample=sample, label="A")

    answer = send(client, "sample,pixel,PCE,area (cm2)\nD-1,A,20,0.1\nD-1,B,21,0.1\n")

    assert answer.json()["devices"] == 0
    assert list(sample.cells.values_list("label", "active_area")) == [
        ("A", 0.1),
        ("B", 0.1),
    ]
    assert values_of("D-1", "B", "as_made") == {"jv.pce": 21}


def test_an_import_is_put_away_again_whole(client, user, project):
    factories.make_sample(user, project, "D-2", kind="device")
    made = send(client, TABLE.replace("9.5,50,9,", "9.5,50,,")).json()

    answer = client.post(f"{ADDRESS}{made['import_id']}/archive/")

    assert answer.json() == {"archived": 1}
    assert Sample.objects.get(code="D-1").archived_at
    assert Sample.objects.get(code="D-2").archived_at is None
    assert not Fact.objects.filter(sample__code="D-1").exists()
    again = client.post(f"{ADDRESS}{made['import_id']}/archive/")
    assert again.status_code == 400


def test_only_writers_import_and_put_away(client, user, project):
    made = send(client).json()
    viewer, stranger = factories.make_user("eve"), factories.make_user("mal")
    factories.add_member(project, viewer, "viewer")

    for person, codes in ((viewer, (403, 403)), (stranger, (400, 400))):
        other = client_of(person)
        archived = other.post(f"{ADDRESS}{made['import_id']}/archive/")
        assert (send(other).status_code, archived.status_code) == codes
    assert not Sample.objects.filter(archived_at__isnull=False).exists()


@pytest.mark.proof
def test_stability_follows_efficiency_of_2245_published_cells(
    client, project, real_file
):
    table = real_file("stability/PCE_df_grouping.csv").read_text()
    made = send(
        client,
        table,
        batch="SOM",
        code="{batch}-{n:04}",
        ageing={"duration": "150 h"},
        origin="reported",
    )
    assert made.status_code == 201, made.json()
    assert made.json()["cells"] == 2245

    answer = client.get(
        "/api/v1/relations/",
        {
            "x": "stability.initial_pce",
            "y": "stability.loss[150 h]",
            "aggregate": "mean",
            "bins": "x:5",
        },
    ).json()

    assert [row["count"] for row in answer["results"]] == [449] * 5
    assert [round(row["mean"], 2) for row in answer["results"]] == [
        36.77,
        33.48,
        27.94,
        22.65,
        22.04,
    ]
