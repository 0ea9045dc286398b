"""Variables and relations by API."""

import io

import pyarrow.csv
import pyarrow.parquet
import pytest

from tests.analysis.conftest import client_of
from tests.analysis.relations.conftest import ATMOSPHERE, PEAK, T, X, write_facts
from tests.samples import factories

pytestmark = pytest.mark.django_db
RELATIONS, VARIABLES = "/api/v1/relations/", "/api/v1/variables/"


@pytest.fixture
def rows(project):
    told = [
        {X: n / 100, T: 200.0 + n % 3 * 50, f"{PEAK}[I]": 700.0 - n, ATMOSPHERE: "N2"}
        for n in range(100)
    ]
    write_facts(project, told)
    return told


def get(client, **query):
    return client.get(RELATIONS, {"x": X, "y": f"{PEAK}[I]", **query})


def test_a_relation_is_a_page_with_an_exact_count(client, rows):
    told = get(client, filter=f"{T}:eq:200", page_size=10).json()

    assert (told["count"], len(told["results"])) == (34, 10)
    assert [c["variable"] for c in told["columns"]] == [X, f"{PEAK}[I]"]
    assert told["columns"][1]["unit"] == "nm"
    assert told["filters"][0]["values"] == [200.0]
    first = told["results"][0]
    assert (first["sample"], first["x"], first["y"]) == ("S-00000", 0.0, 700.0)


def test_the_next_link_leads_through_all_of_it(client, rows):
    told = get(client, page_size=30).json()
    seen = [row["sample"] for row in told["results"]]
    while told["next"]:
        told = client.get(told["next"]).json()
        seen += [row["sample"] for row in told["results"]]

    assert len(seen) == len(set(seen)) == 100


def test_a_limit_gives_the_first_rows_at_once(client, rows):
    told = get(client, limit=70, sort="-x").json()

    assert (told["count"], len(told["results"]), told["next"]) == (100, 70, None)
    assert told["results"][0]["x"] == 0.99


def test_statistics_are_asked_for_in_the_address(client, rows):
    told = get(client, color=T, aggregate=["mean", "std"], bins=5).json()

    assert told["values"] == 100
    assert {"x", "x_low", "x_high", "color", "count", "mean", "sd"} <= set(
        told["results"][0]
    )


@pytest.mark.parametrize("aggregated", [False, True])
def test_files_are_whole_and_named(client, rows, aggregated):
    more = {"aggregate": "median", "bins": 4} if aggregated else {}

    as_csv = get(client, format="csv", **more)
    as_parquet = get(client, format="parquet", **more)

    assert as_csv["Content-Type"].startswith("text/csv")
    assert 'filename="relation.csv"' in as_csv["Content-Disposition"]
    table = pyarrow.csv.read_csv(io.BytesIO(as_csv.content))
    same = pyarrow.parquet.read_table(io.BytesIO(as_parquet.content))
    assert table.num_rows == same.num_rows == (4 if aggregated else 100)
    assert table.column_names == same.column_names
    assert table["x"].to_pylist() == pytest.approx(same["x"].to_pylist())


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"format": "xlsx"}, "format"),
        ({"limit": "many"}, "limit"),
        ({"limit": "0"}, "limit"),
        ({"page_size": "201"}, "page_size"),
        ({"cursor": "broken"}, "cursor"),
        ({"x": "composition.Secret"}, "x"),
        ({"x": "\x00"}, "x"),
        ({"filter": "\x00"}, "filter"),
        ({"filter": f"{ATMOSPHERE}:eq:\x00"}, "filter"),
        ({"project": "\x00"}, "project"),
        ({"filter": f"{PEAK}:gt:1e400"}, "filter"),
        ({"aggregate": "mean", "bins": "1e3"}, "bins"),
    ],
)
def test_a_wrong_question_is_told_its_parameter(client, rows, query, field):
    answer = get(client, **query)

    assert answer.status_code == 400
    assert field in answer.json()["errors"]


def test_too_many_rows_for_json_are_refused_with_advice(client, rows):
    answer = get(client, limit=100_001)

    assert answer.status_code == 413
    assert "parquet" in answer.json()["detail"]


