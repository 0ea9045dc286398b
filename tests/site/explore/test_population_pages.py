"""Populations: numbers, what was left out and why, and who may leave out."""

import csv
import io

import pytest

from analysis import services
from analysis.cell_tables.plan import plan_cells
from analysis.cell_tables.reading import read_cells
from analysis.models import Decision, PropertyValue
from labdata.common.record.history import recording
from tests.samples import factories

API = "/api/v1/populations/"
PAGE = "/populations/"
BY = "layer.interlayer.material"
TABLE = """sample,cell,PCE,interlayer,batch
R-1,A,20.0,none,B1
R-1,B,20.4,none,B1
R-2,A,19.0,none,B1
R-2,B,19.4,none,B2
P-1,A,24.0,PEAI,B1
P-1,B,24.6,PEAI,B1
P-2,A,25.0,PEAI,B2
P-2,B,1.0,PEAI,B2
P-3,A,24.2,PEAI,B2
"""


@pytest.fixture
def user(db):
    return factories.make_user()


@pytest.fixture
def project(user):
    return factories.make_project(user)


@pytest.fixture
def cells(client, user, project):
    client.force_login(user)
    return fill(user, project, TABLE)


def fill(user, project, table, **more):
    plan = plan_cells(
        project=project, table=read_cells(table), create_materials=True, **more
    )
    with recording(user=user):
        return services.import_cells(
            user=user, project=project, plan=plan, origin="manual"
        )


def ask(client, **more):
    answer = client.get(API, {"y": "jv.pce", "by": BY} | more)
    assert answer.status_code == 200, answer.json()
    return answer.json()


def groups(told):
    return {group["group"]: group for group in told["groups"]}


def worst():
    return PropertyValue.objects.get(value=1.0)


def test_groups_are_told_in_numbers_with_their_champions(client, cells):
    told = groups(ask(client))

    none = told["none"]
    assert (none["n"], none["devices"]) == (4, 2)
    assert none["mean"] == pytest.approx(19.7)
    assert none["median"] == pytest.approx(19.7)
    assert (none["lower_quartile"], none["upper_quartile"]) == pytest.approx(
        (19.3, 20.1)
    )
    assert none["standard_deviation"] == pytest.approx(0.6218, abs=1e-4)
    assert none["champion"] == "R-1 / B"
    assert told["PEAI"]["champion"] == "P-2 / A"


def test_a_champion_is_a_query(client, cells):
    for group in ask(client)["groups"]:
        answer = client.get(f"/api/v1/relations/?{group['champion_query']}").json()
        (row,) = answer["results"]
        assert f"{row['sample']} / {row['cell']}" == group["champion"]


def test_an_outlier_is_told_and_counted(client, cells):
    told = ask(client)

    outliers = [point for point in told["points"] if point["outlier"]]
    assert [(point["sample"], point["value"]) for point in outliers] == [("P-2", 1.0)]
    assert groups(told)["PEAI"]["mean"] == pytest.approx(19.76)


def test_cells_of_one_device_are_not_taken_for_independent(client, cells):
    told = ask(client)

    tests = {(t["independent"], t["test"]) for t in told["tests"]}
    assert ("device", "Welch's t test") in tests
    assert ("value", "Mann-Whitney U test") in tests
    assert any("not independent" in note for note in told["notes"])
    assert told["intraclass_correlation"] is not None


def test_pairs_carry_the_correction_of_holm(client, user, project, cells):
    fill(user, project, "sample,PCE,interlayer\nB-1,22,BAI\nB-2,23,BAI\n")

    pairs = [t for t in ask(client)["tests"] if t["first"] and "Welch" in t["test"]]

    assert len(pairs) == 6
    assert all(t["p_value_holm"] >= t["p_value"] for t in pairs)
    assert {t["independent"] for t in pairs} == {"device", "value"}


