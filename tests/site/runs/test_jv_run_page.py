"""Pages of runs that take several sweeps, or a track; of what they are measured on."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.samples.factories import make_user
from tests.site.devices.test_device_results import make_device, upload
from tests.site.worlds.sweeps import sweeps_json, track_text

MEGABYTE = 1_000_000


@pytest.fixture
def device(ada, project):
    return make_device(ada, project, "D-1", "AB")


@pytest.fixture
def sweeps(ada, device):
    return upload(ada, device, sweeps_json("AB", hysteresis=0.1))


@pytest.fixture
def track(ada, device):
    data = track_text(1000, 4000, gap=(300, 340))
    return upload(ada, device, data, "mpp_tracking", name="track.csv", cell="A")


def test_both_directions_stand_side_by_side(client, sweeps):
    run = sweeps.runs.get(cell__label="A")

    page = client.get(run.get_absolute_url())

    sides = page.context["sides"]
    assert sides["labels"] == ["reverse", "forward"]
    rows = {row["symbol"]: row["cells"] for row in sides["rows"]}
    reverse, forward = (cell["value"].value for cell in rows["Jsc"])
    assert forward == pytest.approx(0.9 * reverse, rel=1e-3)
    text = page.content.decode()
    assert 'cell <span class="code">A</span>' in text
    assert "(PCE_rev-PCE_fwd)/PCE_rev" in text
    told = page.context["run"].parts.table("sweeps")
    assert told.column("sweep") == ("reverse", "forward")
    assert told.column("irradiance") == (100, 100)
    assert told.title in text


def test_the_figure_has_every_sweep_with_its_places(client, sweeps):
    run = sweeps.runs.get(cell__label="A")

    told = client.get(f"/runs/{run.uuid}/curves/").json()["panels"][0]

    measured = [one for one in told["curves"] if one["kind"] == "sweep"]
    assert [one["side"] for one in measured] == ["reverse", "forward"]
    assert len(measured[0]["x"]) == 56
    assert [pin["text"] for pin in told["pins"]] == ["Voc", "Jsc", "MPP"] * 2
    voc = next(pin for pin in told["pins"] if pin["text"] == "Voc")
    assert voc["y"] == 0
    assert voc["x"] == pytest.approx(
        run.values.get(quantity="jv.voc", label="reverse").value
    )
    assert [pin["hollow"] for pin in told["pins"]] == [False] * 3 + [True] * 3
    # Of forward bias only a little is shown.
    low, high = told["range"]
    assert high == pytest.approx(1.12 * 22, rel=0.01)
    assert -0.3 * high < low < 0


def test_a_value_that_is_missing_says_why(client, ada, device):
    voltage_too_small = sweeps_json("A", current=400)
    row = upload(ada, device, voltage_too_small)

    page = client.get(row.runs.get(cell__label="A").get_absolute_url())

    sides = page.context["sides"]
    voc = next(r for r in sides["rows"] if r["symbol"] == "Voc")
    assert voc["cells"][0]["value"] is None
    assert "does not change its sign" in voc["cells"][0]["reason"]
    assert voc["cells"][0]["reason"] in page.content.decode()


def test_flags_are_told_in_sentences(client, ada, device):
    row = upload(ada, device, sweeps_json("A", irradiance=35980.0))

    text = client.get(row.runs.get(cell__label="A").get_absolute_url()).content.decode()

    assert "impossible irradiance" in text
    assert "The stated irradiance cannot be and was not used." in text
    assert "irradiance_impossible" not in text


def test_the_measurement_lists_curves_and_runs_by_cell(client, sweeps):
    page = client.get(sweeps.get_absolute_url())

    groups = page.context["by_cell"]
    assert [group["label"] for group in groups] == ["A", "B"]
    assert [len(group["datasets"]) for group in groups] == [2, 2]
    assert [[run.cell.label for run in group["runs"]] for group in groups] == [
        ["A"],
        ["B"],
    ]
    assert [run.cell for run in page.context["runs"]]
    (told,) = client.get(f"/measurements/{sweeps.uuid}/curves/").json()["panels"]
    assert [one["cell"] for one in told["curves"]] == ["A", "A", "B", "B"]


def test_the_list_names_the_cells(client, sweeps):
    text = client.get("/measurements/").content.decode()
    runs = client.get("/runs/").content.decode()

    assert 'title="Cells A, B"' in text
    assert 'title="Cell A"' in runs


def test_questions_of_a_measurement_do_not_grow_with_its_cells(client, ada, project):
    def asked(labels, code):
        row = upload(ada, make_device(ada, project, code, labels), sweeps_json(labels))
        addresses = (row.get_absolute_url(), f"/measurements/{row.uuid}/curves/")
        counts = []
        for address in addresses:
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                client.get(address)
            counts.append(len(queries))
        return counts

    assert asked("AB", "D-2") == asked("ABCDEFGH", "D-3")


def test_a_track_shows_lifetimes_with_their_kind(client, track):
    run = track.runs.get()

    page = client.get(run.get_absolute_url())

    rows = {
        row["value"].quantity: row
        for row in page.context["other_values"]
        if not row["value"].label
    }
    t80 = rows["stability.t80"]
    assert t80["value"].value == pytest.approx(571.86, rel=0.02)
    (note,) = t80["notes"]
    assert note.key in ("measured", "interpolated")
    assert note.sentence in page.content.decode()
    assert t80["doubts"] == []
    (models,) = page.context["comparisons"]
    first, *others = models["rows"]
    assert first["candidate"].chosen
    assert first["distance"] == 0
    assert all(one["distance"] is None or one["distance"] > 0 for one in others)
    (gaps,) = page.context["tables"]
    assert gaps["rows"][0][2]["cell"] == pytest.approx(40, abs=1)
    assert page.context["intervals"] == "95 %"
    # A lifetime that is measured is no reason to doubt the run.
    assert page.context["doubts"] == []


def test_a_track_never_crossing_is_told_as_not_reached(client, ada, device):
    row = upload(ada, device, track_text(100), "mpp_tracking", name="a.csv", cell="A")

    page = client.get(row.runs.get().get_absolute_url())

    t80 = next(
        row
        for row in page.context["other_values"]
        if row["value"].quantity == "stability.t80"
    )
    (note,) = t80["notes"]
    assert (note.key, t80["value"].bound) == ("right_censored", ">")
    assert "not reached" in page.content.decode()


def test_a_long_track_weighs_little(client, ada, device):
    data = track_text(1500, 90_000)
    row = upload(ada, device, data, "mpp_tracking", name="long.csv", cell="A")
    run = row.runs.get()

    page = client.get(run.get_absolute_url())
    told = client.get(f"/runs/{run.uuid}/curves/")

    assert len(page.content) + len(told.content) < MEGABYTE
    (panel,) = told.json()["panels"]
    measured = panel["curves"][0]
    assert measured["kind"] == "points"
    assert 500 < len(measured["x"]) <= 2000
    assert {pin["text"] for pin in panel["pins"]} >= {"T80", "T95"}


def test_others_see_no_curves(client, sweeps):
    run = sweeps.runs.first()
    client.force_login(make_user("eve"))

    for address in (
        f"/measurements/{sweeps.uuid}/curves/",
        f"/runs/{run.uuid}/curves/",
        f"/samples/{sweeps.sample.uuid}/curves/",
    ):
        assert client.get(address).status_code == 404