def test_variables_tell_their_coverage(client, rows):
    told = client.get(VARIABLES).json()

    assert told["count"] == 4
    by_key = {row["key"]: row for row in told["results"]}
    assert (by_key[X]["count"], by_key[X]["minimum"], by_key[X]["maximum"]) == (
        100,
        0.0,
        0.99,
    )
    assert by_key[PEAK]["labels"] == [{"label": "I", "count": 100}]
    assert by_key[PEAK]["default_pick"] == "the peak with the largest area"
    assert "K" in by_key[T]["units"]
    assert (by_key[ATMOSPHERE]["kind"], by_key[ATMOSPHERE]["unit"]) == ("text", None)


def test_a_search_for_nothing_printable_is_refused(client, rows):
    assert client.get(f"{VARIABLES}?q=%00").status_code == 400
    assert client.get(f"{VARIABLES}%00/").status_code == 404


@pytest.mark.parametrize(
    ("query", "count"),
    [("family=process", 2), ("kind=text", 1), ("q=sinter", 2), ("q=zzz", 0)],
)
def test_variables_are_searched(client, rows, query, count):
    assert client.get(f"{VARIABLES}?{query}").json()["count"] == count


def test_variables_of_other_projects_do_not_exist(client, rows):
    stranger = factories.make_user("eve")
    hidden = factories.make_project(stranger, "hidden")
    write_facts(hidden, [{"composition.Secret": 0.5, PEAK: 1.0}])

    keys = {row["key"] for row in client.get(VARIABLES).json()["results"]}
    theirs = {
        row["key"]: row["count"]
        for row in client_of(stranger).get(VARIABLES).json()["results"]
    }

    assert "composition.Secret" not in keys
    assert theirs["composition.Secret"] == theirs[PEAK] == 1
    assert X not in theirs
    assert client.get(f"{VARIABLES}composition.Secret/").status_code == 404
    assert "Secret" not in str(get(client, x="composition.Secre").json()["errors"])[40:]


def test_one_variable_is_looked_up_by_its_key(client, rows):
    told = client.get(f"{VARIABLES}{PEAK}/").json()

    assert (told["key"], told["count"]) == (PEAK, 100)


def test_registries_are_read(client, db):
    analyses = client.get("/api/v1/analyses/").json()["results"]
    quantities = client.get("/api/v1/quantities/?page_size=200").json()["results"]

    fit = next(row for row in analyses if row["key"] == "pl_gaussians")
    assert (fit["technique"], fit["default_for"]) == ("pl", ["pl"])
    assert "peaks" in fit["parameters"]["properties"]
    assert {"pl.peak_wavelength", "jv.pce"} <= {row["key"] for row in quantities}
    assert client.get("/api/v1/quantities/pl.fwhm/").json()["unit"] == "nm"
    assert client.get("/api/v1/quantities/pl.none/").status_code == 404
    assert client.get("/api/v1/quantities/?cursor=").status_code == 200
    assert client.get("/api/v1/analyses/?technique=xps").json()["count"] == 0


def test_relations_ask_the_database_alike_however_many_rows(
    client, project, django_assert_max_num_queries
):
    counts = {}
    for prefix, size in (("A", 10), ("B", 990)):
        write_facts(
            project,
            [{X: n / size, T: 300.0, PEAK: 1.0 * n} for n in range(size)],
            prefix=prefix,
        )
        for query in (
            {"x": X, "y": PEAK, "page_size": 200},
            {"x": X, "y": PEAK, "color": T, "column": T, "limit": 1000},
            {"x": X, "y": PEAK, "aggregate": "mean"},
        ):
            client.get(RELATIONS, query)
            with django_assert_max_num_queries(12) as captured:
                assert client.get(RELATIONS, query).status_code == 200
            counts.setdefault(str(query), []).append(len(captured))
        with django_assert_max_num_queries(12) as captured:
            client.get(VARIABLES)
        counts.setdefault("variables", []).append(len(captured))

    assert all(first == second for first, second in counts.values())
