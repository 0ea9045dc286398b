"""From bytes to datasets: the reading of a measurement's files as a job.

Longer than 500 lines because every way a reading can end is told in one place.
"""

import hashlib
import io
from datetime import datetime

import numpy as np
import pytest
from django.core.exceptions import ValidationError

from labdata.common.api.errors import Conflict
from labdata.common.jobs import kinds
from labdata.plugin import (
    Axis,
    Channel,
    Dataset,
    ParsedDataset,
    Reader,
    ReadResult,
    Recognition,
)
from measurements import registry, services
from measurements.arrays.container import CorruptDataset
from measurements.arrays.rows import load_dataset, load_preview, save_dataset
from measurements.models import Blob, Measurement
from measurements.reading import parsing
from measurements.store.raw import get_store
from tests.measurements.factories import again, make_measurement, pl_text, read_files
from tests.samples.factories import (
    facts_of,
    make_process,
    make_project,
    make_sample,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return make_user()


@pytest.fixture
def project(user):
    return make_project(user)


@pytest.fixture
def sample(user, project):
    return make_sample(user, project)


@pytest.fixture
def only_readers(monkeypatch):
    """Let a test decide which readers there are."""

    def choose(*readers):
        chosen = registry.Registry("reader")
        for reader in readers:
            chosen.add(reader)
        monkeypatch.setattr(registry, "readers", chosen)
        monkeypatch.setattr("measurements.services.readings.readers", chosen)
        monkeypatch.setattr("measurements.services.measurements.readers", chosen)

    return choose


def spectrum(values=(1.0, 5.0, 2.0), **metadata):
    return Dataset.curve(
        ("wavelength", "nm", np.arange(len(values)) + 600.0, "Wavelength"),
        counts=("1", values, "Intensity"),
        metadata=metadata,
    )


def reader_of(key, *results, reason="looks right", version=1):
    """A reader that knows every file and gives the results one after another."""
    given = list(results) or [ReadResult((ParsedDataset(key, spectrum()),))]

    def read(source):
        return given.pop(0) if len(given) > 1 else given[0]

    return Reader(
        key=key,
        version=version,
        label=key.title(),
        techniques=("pl",),
        recognise=lambda sniff: Recognition(1.0, reason),
        read=read,
        sample=pl_text,
        sample_name=f"{key}.csv",
        limits="",
    )


def test_a_file_becomes_a_verified_dataset_of_the_measurement(user, sample):
    measurement = make_measurement(user, sample)

    assert measurement.state == "ready"
    assert measurement.parsing.reader == "delimited_text"
    assert "No specific format" in measurement.parsing.reason
    row = measurement.datasets.get()
    dataset = load_dataset(row)
    assert dataset["wavelength"][[0, -1]].tolist() == [600.0, 799.0]
    assert dataset["wavelength"][dataset["counts"].argmax()] == pytest.approx(
        690, abs=3
    )
    assert row.shape == [200]
    assert row.axes[0]["unit"] == "nm"


def test_a_stored_dataset_with_one_flipped_bit_is_refused(user, sample):
    row = make_measurement(user, sample).datasets.get()
    spoilt = bytearray(row.container)
    spoilt[len(spoilt) // 2] ^= 1
    row.container = bytes(spoilt)

    with pytest.raises(CorruptDataset, match="SHA-256"):
        load_dataset(row)


def test_a_map_goes_to_the_store_with_a_preview_in_its_row(user, sample, cube):
    measurement = make_measurement(user, sample)

    row = save_dataset(cube, measurement=measurement, name="map", identity="0" * 64)

    assert row.container is None
    assert row.blob.sha256 == row.sha256
    assert row.sha256 in get_store()
    assert load_dataset(again(row)).equals(cube)
    preview = load_preview(again(row))
    assert preview["image"].shape == (64, 64)
    assert preview["curve"].shape == (256,)


def test_a_series_keeps_its_per_frame_coordinates(user, sample, series):
    measurement = make_measurement(user, sample)

    row = save_dataset(series, measurement=measurement, name="T", identity="0" * 64)

    assert load_dataset(again(row)).equals(series)
    assert [one["name"] for one in row.coordinates] == ["temperature", "time", "branch"]


def test_two_readers_that_know_a_file_are_a_question(user, sample, only_readers):
    only_readers(reader_of("apple"), reader_of("pear"))

    measurement = make_measurement(user, sample)

    assert measurement.state == "question"
    assert "Apple and Pear both recognise this file" in measurement.message
    told = [candidate["reader"] for candidate in measurement.parsing.candidates]
    assert told == ["apple", "pear"]
    assert not measurement.datasets.exists()


def test_the_answer_to_a_question_is_read_with_that_reader(user, sample, only_readers):
    only_readers(reader_of("apple"), reader_of("pear"))
    measurement = make_measurement(user, sample)

    services.answer_question(user=user, measurement=measurement, reader="pear")
    read_files()

    measurement = again(measurement)
    assert measurement.state == "ready"
    assert measurement.parsing.reader == "pear"
    assert measurement.datasets.get().name == "pear"
    assert measurement.parsings.count() == 2


def test_an_answer_that_is_no_candidate_is_refused(user, sample, only_readers):
    only_readers(reader_of("apple"), reader_of("pear"))
    measurement = make_measurement(user, sample)

    with pytest.raises(ValidationError, match="none of the candidates"):
        services.answer_question(user=user, measurement=measurement, reader="plum")


def test_nothing_can_be_answered_where_nothing_is_asked(user, sample):
    measurement = make_measurement(user, sample)

    with pytest.raises(Conflict, match="Nothing is asked"):
        services.answer_question(
            user=user, measurement=measurement, reader="delimited_text"
        )


def test_reading_again_with_another_reader_supersedes_and_keeps(
    user, sample, only_readers
):
    only_readers(reader_of("apple"), reader_of("pear"))
    measurement = make_measurement(user, sample, reader="apple")
    former = measurement.datasets.get()

    services.reparse(user=user, measurement=measurement, reader="pear")
    read_files()

    assert again(former).superseded_at is not None
    assert measurement.datasets.current().get().reader == "pear"
    assert load_dataset(again(former)).equals(spectrum())


def test_reading_again_with_the_same_reader_keeps_the_dataset(user, sample):
    measurement = make_measurement(user, sample)
    former = measurement.datasets.get()

    services.reparse(user=user, measurement=measurement)
    read_files()

    assert measurement.datasets.get() == former
    assert again(former).superseded_at is None
    assert again(measurement).state == "ready"


def test_a_newer_version_of_the_reader_supersedes(user, sample, only_readers):
    only_readers(reader_of("apple"))
    measurement = make_measurement(user, sample)
    only_readers(reader_of("apple", version=2))

    services.reparse(user=user, measurement=measurement)
    read_files()

    versions = [
        (row.reader_version, row.superseded_at is None)
        for row in measurement.datasets.order_by("pk")
    ]
    assert versions == [(1, False), (2, True)]


def test_a_failed_second_reading_takes_nothing_away(user, sample):
    measurement = make_measurement(user, sample)

    services.reparse(user=user, measurement=measurement, reader="absolute_pl_text")
    read_files()

    measurement = again(measurement)
    assert measurement.state == "failed"
    assert measurement.datasets.current().count() == 1
    assert facts_of(sample)["measurement.pl.count"] == 1


def test_files_being_read_are_not_read_twice_at_once(user, sample):
    measurement = make_measurement(user, sample, read=False)

    with pytest.raises(Conflict, match="at the moment"):
        services.reparse(user=user, measurement=measurement)


def test_a_reading_that_is_no_longer_the_newest_writes_nothing(user, sample):
    measurement = make_measurement(user, sample, read=False)
    outdated = measurement.parsing
    kind = kinds["parsing"]
    reading = kind.work(outdated, _Quiet())
    newer = type(outdated).objects.create(measurement=measurement)
    measurement.parsing = newer
    measurement.save()

    kind.finish(outdated, reading)

    assert not measurement.datasets.exists()


class _Quiet:
    def progress(self, fraction, message=""):
        """Tell nobody."""


def test_conditions_in_the_file_fill_only_what_the_person_left_empty(
    user, sample, only_readers
):
    said = {"excitation_wavelength": 405.0, "temperature": 21.0}
    result = ReadResult((ParsedDataset("one", spectrum()),), conditions=said)
    only_readers(reader_of("apple", result))

    measurement = make_measurement(user, sample, conditions={"temperature": "300 K"})

    assert measurement.conditions["excitation_wavelength"] == 405.0
    assert measurement.conditions["temperature"] == pytest.approx(26.85)
    assert measurement.sources == {
        "excitation_wavelength": "file",
        "temperature": "person",
    }


def test_the_files_word_returns_when_the_person_takes_theirs_back(
    user, sample, only_readers
):
    result = ReadResult(
        (ParsedDataset("one", spectrum()),), conditions={"temperature": 21.0}
    )
    only_readers(reader_of("apple", result))
    measurement = make_measurement(user, sample, conditions={"temperature": 30})

    services.update_measurement(user=user, measurement=measurement, conditions={})

    measurement = again(measurement)
    assert measurement.conditions == {"temperature": 21.0}
    assert measurement.sources == {"temperature": "file"}


def test_what_another_reader_filled_in_goes_with_it(user, sample, only_readers):
    parts = (ParsedDataset("one", spectrum()),)
    clock = datetime(2024, 7, 5, 10, 0)
    apple = ReadResult(parts, conditions={"temperature": 21.0}, measured_at=clock)
    only_readers(reader_of("apple", apple), reader_of("pear", ReadResult(parts)))
    measurement = make_measurement(user, sample, reader="apple")

    services.reparse(user=user, measurement=measurement, reader="pear")
    read_files()

    measurement = again(measurement)
    assert measurement.conditions == {}
    assert measurement.measured_at is None
    assert measurement.sources == {}


def test_an_impossible_condition_in_the_file_is_left_out_and_said(
    user, sample, only_readers
):
    result = ReadResult(
        (ParsedDataset("one", spectrum()),), conditions={"temperature": -400.0}
    )
    only_readers(reader_of("apple", result))

    measurement = make_measurement(user, sample)

    assert measurement.conditions == {}
    assert "-400" in measurement.parsing.notes[0]


def test_conditions_of_single_spectra_stay_with_them(user, sample, only_readers):
    parts = (
        ParsedDataset("cold", spectrum(), {"temperature": -196.0}),
        ParsedDataset("warm", spectrum(), {"temperature": 25.0}),
    )
    only_readers(reader_of("apple", ReadResult(parts)))

    measurement = make_measurement(user, sample)

    assert measurement.conditions == {}
    said = [row.metadata["conditions"] for row in measurement.datasets.all()]
    assert said == [{"temperature": -196.0}, {"temperature": 25.0}]


def test_a_person_may_edit_while_the_file_is_read(user, sample, only_readers):
    result = ReadResult(
        (ParsedDataset("one", spectrum()),), conditions={"temperature": 21.0}
    )
    only_readers(reader_of("apple", result))
    measurement = make_measurement(user, sample, read=False)

    services.update_measurement(
        user=user, measurement=measurement, notes="seen by eye", conditions={}
    )
    read_files()

    measurement = again(measurement)
    assert measurement.notes == "seen by eye"
    assert measurement.conditions == {"temperature": 21.0}
    assert measurement.version == 2


def test_what_the_file_filled_in_is_in_the_history(user, sample, only_readers):
    result = ReadResult(
        (ParsedDataset("one", spectrum()),), conditions={"temperature": 21.0}
    )
    only_readers(reader_of("apple", result))

    measurement = make_measurement(user, sample)

    newest = measurement.history.order_by("-history_id").first()
    assert newest.change_set.request.startswith("reading of")
    assert newest.conditions == {"temperature": 21.0}


def test_the_state_measured_follows_the_files_clock(
    user, project, sample, only_readers
):
    parts = (ParsedDataset("one", spectrum()),)
    clock = datetime(2024, 7, 5, 10, 0)
    only_readers(
        reader_of("apple", ReadResult(parts)),
        reader_of("pear", ReadResult(parts, measured_at=clock)),
    )
    make_process(
        user,
        project,
        "ageing",
        inputs=[sample.code],
        outputs=[sample.code],
        started_at="2024-06-01",
    )

    before = make_measurement(user, sample, reader="apple", measured_at="2024-03-05")
    after = make_measurement(user, sample, reader="pear", data=pl_text(seed=2))

    assert before.subject.get_relation_display() == "as made"
    assert after.subject.get_relation_display() == "after"
    assert after.measured_at.isoformat() == "2024-07-05T10:00:00+00:00"
    assert after.sources["measured_at"] == "file"


def test_several_files_give_their_datasets_in_order(user, sample):
    files = [
        ("a.csv", io.BytesIO(pl_text(seed=1))),
        ("b.csv", io.BytesIO(pl_text(seed=2))),
    ]

    measurement = services.create_measurement(
        user=user, sample=sample, technique="pl", files=files, analyse=False
    )
    read_files()

    names = [row.file.name for row in measurement.datasets.order_by("pk")]
    assert names == ["a.csv", "b.csv"]


def test_one_unreadable_file_of_several_is_named(user, sample):
    files = [("a.csv", io.BytesIO(pl_text())), ("b.csv", io.BytesIO(b"nothing here\n"))]

    measurement = services.create_measurement(
        user=user, sample=sample, technique="pl", files=files, analyse=False
    )
    read_files()

    measurement = again(measurement)
    assert measurement.state == "failed"
    assert measurement.message.startswith("b.csv: ")
    assert not measurement.datasets.exists()


def test_equal_bytes_in_two_projects_share_a_blob_and_no_file(user, sample):
    elsewhere = make_project(user, "elsewhere")
    twin = make_sample(user, elsewhere)

    first = make_measurement(user, sample)
    second = make_measurement(user, twin)

    assert (
        Blob.objects.filter(sha256=hashlib.sha256(pl_text()).hexdigest()).count() == 1
    )
    assert first.files.get() != second.files.get()
    assert first.files.get().blob == second.files.get().blob
    assert first.datasets.get().identity == second.datasets.get().identity
    assert first.datasets.get().uuid != second.datasets.get().uuid


def test_damaged_raw_bytes_are_our_fault_and_said_so(user, sample):
    measurement = make_measurement(user, sample, read=False)
    path = get_store().path(measurement.files.get().blob.sha256)
    original = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(original.replace(b"6", b"7"))

    try:
        read_files()
    finally:
        path.write_bytes(original)

    measurement = again(measurement)
    assert measurement.state == "errored"
    assert "DamagedBytes" in measurement.message


def test_follow_ups_see_a_ready_measurement_in_the_same_transaction(
    user, sample, monkeypatch
):
    seen = []
    monkeypatch.setattr(parsing, "_follow_ups", [])
    parsing.register_follow_up(
        lambda measurement, datasets: seen.append((measurement.state, datasets))
    )

    measurement = make_measurement(user, sample)

    assert seen == [("ready", [measurement.datasets.get()])]


def test_a_follow_up_that_breaks_leaves_no_half_done_reading(user, sample, monkeypatch):
    def break_down(measurement, datasets):
        raise RuntimeError("no")

    monkeypatch.setattr(parsing, "_follow_ups", [break_down])

    measurement = make_measurement(user, sample)

    assert measurement.state == "errored"
    assert not measurement.datasets.exists()
    assert not Measurement.objects.with_state().filter(state_key="ready").exists()


def test_a_two_dimensional_file_needs_no_other_path(user, sample, only_readers):
    plane = Dataset(
        (
            Axis("frame", "1", "Frame", np.arange(3.0), "frame"),
            Axis("wavelength", "nm", "Wavelength", np.arange(5.0) + 600),
        ),
        (Channel("counts", "1", "Intensity", np.arange(15.0).reshape(3, 5)),),
    )
    only_readers(reader_of("apple", ReadResult((ParsedDataset("plane", plane),))))

    measurement = make_measurement(user, sample)

    row = measurement.datasets.get()
    assert row.shape == [3, 5]
    assert load_dataset(row).equals(plane)
