"""Dropping files through the pages: rows, answers in place, progress, acceptance."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analysis.models import AnalysisRun
from labdata.common.jobs.runner import execute_queued
from labdata.common.people.notices import Notice
from labdata.site.measurements.intakes import describe_intake
from measurements.models import Intake, IntakeFile, Measurement
from tests.measurements.factories import pl_text
from tests.samples.factories import make_process, make_project, make_sample, make_user
from tests.site.worlds.spectra import spectrum

HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def samples(ada, project, sample):
    """Two compositions, each sintered at two temperatures, of one batch."""
    made = [sample]
    for fraction, temperature in ((25, 300), (25, 350), (50, 300), (50, 350)):
        rest = 100 - fraction
        code = f"S{fraction}-{temperature}"
        made.append(
            make_sample(
                ada,
                project,
                code,
                composition=f"(CsPbI3)0.{fraction}(agZIF-62)0.{rest}",
                batch="B1",
            )
        )
        make_process(
            ada,
            project,
            outputs=[code],
            program=[{"end_temperature": temperature, "dwell": 30}],
        )
    return made


@pytest.fixture
def intake(client, project, samples):
    address = client.post(
        "/measurements/drop/",
        {"project": "glasses", "technique": "pl"},
        HTTP_ACCEPT="application/json",
    ).json()["address"]
    assert client.get(address).status_code == 200
    return Intake.objects.get()


def drop(client, intake, name="S25-300.csv", data=None, **extra):
    content = spectrum() if data is None else data
    return client.post(
        f"{intake.get_absolute_url()}files/",
        {"file": SimpleUploadedFile(name, content), **extra},
        **HTMX,
    )


def answer(client, row, **said):
    address = f"{row.intake.get_absolute_url()}files/{row.uuid}/"
    return client.post(address, said, **HTMX).content.decode()


def page(client, intake):
    return client.get(intake.get_absolute_url()).content.decode()


def submit(client, intake):
    client.post(f"{intake.get_absolute_url()}upload/")


def four(client, intake):
    for seed, code in enumerate(("S25-300", "S25-350", "S50-300", "S50-350")):
        drop(client, intake, f"PL {code}.csv", spectrum(seed=seed))


def test_a_dropped_file_answers_with_its_row(client, intake):
    html = drop(client, intake).content.decode()

    assert 'value="S25-300"' in html
    assert "S25-300 stands in the file name." in html
    assert "Delimited text: a table of 2 columns" in html
    assert "<svg" in html


def test_a_file_that_is_refused_says_so_in_words(client, intake):
    response = drop(client, intake, data=b"")

    assert response.status_code == 400
    assert response.content.decode() == (
        "S25-300.csv is empty (0 bytes): export it again."
    )
    assert IntakeFile.objects.count() == 0


def test_the_page_without_a_script_takes_several_files_at_once(client, samples):
    files = [
        SimpleUploadedFile("S25-300.csv", spectrum(seed=1)),
        SimpleUploadedFile("S50-300.csv", spectrum(seed=2)),
        SimpleUploadedFile("empty.csv", b""),
    ]

    response = client.post(
        "/measurements/drop/",
        {"project": "glasses", "technique": "pl", "file": files},
        follow=True,
    )

    html = response.content.decode()
    assert "Upload 2 measurements" in html
    assert "empty.csv is empty" in html


def test_an_address_with_a_sample_narrows_whose_the_files_are(client, samples):
    html = client.get(f"/measurements/drop/?sample={samples[1].uuid}").content.decode()
    assert "S25-300" in html

    client.post(
        "/measurements/drop/",
        {
            "project": "glasses",
            "technique": "pl",
            "sample": samples[1].uuid,
            "file": SimpleUploadedFile("spectrum.csv", spectrum()),
        },
    )

    assert IntakeFile.objects.get().sample.code == "S25-300"


def test_an_address_with_a_batch_narrows_whose_the_files_are(client, samples):
    client.post(
        "/measurements/drop/?batch=B1&project=glasses",
        {
            "project": "glasses",
            "technique": "pl",
            "batch": samples[1].batch.uuid,
            "file": SimpleUploadedFile("C-25.csv", spectrum()),
        },
    )

    row = IntakeFile.objects.get()
    assert row.sample is None
    assert row.match["candidates"] == ["C-25"]


def test_an_ambiguous_name_offers_its_candidates_and_takes_the_answer(client, intake):
    html = drop(client, intake, "S25-300 or S50-300.csv").content.decode()
    row = IntakeFile.objects.get()
    assert html.count('name="candidate"') == 2

    html = answer(client, row, candidate="S50-300", sample="", technique="pl")

    row.refresh_from_db()
    assert row.sample.code == "S50-300"
    assert "Upload 1 measurement<" in html.replace("\n", "")


def test_a_code_that_does_not_exist_stays_typed_and_says_why(client, intake):
    drop(client, intake, "spectrum.csv")
    row = IntakeFile.objects.get()

    html = answer(client, row, sample="s25-30o")

    assert 'value="s25-30o"' in html
    assert "glasses has no sample" in html


def test_typing_offers_codes_that_hold_what_is_typed(client, intake):
    html = client.get(f"{intake.get_absolute_url()}codes/?sample=50-3").content.decode()

    assert re.findall(r'value="([^"]+)"', html) == ["S50-300", "S50-350"]


def test_a_format_nobody_reads_is_told_at_its_row(client, intake):
    html = drop(client, intake, data=b"\x89PNG\r\n\x1a\n" + bytes(99)).content.decode()

    assert "PNG image" in html
    assert "Looked for" in html


def test_a_file_measured_before_links_to_its_measurement(
    client, intake, samples, measure
):
    before = measure(samples[1])

    html = drop(client, intake).content.decode()

    assert "These bytes are a measurement already." in html
    assert before.get_absolute_url() in html
    answer(client, IntakeFile.objects.get(), is_wanted_twice="yes")
    assert describe_intake(intake).waiting == 1


def test_a_file_left_out_is_not_uploaded_and_can_come_back(client, intake):
    drop(client, intake)
    row = IntakeFile.objects.get()

    assert "Take it back in" in answer(client, row, is_left_out="yes")
    submit(client, intake)
    assert Measurement.objects.count() == 0
    answer(client, row, is_left_out="no")
    submit(client, intake)
    assert Measurement.objects.count() == 1


def test_conditions_are_set_for_the_ticked_files_alone(client, intake):
    four(client, intake)
    ticked = [str(row.uuid) for row in intake.files.all()[:2]]

    client.post(
        f"{intake.get_absolute_url()}describe/",
        {"id": ticked, "condition_temperature": "298 K", "operator": "Ada"},
    )

    temperatures = [
        row.values.get("conditions", {}).get("temperature")
        for row in intake.files.order_by("pk")
    ]
    assert temperatures == [pytest.approx(24.85)] * 2 + [None] * 2
    assert "24.85" in page(client, intake)


def test_a_condition_that_cannot_be_stays_typed_and_sets_nothing(client, intake):
    four(client, intake)

    html = client.post(
        f"{intake.get_absolute_url()}describe/", {"condition_temperature": "2 nm"}
    ).content.decode()

    assert 'value="2 nm"' in html
    assert 'aria-invalid="true"' in html
    assert not any(row.values.get("conditions") for row in intake.files.all())


def test_sound_files_are_uploaded_and_followed_to_their_fits(client, intake):
    four(client, intake)
    drop(client, intake, "spectrum.csv", spectrum(seed=9))

    submit(client, intake)
    before = page(client, intake)
    execute_queued()
    after = page(client, intake)

    assert "0 of 4 done" in before
    assert 'hx-trigger="every 1s"' in before
    assert "All 4 are in" in after
    assert "every 1s" not in after
    assert "Accept all 4 good fits" in after
    assert len(re.findall(r"λ \[I\]", after)) == 4
    assert "needs you" in re.sub(r"<[^>]+>", "", after)


def test_progress_brings_only_the_rows_that_changed(client, intake):
    four(client, intake)
    submit(client, intake)
    seen = describe_intake(intake).seen
    execute_queued()

    address = f"{intake.get_absolute_url()}progress/"
    changed = client.get(address, {"seen": seen}).content.decode()
    now = describe_intake(intake).seen
    nothing = client.get(address, {"seen": now}).content.decode()

    assert changed.count('<li class="intake-row') == 4
    assert changed.count('hx-swap-oob="true"') == 6
    assert "intake-row" not in nothing


def test_good_fits_are_accepted_together_and_doubtful_ones_are_left(client, intake):
    four(client, intake)
    # One peak, so that the second one of the usual fit cannot be trusted.
    drop(client, intake, "C-25.csv", pl_text())
    submit(client, intake)
    execute_queued()
    overview = describe_intake(intake)
    assert [row.sample.code for row in overview.doubtful] == ["C-25"]
    assert "unsupported" in page(client, intake)

    html = client.post(
        f"{intake.get_absolute_url()}accept/", follow=True
    ).content.decode()

    verdicts = {row.sample.code: row.verdict for row in describe_intake(intake).rows}
    assert verdicts.pop("C-25") == ""
    assert set(verdicts.values()) == {"accepted"}
    assert "Accepted: 4 fits." in html
    assert "Undo" in html


def test_one_fit_is_accepted_in_its_row(client, intake):
    four(client, intake)
    submit(client, intake)
    execute_queued()
    row = intake.files.first()

    html = client.post(
        f"{intake.get_absolute_url()}accept/", {"file": row.uuid}, **HTMX
    ).content.decode()

    assert "state-accepted" in html
    assert "Accept all 3 good fits" in html
    assert describe_intake(intake).accepted == 1


def test_the_plot_offered_has_what_varies_as_axis_and_colour(client, intake):
    four(client, intake)
    submit(client, intake)
    execute_queued()

    address = re.search(r'href="(/explore/[^"]+)"', page(client, intake)).group(1)

    asked = parse_qs(urlsplit(address.replace("&amp;", "&")).query)
    assert asked == {
        "x": ["composition.CsPbI3"],
        "y": ["pl.peak_wavelength[I]"],
        "color": ["process.sintering.temperature"],
        "filter": ["sample.batch:eq:B1"],
    }
    assert client.get(address.replace("&amp;", "&")).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_who_dropped_the_files_is_told_once_when_all_are_in(client, intake, ada):
    four(client, intake)
    submit(client, intake)
    execute_queued()

    notice = Notice.objects.visible_to(ada).get()
    assert notice.text == "4 files are read and fitted, 4 good."
    assert notice.address == intake.get_absolute_url()
    assert not Intake.objects.unfinished().exists()
    page(client, intake)
    assert not Notice.objects.visible_to(ada).unread().exists()


def test_an_unfinished_intake_is_found_again(client, intake):
    drop(client, intake)

    html = client.get("/measurements/drop/").content.decode()

    assert "Files you dropped are not finished" in html
    assert intake.get_absolute_url() in html
    client.post(f"{intake.get_absolute_url()}away/")
    html = client.get("/measurements/drop/").content.decode()
    assert intake.get_absolute_url() not in html


def test_a_failed_fit_offers_what_can_be_done(client, intake):
    rows = b"".join(b"%d,1\n" % (600 + place) for place in range(3))
    drop(client, intake, data=b"Wavelength (nm),Intensity (counts)\n" + rows)
    submit(client, intake)
    execute_queued()

    html = page(client, intake)

    run = AnalysisRun.objects.get()
    assert run.state == "failed"
    assert run.message.split(";")[0] in html
    assert "Try other parameters" in html


def test_a_colleague_sees_the_files_and_a_stranger_does_not(client, intake, viewer):
    drop(client, intake)

    client.force_login(viewer)
    assert "S25-300" in page(client, intake)
    assert client.post(f"{intake.get_absolute_url()}upload/").status_code == 403
    client.force_login(make_user("eve"))
    assert client.get(intake.get_absolute_url()).status_code == 404


def test_files_cannot_be_dropped_into_a_project_one_may_not_write_to(client, samples):
    eve = make_user("eve")
    make_project(eve, "hers")
    client.force_login(eve)

    response = client.post(
        "/measurements/drop/",
        {"project": "glasses"},
        HTTP_ACCEPT="application/json",
    )

    assert response.status_code == 400
    assert Intake.objects.count() == 0


def test_the_page_asks_the_same_questions_for_few_files_and_many(client, intake):
    def questions():
        with CaptureQueriesContext(connection) as queries:
            page(client, intake)
        return len(queries)

    four(client, intake)
    submit(client, intake)
    execute_queued()
    page(client, intake)
    few = questions()
    for seed in range(10, 18):
        drop(client, intake, f"S25-300 {seed}.csv", spectrum(seed=seed))
    submit(client, intake)
    execute_queued()
    page(client, intake)

    assert questions() <= few


def test_a_file_beyond_the_limit_is_refused_and_leaves_the_others(
    client, intake, settings
):
    drop(client, intake)
    settings.LABDATA_MAX_UPLOAD = 1000

    refused = drop(client, intake, "S50-300.csv", b"1,2\n" * 1000)

    assert refused.status_code == 413
    assert intake.files.count() == 1
