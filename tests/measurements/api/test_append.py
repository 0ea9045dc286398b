"""Tracks that grow through the API: files, columns, rows, repeats and refusals."""

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from measurements.models import File
from tests.measurements.factories import read_files

pytestmark = pytest.mark.django_db


def track(start, stop):
    """Hours of a track as comma separated text."""
    rows = [f"{hour:.2f},{20 - hour / 100:.4f}" for hour in np.arange(start, stop)]
    return "\n".join(["time (h),pce (%)", *rows, ""]).encode()


@pytest.fixture
def address(api):
    told = api.measured(track(0, 30), "first.csv", technique="mpp_tracking")
    return f"measurements/{told['id']}/"


def reach(api, address):
    """Points of the track, and where it ends."""
    read_files()
    (dataset,) = api.get(address).json()["datasets"]
    return dataset["shape"][0], dataset["axes"][0]["last"]


def send_file(api, address, data, **headers):
    return api.client.post(
        f"/api/v1/{address}append/",
        {"file": SimpleUploadedFile("next.csv", data, "text/csv")},
        format="multipart",
        headers=headers,
    )


def test_a_file_goes_on_from_the_track(api, address):
    answer = send_file(api, address, track(30, 40))

    assert answer.status_code == 202, answer.json()
    assert answer.json()["id"] in address
    assert reach(api, address) == (40, 39)


@pytest.mark.parametrize(
    "body",
    [
        {"columns": {"time [min]": [1800, 1860], "pce": [19.7, None]}},
        {"rows": [{"time": 30, "pce": 19.7}, {"time": 31, "pce": 19.69}]},
    ],
    ids=["columns", "rows"],
)
def test_numbers_go_on_from_the_track(api, address, body):
    answer = api.post(f"{address}append/", body)

    assert answer.status_code == 202, answer.json()
    assert reach(api, address) == (32, 31)


def test_a_repeated_key_appends_once(api, address):
    body = {"columns": {"time": [30, 31], "pce": [19.7, 19.69]}}
    key = {"Idempotency-Key": "hour-30"}

    first = api.post(f"{address}append/", body, headers=key)
    read_files()
    second = api.post(f"{address}append/", body, headers=key)

    assert (first.status_code, second.status_code) == (202, 202)
    assert second.json() == first.json()
    assert second["Idempotent-Replay"] == "true"
    assert File.objects.count() == 2
    assert reach(api, address) == (32, 31)


def test_an_archived_track_is_a_conflict(api, address):
    assert api.post(f"{address}archive/").status_code == 200

    answer = api.post(f"{address}append/", {"columns": {"time": [30], "pce": [19]}})

    assert answer.status_code == 409
    assert "archived" in str(answer.json())
    assert File.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"time": [31, 30, 32], "pce": [19, 19, 19]}, "time turns back on itself"),
        ({"time": [10.5, 30], "pce": [19, 19]}, "10.5 h that the track has not"),
        ({"time": [29, 30], "pce": [3, 3]}, "contradict each other at 29 h"),
        ({"time": [30], "pce": [19], "voltage": [1]}, "but the track has pce"),
        ({"time": [30], "power": [1]}, "power"),
        ({"time": [30, 31], "pce": [19]}, "differ in length"),
    ],
)
def test_columns_that_do_not_fit_are_refused_in_words(api, address, body, said):
    answer = api.post(f"{address}append/", {"columns": body})

    assert answer.status_code == 400
    assert said in str(answer.json())
    assert reach(api, address) == (30, 29)
    assert File.objects.count() == 1


def test_nothing_or_two_things_at_once_are_refused(api, address):
    both = {"columns": {"time": [30], "pce": [19]}, "rows": [{"time": 31, "pce": 19}]}

    assert api.post(f"{address}append/", {}).status_code == 400
    assert api.post(f"{address}append/", both).status_code == 400
    assert File.objects.count() == 1
