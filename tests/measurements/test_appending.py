"""A track grows while its test runs; what does not fit changes nothing."""

import io

import numpy as np
import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from labdata.common.api.errors import Conflict
from labdata.common.people.access import Role
from measurements import services
from measurements.arrays.rows import load_dataset
from measurements.services.appending import set_test_state
from samples.services.devices import add_cell
from tests.measurements.factories import again, make_measurement, read_files
from tests.samples.factories import add_member, make_project, make_sample, make_user

pytestmark = pytest.mark.django_db


def track(start, stop, *, step=1.0, name="pce"):
    """Hours ``start`` to ``stop`` of one cell's track as comma separated text."""
    time = np.arange(start, stop, step)
    rows = [f"{hour:.2f},{efficiency(hour):.6f}" for hour in time]
    return "\n".join([f"time (h),{name} (%)", *rows, ""]).encode()


def efficiency(hour):
    return 20 * np.exp(-hour / 1000)


@pytest.fixture
def ada(db):
    return make_user("ada")


@pytest.fixture
def device(ada):
    return make_sample(ada, make_project(ada), "D-1")


@pytest.fixture
def measurement(ada, device):
    return make_measurement(
        ada, device, technique="mpp_tracking", data=track(0, 50), name="part1.csv"
    )


def append(user, measurement, data, name="part2.csv"):
    row = services.append_to_track(
        user=user, measurement=measurement, files=[(name, io.BytesIO(data))]
    )
    read_files()
    return again(row)


def current(measurement):
    return measurement.datasets.current().get(is_result=False)


def whole(measurement):
    dataset = load_dataset(current(measurement))
    return dataset["time"], dataset["pce"]


def test_the_next_file_makes_the_track_longer(ada, measurement):
    before = current(measurement)

    measurement = append(ada, measurement, track(50, 80))

    time, pce = whole(measurement)
    after = current(measurement)
    assert measurement.state == "ready", measurement.message
    assert time.tolist() == list(range(80))
    assert pce == pytest.approx(efficiency(time), abs=1e-5)
    assert measurement.files.count() == 2
    assert again(before).superseded_at is not None
    assert after.identity != before.identity
    assert [part["file"] for part in after.metadata["files"]] == [
        str(file.uuid) for file in measurement.files.order_by("pk")
    ]


def test_points_written_again_are_taken_once(ada, measurement):
    measurement = append(ada, measurement, track(40, 60))

    assert whole(measurement)[0].tolist() == list(range(60))


@pytest.mark.parametrize("gap", [40.0, 400.0])
def test_a_long_track_goes_on_after_a_gap(ada, device, gap):
    measurement = make_measurement(
        ada, device, technique="mpp_tracking", data=track(0, 200, step=0.01)
    )

    measurement = append(ada, measurement, track(200 + gap, 210 + gap, step=0.01))

    time, pce = whole(measurement)
    assert measurement.state == "ready", measurement.message
    assert time.size == 21_000
    assert np.diff(time).max() == pytest.approx(gap + 0.01)
    assert np.isfinite(pce).all()


def test_reading_again_gives_the_same_dataset(ada, measurement):
    measurement = append(ada, measurement, track(50, 80))
    joined = current(measurement)

    services.reparse(user=ada, measurement=measurement)
    read_files()

    assert current(again(measurement)).pk == joined.pk


def test_columns_and_rows_are_kept_as_files(ada, measurement):
    columns = {"time [min]": [3000, 3060], "pce": [19.0, None]}
    services.append_to_track(user=ada, measurement=measurement, columns=columns)
    rows = [{"time": 52, "pce": 18.9}, {"time": 53, "pce": 18.8}]
    services.append_to_track(user=ada, measurement=measurement, rows=rows)
    read_files()

    time, pce = whole(again(measurement))
    assert time[-4:] == pytest.approx([50, 51, 52, 53])
    assert pce[-4:] == pytest.approx([19.0, np.nan, 18.9, 18.8], nan_ok=True)
    assert measurement.files.count() == 3


def test_columns_are_read_though_another_reader_was_asked_for(ada, device):
    measurement = make_measurement(
        ada,
        device,
        technique="mpp_tracking",
        data=track(0, 50),
        reader="delimited_text",
    )

    services.append_to_track(
        user=ada, measurement=measurement, columns={"time": [50.0], "pce": [19.0]}
    )
    read_files()

    assert again(measurement).state == "ready", again(measurement).message
    assert whole(again(measurement))[0][-1] == 50


