"""The board of tests, survival of cells, tracks appended and series put together."""

import io
import json

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import measurements.services
from labdata.common.jobs.runner import execute_queued
from tests.samples.factories import make_sample, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def track(lifetime, hours=400.0, step=2.0):
    """A track of a cell that keeps 80 % of its 20 % for ``lifetime`` hours."""
    time = np.arange(0, hours, step)
    noise = np.random.default_rng(int(lifetime)).normal(0, 0.02, time.size)
    pce = 20 * np.exp(-time / lifetime * -np.log(0.8)) + noise
    rows = [f"{hour:.2f},{value:.5f}" for hour, value in zip(time, pce, strict=True)]
    return "\n".join(["time (h),pce (%)", *rows, ""]).encode()


@pytest.fixture
def under_test(ada, project):
    """Log tracks of cells by their lifetimes, in batches, and analyse them."""

    def log(lifetimes, batch="B-1", **conditions):
        made = []
        for number, lifetime in enumerate(lifetimes):
            sample = make_sample(
                ada, project, f"{batch}-{number}", kind="device", batch=batch
            )
            made.append(
                measurements.services.create_measurement(
                    user=ada,
                    sample=sample,
                    technique="mpp_tracking",
                    files=[("track.csv", io.BytesIO(track(lifetime)))],
                    conditions=conditions,
                )
            )
        execute_queued()
        return made

    return log


def board(client, **asked):
    return client.get(reverse("site:stability"), asked).content.decode()


def rows(client, **asked):
    return client.get("/api/v1/stability/", asked).json()["results"]


def test_an_empty_board_says_what_to_do(client, ada):
    page = board(client)

    assert "No cell is under test yet." in page
    assert "technique=mpp_tracking" in page


def test_the_board_tells_where_each_test_stands(client, under_test):
    under_test([300.0, 3000.0], isos_protocol="isos l1", load="fixed_resistor")

    page = board(client)
    dead, alive = sorted(rows(client), key=lambda row: row["sample"])

    assert "Still ageing" in page
    assert "ISOS-L-1" in page
    assert dead["protocol"] == "ISOS-L-1"
    assert dead["verdict"] == "fails"
    assert dead["state"] == "running"
    assert dead["hours"] == 398
    assert dead["t80"]["bound"] == "="
    assert dead["t80"]["value"] == pytest.approx(300, abs=10)
    assert alive["t80"]["bound"] == ">"
    assert alive["te80"]["low"] < 3000 < alive["te80"]["high"]
    assert alive["retention"]["value"] == pytest.approx(97.1, abs=0.5)
    assert "projected" in page
    assert "&gt; 398 h" in page


def test_a_test_without_lifetimes_does_not_hide_the_others(client, ada, under_test):
    (well,) = under_test([300.0])
    for number, data in enumerate((b"0,20\n", b"0,-20\n1,-19\n")):
        measurements.services.create_measurement(
            user=ada,
            sample=make_sample(ada, well.project, f"SHORT-{number}", kind="device"),
            technique="mpp_tracking",
            files=[("short.csv", io.BytesIO(b"time (h),pce (%)\n" + data))],
        )
    execute_queued()

    page = board(client)

    assert "B-1-0" in page
    assert "SHORT-0" in page
    assert "SHORT-1" in page
    assert "not analysed yet" in page


def test_filters_leave_what_fits(client, under_test):
    under_test([300.0], batch="B-1", isos_protocol="ISOS-L-1")
    ended = under_test([900.0], batch="B-2", test_state="ended")[0]

    def found(**asked):
        return [row["sample"] for row in rows(client, **asked)]

    assert found() == ["B-1-0", "B-2-0"]
    assert found(batch="B-2") == ["B-2-0"]
    assert found(protocol="L1") == ["B-1-0"]
    assert found(state="ended") == [ended.sample.code]
    assert found(by="sample.batch", group="B-1") == ["B-1-0"]
    assert found(project="elsewhere") == []


def test_a_page_of_many_asks_no_more_than_one_of_few(client, under_test):
    under_test([300.0, 900.0], batch="B-1")
    client.get(reverse("site:stability"))
    counts = []
    for batch in ("", "B-2"):
        if batch:
            under_test([300.0 + 50 * n for n in range(8)], batch=batch)
        for address in (reverse("site:stability"), "/api/v1/stability/"):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address, {"by": "sample.batch"}).status_code == 200
            counts.append(len(queries))

    assert counts[:2] == counts[2:]