def test_what_is_left_out_keeps_its_place_and_reason(client, user, cells):
    services.decide(user=user, about=worst(), verdict="rejected", reason="shorted")

    told = ask(client)

    (out,) = [point for point in told["points"] if point["excluded"]]
    assert (out["group"], out["reason"], out["excluded_by"]) == (
        "PEAI",
        "shorted",
        "ada",
    )
    assert (told["count"], told["excluded"]) == (8, 1)
    assert groups(told)["PEAI"]["mean"] == pytest.approx(24.45)


def test_filters_hold_for_what_is_left_out_too(client, user, cells):
    services.decide(user=user, about=worst(), verdict="rejected", reason="shorted")

    for text, count in (
        ("sample.batch:eq:B2", 1),
        ("sample.batch:eq:B1", 0),
        ("sample.batch:in:B1,B2", 1),
        ("jv.pce:gt:10", 0),
        ("jv.pce:between:0,5", 1),
        ("jv.pce:le:1 %", 1),
        ("jv.pce:ne:1", 0),
    ):
        assert ask(client, filter=text)["excluded"] == count, text


def test_another_value_of_a_subject_answers_and_nothing_is_left_out(
    client, user, cells
):
    value = worst()
    PropertyValue.objects.create(
        project=value.project,
        sample=value.sample,
        subject=value.subject,
        quantity="jv.pce",
        value=23.0,
        origin="manual",
        is_default=True,
        created_by=user,
    )
    services.decide(user=user, about=value, verdict="rejected", reason="shorted")

    told = ask(client)

    assert (told["count"], told["excluded"]) == (9, 0)


@pytest.mark.parametrize(
    ("more", "count"),
    [
        ({"by": "sample.batch"}, 2),
        ({"by": "sample.operator"}, 1),
        ({"by": "sample.made_on"}, 1),
        ({"by": "cell.label"}, 2),
        ({"by": "jv.pce"}, 9),
        ({"by": "jv.pce", "bins": "3"}, 3),
        ({"by": "jv.pce", "bins": "by:2:width"}, 2),
        ({"by": ""}, 1),
    ],
)
def test_any_variable_groups(client, cells, more, count):
    told = ask(client, **more)

    assert len(told["groups"]) == count
    assert sum(group["n"] for group in told["groups"]) == 9


def test_many_numbers_are_parted_at_their_quartiles(client, user, project, cells):
    rows = "\n".join(f"S-{n},{n / 4}" for n in range(1, 41))
    fill(user, project, f"sample,Voc\n{rows}\n".replace("Voc", "Jsc"))

    told = ask(client, y="jv.jsc", by="jv.jsc")

    assert [group["n"] for group in told["groups"]] == [10] * 4
    assert any("quartiles" in note for note in told["notes"])


def test_what_lacks_the_grouping_variable_is_a_group_of_its_own(
    client, user, project, cells
):
    fill(user, project, "sample,PCE\nX-1,22\n")

    assert groups(ask(client))["none recorded"]["n"] == 1


def test_lifetimes_that_are_limits_lead_to_their_survival(client, user, project, cells):
    fill(
        user,
        project,
        "sample,T80 (h),interlayer\nT-1,> 1500,PEAI\nT-2,900,PEAI\nT-3,400,none\n",
        ageing={"duration": "1500 h"},
    )

    told = ask(client, y="stability.t80")
    page = client.get(PAGE, {"y": "stability.t80", "by": BY}).content.decode()

    assert told["bounded"] == 1
    assert any("limits" in note for note in told["notes"])
    assert "/stability/survival/?y=stability.t80&amp;by=layer.interlayer" in page
    assert (
        "/stability/survival/" not in client.get(PAGE, {"y": "jv.pce"}).content.decode()
    )


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"y": ""}, "y"),
        ({"y": "sample.code"}, "y"),
        ({"y": "jv.nothing"}, "y"),
        ({"by": "layer.nothing.material"}, "by"),
        ({"bins": "5"}, "bins"),
        ({"by": "jv.pce", "bins": "many"}, "bins"),
        ({"best": "middle"}, "best"),
        ({"filter": "nonsense"}, "filter"),
        ({"bye": "sample.batch"}, "bye"),
        ({"format": "xlsx"}, "format"),
        ({"format": "csv", "table": "chairs"}, "table"),
    ],
)
def test_a_wrong_question_is_told_its_parameter(client, cells, more, field):
    answer = client.get(API, {"y": "jv.pce", "by": BY} | more)

    assert answer.status_code == 400
    assert field in answer.json()["errors"]