REFUSED = {
    "backwards": (
        b"time (h),pce (%)\n52,19\n51,19\n53,19\n54,19\n",
        "turns back|backwards",
    ),
    "other values": (
        b"time (h),pce (%)\n48,3\n49,3\n50,3\n51,3\n",
        "contradict each other at 48 h: efficiency is",
    ),
    "between the points": (
        b"time (h),pce (%)\n48.5,19\n49.5,19\n50,3\n51,3\n",
        "a point at 48.5 h that the track has not, and the track reaches to 49 h",
    ),
    "other columns": (
        b"time (h),pce (%),voltage (V)\n50,19,1\n51,19,1\n52,19,1\n",
        "it has the columns pce, voltage, but the track has pce",
    ),
    "no table": (b"nothing in here\nbut words\n", "Nothing was added"),
    "the same": (track(0, 50), "holds the same bytes as part1.csv"),
}


@pytest.mark.parametrize(("data", "said"), REFUSED.values(), ids=REFUSED)
def test_a_chunk_that_does_not_fit_changes_nothing(ada, measurement, data, said):
    before = current(measurement)

    with pytest.raises(ValidationError, match=said) as refusal:
        append(ada, measurement, data)

    measurement = again(measurement)
    assert set(refusal.value.message_dict) == {"file"}
    assert measurement.state == "ready"
    assert measurement.files.count() == 1
    assert current(measurement).pk == before.pk


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"time": [50, 51], "pce": [19]}, "differ in length: time 2, pce 1"),
        ({"time": [50], "power": [19]}, "no column 'power'"),
        ({"time": [50], "pce": ["high"]}, "'high' is no number"),
        ({"time [kg]": [50], "pce": [19]}, "time"),
        ({"time": [None], "pce": [19]}, "1 values of time are missing"),
    ],
)
def test_columns_that_mean_nothing_are_refused(ada, measurement, columns, said):
    with pytest.raises(ValidationError, match=said):
        services.append_to_track(user=ada, measurement=measurement, columns=columns)

    assert measurement.files.count() == 1


def test_two_chunks_before_any_is_read_are_joined_in_order(ada, measurement):
    for start in (50, 60):
        services.append_to_track(
            user=ada,
            measurement=measurement,
            files=[(f"{start}.csv", io.BytesIO(track(start, start + 10)))],
        )

    with pytest.raises(ValidationError, match="a point at 65"):
        append(ada, measurement, track(65.5, 70), name="late.csv")
    read_files()

    assert whole(again(measurement))[0].tolist() == list(range(70))


def test_the_cells_of_a_track_are_kept_apart(ada, device):
    for label in ("A", "B"):
        add_cell(sample=device, label=label)
    measurement = make_measurement(
        ada, device, technique="mpp_tracking", data=track(0, 50), cell="A"
    )

    with pytest.raises(ValidationError, match="it holds cell B, but the track is of"):
        services.append_to_track(
            user=ada,
            measurement=measurement,
            columns={"time": [50], "pce": [19]},
            cell="B",
        )
    services.append_to_track(
        user=ada,
        measurement=measurement,
        columns={"time": [50], "pce": [19]},
        cell="A",
    )
    read_files()

    assert current(again(measurement)).cell.label == "A"
    assert current(again(measurement)).shape == [51]


def test_an_archived_track_is_refused(ada, measurement):
    services.set_archived(user=ada, measurement=measurement, archived=True)

    with pytest.raises(Conflict, match="archived"):
        append(ada, measurement, track(50, 60))


def test_a_measurement_that_is_no_track_is_refused(ada, device):
    measurement = make_measurement(ada, device)

    with pytest.raises(ValidationError, match="is not a track"):
        append(ada, measurement, track(50, 60))


def test_one_who_may_only_look_appends_nothing(ada, measurement):
    eve = make_user("eve")
    add_member(measurement.project, eve, Role.VIEWER)

    with pytest.raises(PermissionDenied):
        append(eve, measurement, track(50, 60))


def test_somebody_says_that_the_test_has_ended(ada, measurement):
    services.update_measurement(
        user=ada, measurement=measurement, conditions={"intensity": 100}
    )
    set_test_state(user=ada, measurement=again(measurement), ended=True)

    conditions = again(measurement).conditions
    assert conditions["test_state"] == "ended"
    assert conditions["intensity"] == 100