def test_ticked_tests_are_drawn_together_from_their_beginning(client, under_test):
    under_test([300.0, 900.0])
    chosen = [row["dataset"] for row in rows(client)]

    response = client.get(reverse("site:stability-together"), {"id": chosen})
    query = response.url.partition("?")[2]
    told = json.loads(client.get(f"{reverse('site:overlay-data')}?{query}").content)

    assert len(told["curves"]) == 2
    assert [one["y"][0] for one in told["curves"]] == pytest.approx([1, 1], abs=0.02)
    assert told["y"]["label"] == "Efficiency, of the initial"


def test_a_file_is_appended_on_the_page(client, under_test):
    row = under_test([900.0])[0]
    data = b"time (h),pce (%)\n400,18\n402,18\n404,18\n406,18\n"

    page = client.get(row.get_absolute_url()).content.decode()
    client.post(
        reverse("site:track-append", args=[row.uuid]),
        {"file": io.BytesIO(data)},
    )
    execute_queued()

    assert "Append to this track" in page
    assert rows(client)[0]["hours"] == 406
    assert rows(client)[0]["t80"] is not None


def test_a_file_that_does_not_fit_is_refused_in_words(client, under_test):
    row = under_test([900.0])[0]

    answer = client.post(
        reverse("site:track-append", args=[row.uuid]),
        {"file": io.BytesIO(b"time (h),pce (%)\n10.5,18\n11.5,18\n12.5,18\n")},
        follow=True,
    )

    assert "Nothing was added." in answer.content.decode()
    assert rows(client)[0]["hours"] == 398


@pytest.mark.parametrize("value", [1e300, -1e300])
def test_an_absurd_number_is_not_appended(client, under_test, value):
    (row,) = under_test([300.0])

    answer = client.post(
        f"/api/v1/measurements/{row.uuid}/append/",
        json.dumps({"columns": {"time": [500.0], "pce": [value]}}),
        content_type="application/json",
    )

    assert answer.status_code == 400
    assert "too large" in answer.json()["errors"]["columns"][0]
    assert row.files.count() == 1


def test_a_test_is_marked_as_ended(client, under_test):
    row = under_test([900.0])[0]

    client.post(reverse("site:track-state", args=[row.uuid]), {"ended": "yes"})

    assert rows(client)[0]["state"] == "ended"
    assert "The test has ended" in client.get(row.get_absolute_url()).content.decode()


def survival(client, **asked):
    return client.get("/api/v1/survival/", asked).json()


def test_survival_counts_who_lives_as_alive(client, under_test):
    under_test([100.0, 150.0, 200.0, 2000.0], batch="B-1")
    under_test([3000.0, 4000.0, 5000.0], batch="B-2")

    told = survival(client, by="sample.batch")
    first, second = told["groups"]
    page = client.get(reverse("site:survival"), {"by": "sample.batch"})

    assert (first["group"], first["count"], first["deaths"]) == ("B-1", 4, 3)
    assert first["censored_at"] == [398.0]
    assert first["median"]["value"] == pytest.approx(150, abs=5)
    assert second["deaths"] == 0
    assert second["median"] == {
        "value": 398.0,
        "low": None,
        "high": None,
        "bound": ">",
    }
    assert second["at_risk"][0] == 3
    assert told["test"]["description"].startswith("Log-rank test of 2 groups")
    assert "&gt; 398 h" in page.content.decode()
    assert "Log-rank test" in page.content.decode()


def test_survival_of_what_is_no_time_is_refused(client, under_test):
    under_test([100.0])

    told = survival(client, y="stability.initial_pce")

    assert "is in %, which is no time" in told["errors"]["y"][0]


def test_survival_as_a_table_begins_with_everybody_alive(client, under_test):
    under_test([100.0, 2000.0])

    lines = (
        client.get("/api/v1/survival/", {"format": "csv"}).content.decode().splitlines()
    )

    assert lines[0].startswith('"group","start [h]"')
    assert lines[1] == '"all cells",0,0,1,1,1,2'


def test_a_question_that_cannot_be_answered_is_told_by_its_parameter(
    client, under_test
):
    under_test([100.0])
    answer = client.get("/api/v1/survival/", {"by": "layer.nothing.material", "z": "1"})
    page = client.get(reverse("site:survival"), {"y": "sample.code"})

    assert answer.status_code == 400
    assert "z" in json.dumps(answer.json())
    assert "not a lifetime" in page.content.decode()


def test_nobody_else_sees_tests_or_survival(client, under_test):
    under_test([100.0])
    client.force_login(make_user("outsider"))

    assert rows(client) == []
    assert survival(client)["count"] == 0
    assert "B-1-0" not in board(client)