@pytest.mark.parametrize(
    ("table", "count", "column"),
    [("groups", 2, "median"), ("points", 9, "outlier"), ("tests", 8, "p_value_holm")],
)
def test_files_hold_the_same(client, cells, table, count, column):
    answer = client.get(API, {"y": "jv.pce", "by": BY, "format": "csv", "table": table})

    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert len(rows) == count
    assert column in rows[0]
    assert {row["unit"] for row in rows} == {"%"}


# The page


def test_the_page_tells_groups_tests_and_outliers(client, cells):
    page = client.get(PAGE, {"y": "jv.pce", "by": BY}).content.decode()

    assert "Devices compared" in page
    assert "Holm&#x27;s correction" in page or "Holm's correction" in page
    assert "R-1 / B" in page
    assert 'placeholder="reason to leave it out"' in page
    assert "n − 1" in page


def test_an_empty_population_says_what_to_do(client, user, project):
    client.force_login(user)

    assert "Import a table of cells" in client.get(PAGE).content.decode()
    page = client.get(PAGE, {"y": "jv.pce"}).content.decode()
    assert "No cell has this" in page


def test_points_of_the_picture_are_those_of_the_answer(client, cells):
    told = client.get("/populations/points/", {"y": "jv.pce", "by": BY}).json()

    assert [group["name"] for group in told["groups"]] == ["none", "PEAI"]
    assert sorted(told["points"]["value"])[0] == 1.0
    assert told["y"]["unit"] == "%"


def test_a_value_is_left_out_with_a_reason_and_counted_again(client, cells):
    value = worst()
    query = "y=jv.pce&by=layer.interlayer.material"
    sent = {"value": value.uuid, "query": query}

    client.post("/populations/exclude/", sent)
    assert not Decision.objects.exists()
    answer = client.post("/populations/exclude/", sent | {"reason": "shorted"})
    assert answer["Location"] == f"{PAGE}?{query}"
    page = client.get(answer["Location"]).content.decode()
    assert "left out: shorted" in page
    assert ask(client)["excluded"] == 1
    client.post("/populations/exclude/", sent | {"again": "yes"})

    assert ask(client)["excluded"] == 0
    assert [one.verdict for one in value.decisions.all()] == ["withdrawn", "rejected"]


def test_only_writers_leave_out_and_strangers_see_nothing(client, user, project, cells):
    value = worst()
    sent = {"value": value.uuid, "reason": "shorted"}
    viewer, stranger = factories.make_user("eve"), factories.make_user("mal")
    factories.add_member(project, viewer, "viewer")

    client.force_login(viewer)
    assert client.post("/populations/exclude/", sent).status_code == 403
    assert "Leave out" not in client.get(PAGE, {"y": "jv.pce"}).content.decode()
    client.force_login(stranger)
    assert client.post("/populations/exclude/", sent).status_code == 404
    assert client.post("/populations/exclude/", {"value": "x"}).status_code == 404
    assert client.get(API, {"y": "jv.pce"}).json()["count"] == 0
    assert not Decision.objects.exists()


def test_the_number_of_queries_does_not_grow(
    client, user, project, cells, django_assert_max_num_queries
):
    services.decide(user=user, about=worst(), verdict="rejected", reason="shorted")
    rows = "\n".join(f"M-{n},{15 + n / 50},none" for n in range(200))
    fill(user, project, f"sample,PCE,interlayer\n{rows}\n")

    with django_assert_max_num_queries(30):
        client.get(PAGE, {"y": "jv.pce", "by": BY})
