"""Files dropped together: matched, recognised, described, and measured once."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from labdata.common.api.errors import Conflict
from labdata.common.people.access import Role
from measurements import services
from measurements.models import IntakeFile, Measurement
from measurements.readers.pl import edinburgh_csv
from measurements.services.intakes import MOST_FILES, _measure, problems_of
from measurements.store.raw import read_bytes
from tests.measurements.factories import make_measurement, pl_text
from tests.samples.factories import add_member, make_project, make_sample, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return make_user()


@pytest.fixture
def project(user):
    return make_project(user)


@pytest.fixture
def samples(user, project):
    return [make_sample(user, project, f"C-{number}") for number in (1, 2, 10)]


@pytest.fixture
def intake(user, project, samples):
    return services.start_intake(user=user, project=project, technique="pl")


def drop(user, intake, name="C-1.csv", data=None, **options):
    upload = SimpleUploadedFile(name, pl_text() if data is None else data)
    row = services.add_intake_file(user=user, intake=intake, upload=upload, **options)
    return again(row)


def again(row):
    return IntakeFile.objects.with_twins().get(pk=row.pk)


def describe(user, intake, *rows, **said):
    return services.describe_intake_files(user=user, intake=intake, files=rows, **said)


def test_a_dropped_file_is_in_the_store_before_anything_is_measured(user, intake):
    data = pl_text()

    row = drop(user, intake, data=data)

    assert read_bytes(row.blob.sha256) == data
    assert Measurement.objects.count() == 0


def test_the_code_in_the_name_settles_the_sample_and_says_so(user, intake):
    row = drop(user, intake, "PL_c-10_298K.csv")

    assert row.sample.code == "C-10"
    assert row.match["reason"] == "c-10 stands in the file name."
    assert problems_of(row) == {}


def test_two_codes_in_a_name_leave_the_choice_to_a_person(user, intake):
    row = drop(user, intake, "C-1 on C-2.csv")

    assert row.sample is None
    assert row.match["candidates"] == ["C-1", "C-2"]
    assert problems_of(row) == {
        "sample": "Which one? The file name may mean C-1 or C-2."
    }


def test_a_name_without_a_code_takes_that_of_its_folder(user, intake):
    row = drop(user, intake, "scan_3.csv", folder="2026-03/C-2")

    assert row.sample.code == "C-2"
    assert row.match["reason"] == "C-2 stands in the folder."


def test_a_name_without_any_code_asks(user, intake):
    row = drop(user, intake, "spectrum.csv")

    assert problems_of(row)["sample"].startswith("No sample code in the name")


def test_samples_of_other_projects_and_archived_ones_are_not_meant(user, intake):
    other = make_project(make_user("eve"), "other")
    make_sample(other.created_by, other, "X-1")

    assert drop(user, intake, "X-1.csv").sample is None


def test_files_dropped_on_a_sample_are_its_own_unless_they_name_another(
    user, project, samples
):
    intake = services.start_intake(
        user=user, project=project, sample=samples[0], technique="pl"
    )

    plain = drop(user, intake, "spectrum.csv")
    another = drop(user, intake, "C-2.csv", pl_text(seed=2))

    assert plain.sample.code == "C-1"
    assert another.sample is None
    assert another.match["candidates"] == ["C-1", "C-2"]


def test_a_batch_narrows_whose_a_file_may_be(user, project):
    inside = make_sample(user, project, "A", batch="B1")
    make_sample(user, project, "A-1")
    make_sample(user, project, "Z")
    intake = services.start_intake(
        user=user, project=project, batch=inside.batch, technique="pl"
    )

    assert drop(user, intake, "A-1.csv").sample.code == "A"
    outside = drop(user, intake, "Z.csv", pl_text(seed=2))
    assert outside.sample is None
    assert outside.match["candidates"] == ["Z"]
    assert "not of B1" in outside.match["reason"]


def test_the_reader_is_told_with_its_reason_and_a_curve_to_draw(user, intake):
    row = drop(user, intake)

    assert row.detection["reader"] == "delimited_text"
    assert "No specific format was recognised" in row.detection["reason"]
    assert len(row.preview["x"]) == len(row.preview["y"]) <= 162
    assert max(row.preview["y"]) == pytest.approx(8100, abs=100)
    assert (row.preview["x_unit"], row.preview["y_label"]) == ("nm", "Intensity")


def test_a_specific_format_names_the_technique_and_its_conditions(user, project):
    make_sample(user, project, "C-1")
    intake = services.start_intake(user=user, project=project)

    row = drop(user, intake, data=edinburgh_csv.sample())

    assert row.technique == "pl"
    assert "Edinburgh" in row.technique_reason
    assert row.found["conditions"]["excitation_wavelength"] == 405.0


def test_nothing_known_of_the_technique_is_asked_not_guessed(user, project):
    make_sample(user, project, "C-1")
    intake = services.start_intake(user=user, project=project)

    row = drop(user, intake)

    assert row.technique == ""
    assert problems_of(row) == {"technique": "What was measured?"}


def test_the_last_technique_of_a_person_is_taken_and_said(user, samples, project):
    make_measurement(user, samples[0], data=pl_text(seed=9))
    intake = services.start_intake(user=user, project=project)

    row = drop(user, intake)

    assert (row.technique, row.technique_reason) == ("pl", "as your last measurement")


def test_an_unknown_format_is_a_problem_of_the_row(user, intake):
    row = drop(user, intake, data=b"\x89PNG\r\n\x1a\n" + bytes(200))

    assert "Looked for" in problems_of(row)["file"]


def test_an_empty_file_is_refused_with_its_name(user, intake):
    with pytest.raises(ValidationError, match=r"C-1.csv is empty"):
        drop(user, intake, data=b"")


def test_bytes_that_were_measured_before_say_by_which_measurement(
    user, intake, samples
):
    measured = make_measurement(user, samples[1])

    row = drop(user, intake)

    assert row.twin_measurement == measured.uuid
    assert "twin" in problems_of(row)
    describe(user, intake, row, is_wanted_twice=True)
    assert problems_of(again(row)) == {}


def test_the_same_bytes_dropped_twice_name_the_first(user, intake):
    first = drop(user, intake)
    second = drop(user, intake, "C-2.csv")

    assert problems_of(first) == {}
    assert problems_of(second) == {"twin": "It holds the same bytes as C-1.csv."}
    describe(user, intake, first, is_left_out=True)
    assert problems_of(again(second)) == {}


def test_conditions_are_set_for_many_and_keep_what_was_set_before(user, intake):
    rows = [drop(user, intake), drop(user, intake, "C-2.csv", pl_text(seed=2))]

    describe(user, intake, *rows, conditions={"temperature": "298 K"}, operator="Ada")
    describe(user, intake, rows[0], conditions={"atmosphere": "N2"})

    first, second = (again(row).values for row in rows)
    assert first["conditions"] == {
        "temperature": pytest.approx(24.85),
        "atmosphere": "N2",
    }
    assert second["conditions"] == {"temperature": pytest.approx(24.85)}
    assert first["operator"] == second["operator"] == "Ada"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"conditions": {"temperature": "2 nm"}}, "conditions"),
        ({"conditions": {"voltage": 1}}, "conditions"),
        ({"measured_at": "2999-01-01"}, "measured_at"),
        ({"measured_at": "yesterday"}, "measured_at"),
        ({"sample": "C-999"}, "sample"),
        ({"technique": "guessing"}, "technique"),
        ({"reader": "guessing"}, "reader"),
        ({"instrument": "none such"}, "instrument"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_and_changes_nothing(
    user, intake, said, field
):
    rows = [drop(user, intake), drop(user, intake, "C-2.csv", pl_text(seed=2))]

    with pytest.raises(ValidationError) as caught:
        describe(user, intake, *rows, **said)

    told = getattr(caught.value, "nested", None) or caught.value.message_dict
    assert list(told) == [field]
    assert again(rows[0]).values.get("conditions", {}) == {}


def test_another_technique_is_recognised_anew(user, intake):
    row = drop(user, intake)
    describe(user, intake, row, conditions={"temperature": 25})

    describe(user, intake, row, technique="curve")

    row = again(row)
    assert row.technique_reason == "you chose it"
    assert row.values["conditions"] == {}
    assert row.preview["x"]


def test_sound_files_become_measurements_and_the_others_stay(user, intake):
    sound = drop(user, intake)
    asking = drop(user, intake, "spectrum.csv", pl_text(seed=2))
    left = drop(user, intake, "C-2.csv", pl_text(seed=3))
    describe(user, intake, left, is_left_out=True)
    describe(
        user,
        intake,
        sound,
        conditions={"temperature": "298 K"},
        measured_at="2026-03-05",
        state="as made",
    )

    done = services.submit_intake(user=user, intake=intake)

    measurement = again(sound).measurement
    assert done == (1, 1)
    assert measurement.sample.code == "C-1"
    assert measurement.conditions == {"temperature": pytest.approx(24.85)}
    assert measurement.state == "queued"
    assert [file.name for file in measurement.files.all()] == ["C-1.csv"]
    assert again(asking).measurement is again(left).measurement is None


def test_submitting_twice_measures_once(user, intake):
    drop(user, intake)

    services.submit_intake(user=user, intake=intake)
    done = services.submit_intake(user=user, intake=intake)

    assert done.created == 0
    assert Measurement.objects.count() == 1


def test_the_same_bytes_are_measured_twice_only_where_that_is_wanted(user, intake):
    drop(user, intake)
    twin = drop(user, intake, "C-2.csv")

    assert services.submit_intake(user=user, intake=intake) == (1, 1)
    describe(user, intake, twin, is_wanted_twice=True)

    assert services.submit_intake(user=user, intake=intake) == (1, 0)
    assert again(twin).measurement.sample.code == "C-2"


def test_a_row_two_requests_hold_at_once_is_measured_once(user, intake):
    row = drop(user, intake)

    assert [_measure(user, row.pk) for _ in range(2)] == [1, 0]
    assert Measurement.objects.count() == 1


def test_a_sample_put_away_meanwhile_keeps_its_file_and_says_why(user, intake, samples):
    from samples.services import set_archived

    row = drop(user, intake)
    set_archived(user=user, record=samples[0], archived=True)

    done = services.submit_intake(user=user, intake=intake)

    assert done == (0, 1)
    assert "archived" in problems_of(again(row))["refused"]


def test_a_measured_file_can_no_longer_be_described(user, intake):
    row = drop(user, intake)
    services.submit_intake(user=user, intake=intake)

    with pytest.raises(Conflict):
        describe(user, intake, row, operator="Ada")


def test_files_of_another_intake_are_not_described_along(user, project, intake):
    elsewhere = services.start_intake(user=user, project=project)
    row = drop(user, elsewhere)

    describe(user, intake, row, operator="Ada")

    assert "operator" not in again(row).values


def test_a_sample_of_another_project_is_not_chosen_by_hand(user, intake):
    make_sample(user, make_project(user, "second"), "Y-1")
    row = drop(user, intake)

    with pytest.raises(ValidationError, match="no sample 'Y-1'"):
        describe(user, intake, row, sample="Y-1")


def test_an_archived_sample_is_not_chosen_by_hand(user, intake, samples):
    from samples.services import set_archived

    row = drop(user, intake)
    set_archived(user=user, record=samples[1], archived=True)

    with pytest.raises(ValidationError, match="no sample 'C-2'"):
        describe(user, intake, row, sample="C-2")


def test_nothing_is_dropped_into_files_that_were_put_away(user, intake):
    services.put_intake_away(user=user, intake=intake)

    with pytest.raises(ValidationError, match="put away"):
        drop(user, intake)

    assert not IntakeFile.objects.exists()


def test_only_those_who_may_write_drop_files(user, project, intake):
    viewer = make_user("vera")
    add_member(project, viewer, Role.VIEWER)

    for act in (
        lambda: services.start_intake(user=viewer, project=project),
        lambda: drop(viewer, intake),
        lambda: describe(viewer, intake),
        lambda: services.submit_intake(user=viewer, intake=intake),
        lambda: services.put_intake_away(user=viewer, intake=intake),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_an_intake_holds_so_many_files_and_says_so(user, intake, monkeypatch):
    monkeypatch.setattr("measurements.services.intakes.MOST_FILES", 1)
    assert MOST_FILES == 500
    drop(user, intake)

    with pytest.raises(ValidationError, match="upload them first"):
        drop(user, intake, "C-2.csv", pl_text(seed=2))


def test_a_sample_of_another_project_opens_no_intake(user, project):
    other = make_project(user, "second")
    sample = make_sample(user, other, "Y-1")

    with pytest.raises(ValidationError) as caught:
        services.start_intake(user=user, project=project, sample=sample)

    assert list(caught.value.message_dict) == ["sample"]


@pytest.mark.parametrize(
    ("name", "reader"),
    [
        ("GaAs5_Large_Spot_center.abspl.txt", "absolute_pl_text"),
        ("HZB_AlFl_20231009_Solarcells-Batch-2-varyHTL_1_0.pl.csv", "edinburgh_csv"),
    ],
)
def test_real_files_tell_their_technique_reader_and_curve(
    user, project, samples, real_file, name, reader
):
    intake = services.start_intake(user=user, project=project, sample=samples[0])
    data = real_file(f"pl/{name}").read_bytes()

    row = drop(user, intake, name, data)

    assert (row.technique, row.detection["reader"]) == ("pl", reader)
    assert problems_of(row) == {}
    assert len(row.preview["x"]) > 50


def test_a_real_file_that_nothing_reads_says_what_it_looks_like(
    user, intake, samples, real_file
):
    name = "07-Si6505_10kHz-ND1-0.40uW-300s.trpl.dat"
    data = real_file(f"trpl/{name}").read_bytes()

    row = drop(user, intake, name, data)

    assert "TimeHarp" in problems_of(row)["file"]
