"""Uploading through the form, watching the reading, answering, asking for runs."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from analysis.models import AnalysisRun
from labdata.common.jobs.runner import execute_queued
from measurements.models import File, Measurement
from tests.site.worlds.spectra import spectrum

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4


def upload(client, data=None, name="pl.csv", **changes):
    content = spectrum() if data is None else data
    return client.post(
        "/measurements/new/",
        {
            "sample": "C-25",
            "technique": "pl",
            "files": SimpleUploadedFile(name, content),
            "analyse": "on",
            **changes,
        },
    )


def test_an_upload_leads_to_its_page_and_to_a_fit(client, sample):
    response = upload(client, condition_temperature="298 K")

    row = Measurement.objects.get()
    assert response.url == row.get_absolute_url()
    execute_queued()
    page = client.get(row.get_absolute_url()).content.decode()
    assert "Gaussian PL peaks" in page
    assert "24.85 °C" in page
    assert row.files.get().blob.sha256 in page


def test_the_live_part_says_when_it_is_final(client, sample):
    upload(client)
    address = f"/measurements/{Measurement.objects.get().uuid}/state/"

    before = client.get(address)
    execute_queued()
    after = client.get(address)

    assert before["X-Final"] == "no"
    assert "queued" in before.content.decode()
    assert after["X-Final"] == "yes"


def test_several_files_make_one_measurement(client, sample):
    files = [SimpleUploadedFile(f"{seed}.csv", spectrum(seed=seed)) for seed in (1, 2)]

    client.post(
        "/measurements/new/", {"sample": "C-25", "technique": "pl", "files": files}
    )

    assert Measurement.objects.get().files.count() == 2


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"sample": "NOPE"}, "sample", "There is no sample 'NOPE'"),
        ({"data": b"", "name": "dark.csv"}, "files", "dark.csv is empty (0 bytes)"),
        ({"condition_temperature": "warm"}, "condition_temperature", "Temperature"),
        (
            {"condition_integration_time": "-1"},
            "condition_integration_time",
            "-1 s, below 0",
        ),
        ({"measured_at": "soon"}, "measured_at", "'soon' is not a date"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(client, sample, changes, field, message):
    response = upload(client, **changes)

    assert message in " ".join(response.context["form"].errors[field])
    assert Measurement.objects.count() == 0


def test_a_missing_file_is_asked_for_and_the_rest_stays(client, sample):
    response = client.post(
        "/measurements/new/",
        {"sample": "C-25", "technique": "pl", "notes": "second spot"},
    )

    assert response.context["form"].errors["files"]
    assert "second spot" in response.content.decode()


def test_a_file_that_is_no_spectrum_fails_with_a_reason_and_is_kept(client, sample):
    upload(client, PNG, "pl.csv")
    execute_queued()

    row = Measurement.objects.get()
    page = client.get(row.get_absolute_url()).content.decode()
    file = File.objects.get()
    assert "could not be read" in page
    assert "PNG" in page
    assert f"/api/v1/files/{file.uuid}/download/" in page
    kept = client.get(f"/api/v1/files/{file.uuid}/download/")
    assert b"".join(kept.streaming_content) == PNG


def test_a_question_is_answered_in_place(client, sample, monkeypatch):
    upload(client)
    row = Measurement.objects.get()
    execute_queued()
    row.refresh_from_db()
    parsing = row.parsing
    parsing.is_question = True
    parsing.candidates = [
        {
            "file": "pl.csv",
            "reader": "delimited_text",
            "label": "Delimited text",
            "score": 0.5,
            "reason": "a table of 2 columns",
        }
    ]
    parsing.message = "Two readers can read this. Which reader is right?"
    parsing.save()

    asked = client.get(row.get_absolute_url()).content.decode()
    response = client.post(
        f"/measurements/{row.uuid}/reader/", {"reader": "delimited_text"}
    )

    assert "a table of 2 columns" in asked
    assert 'type="radio" name="reader" value="delimited_text"' in asked
    assert response.url == row.get_absolute_url()
    execute_queued()
    row.refresh_from_db()
    assert row.state == "ready"


def test_an_analysis_is_asked_for_with_other_parameters(client, sample, measure):
    row = measure(sample)

    response = client.post(
        f"/measurements/{row.uuid}/runs/",
        {
            "analysis": "pl_gaussians",
            "parameter_peaks": "1",
            "parameter_offset": '"linear"',
            "parameter_axis": '"nm"',
            "parameter_weights": '"none"',
            "parameter_window": "620 780",
        },
    )

    run = AnalysisRun.objects.first()
    assert response.url == run.get_absolute_url()
    assert run.parameters["peaks"] == 1
    assert run.parameters["offset"] == "linear"
    assert run.parameters["window"] == [620.0, 780.0]


def test_wrong_parameters_are_refused_at_their_field(client, sample, measure):
    row = measure(sample)

    response = client.post(
        f"/measurements/{row.uuid}/runs/",
        {
            "parameter_peaks": "2",
            "parameter_offset": '"constant"',
            "parameter_axis": '"nm"',
            "parameter_weights": '"none"',
            "parameter_window": "780 620",
        },
    )

    errors = response.context["run_form"].errors["parameter_window"]
    assert "780 to 620" in " ".join(errors)


def test_the_list_takes_the_parameters_of_the_api(client, sample, measure):
    measure(sample)
    measure(sample, data=PNG, name="photo.csv")

    found = client.get("/measurements/?state=failed").context["page"]

    assert [row.state for row in found] == ["failed"]


def test_home_names_what_needs_somebody(client, sample, measure):
    measure(sample, data=PNG, name="photo.csv")

    text = client.get("/").content.decode()

    assert "Files that could not be read" in text
    assert "PNG" in text


def test_a_viewer_cannot_upload_to_the_project(client, sample, viewer):
    client.force_login(viewer)

    response = upload(client)

    assert response.status_code == 403
    assert Measurement.objects.count() == 0


def test_the_form_asks_what_was_measured_until_something_was(client, sample):
    before = client.get("/measurements/new/").context["form"]
    refused = upload(client, technique="")
    upload(client)
    after = client.get("/measurements/new/").context["form"]

    assert (before["technique"].value(), after["technique"].value()) == ("", "pl")
    assert before["technique"].field.choices[0][0] == ""
    assert "technique" in refused.context["form"].errors
    assert Measurement.objects.count() == 1


def test_the_technique_part_offers_what_the_technique_declares(client, sample):
    response = client.get("/measurements/technique/?technique=pl&sample=C-25")

    names = [field.name for field in response.context["form"].condition_fields]
    assert "condition_excitation_wavelength" in names


def test_a_named_file_is_sent_byte_for_byte(client, sample):
    upload(client, spectrum(seed=7))
    file = File.objects.get()

    answer = client.get(f"/api/v1/files/{file.uuid}/download/")

    assert io.BytesIO(b"".join(answer.streaming_content)).read() == spectrum(seed=7)


def test_a_real_spectrum_uploaded_by_the_form_is_fitted(client, sample, real_file):
    path = real_file("pl/*.pl.csv")
    upload(client, path.read_bytes(), path.name)
    execute_queued()

    row = Measurement.objects.get()
    page = client.get(row.runs.get().get_absolute_url())
    assert page.context["run"].state == "done", page.context["run"].message
    preview = client.get(
        f"/api/v1/datasets/{row.datasets.filter(is_result=False).get().uuid}/data/"
    ).json()
    counts = next(c for c in preview["channels"] if c["name"] == "counts")
    top = counts["values"].index(max(counts["values"]))
    assert preview["axes"][0]["values"][top] == pytest.approx(773, abs=1)
