"""Values typed by hand: understood while typed, recorded with their source, judged."""

import pytest

from analysis.models import PropertyValue
from tests.samples.factories import make_process, make_sample

LIFETIME = {"quantity": "pl.fwhm", "label": "I", "origin": "manual"}


def record(client, sample, **sent):
    return client.post(f"/samples/{sample.uuid}/values/new/", {**LIFETIME, **sent})


@pytest.mark.parametrize(
    ("typed", "value", "uncertainty", "bound"),
    [
        ("40.45(5)", 40.45, 0.05, "="),
        ("40.1±0.3", 40.1, 0.3, "="),
        ("0.05 µm", 50.0, None, "="),
        ("> 40 nm", 40.0, None, ">"),
    ],
)
def test_a_value_is_recorded_as_it_is_written(
    client, sample, typed, value, uncertainty, bound
):
    answer = record(client, sample, value=typed)

    row = PropertyValue.objects.get()
    assert answer["Location"] == sample.get_absolute_url()
    assert row.value == pytest.approx(value)
    assert row.uncertainty == (uncertainty and pytest.approx(uncertainty))
    assert (row.bound, row.label, row.origin) == (bound, "I", "manual")


def test_a_reported_value_keeps_its_publication(client, sample):
    record(
        client,
        sample,
        value="40.1±0.3",
        origin="reported",
        doi="https://doi.org/10.1126/science.abf4460",
        locator="Table S3",
    )

    row = PropertyValue.objects.get()
    assert row.reference_doi == "10.1126/science.abf4460"
    assert row.reference_locator == "Table S3"


def test_a_reported_value_says_where(client, sample):
    page = record(client, sample, value="40", origin="reported")

    assert page.context["form"].errors["doi"] == [
        "Say where it is reported: a DOI, or a note."
    ]


def test_a_value_is_about_a_state_of_the_sample(client, ada, project, sample):
    ageing = make_process(
        ada,
        project,
        "ageing",
        inputs=[sample.code],
        outputs=[sample.code],
        parameters={"temperature": 85},
    )

    record(client, sample, value="40", state=f"before:{ageing.uuid}")

    subject = PropertyValue.objects.get().subject
    assert (subject.process, subject.relation) == (ageing, "before")


@pytest.mark.parametrize(
    ("sent", "field", "words"),
    [
        ({"value": "forty"}, "value", "forty"),
        ({"value": "40 kg"}, "value", "kg"),
        ({"value": "40", "quantity": ""}, "quantity", "needed"),
        ({"value": "40", "doi": "nature"}, "doi", "no DOI"),
        ({"value": "0.9", "quantity": "pl.r_squared"}, "label", "no label"),
    ],
)
def test_what_is_wrong_stands_at_its_field(client, sample, sent, field, words):
    page = record(client, sample, **sent)

    assert words in page.context["form"].errors[field][0]
    assert PropertyValue.objects.count() == 0
    assert f'value="{sent["value"]}"' in page.content.decode()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"quantity": "pl.fwhm", "value": "0.05(1) µm"}, "(50 ± 10) nm"),
        ({"quantity": "pl.fwhm", "value": "> 40"}, "no uncertainty stated"),
        ({"quantity": "pl.fwhm", "value": "40 kg"}, "kg"),
        ({"quantity": "pl.fwhm", "value": ""}, "full width at half maximum in nm"),
        ({"quantity": "", "value": "40"}, "Choose the quantity first"),
    ],
)
def test_what_is_typed_is_understood_at_once(client, ada, query, words):
    text = client.get("/values/understood/", query).content.decode()

    assert words in text


def test_a_mistyped_value_is_replaced_and_kept(client, sample):
    record(client, sample, value="401")
    wrong = PropertyValue.objects.get()

    page = client.get(
        f"/samples/{sample.uuid}/values/new/", {"replaces": str(wrong.uuid)}
    )
    initial = page.context["form"].initial
    record(client, sample, value="40.1", supersedes=str(initial["supersedes"]))

    assert initial["quantity"] == "pl.fwhm"
    current = PropertyValue.objects.filter(sample=sample).current()
    assert [row.value for row in current] == [40.1]
    assert PropertyValue.objects.count() == 2


def test_a_value_of_another_sample_is_not_replaced_here(client, ada, project, sample):
    record(client, sample, value="401")
    other = make_sample(ada, project, "C-50")
    replaces = {"replaces": str(PropertyValue.objects.get().uuid)}

    page = client.get(f"/samples/{other.uuid}/values/new/", replaces)

    assert "supersedes" not in page.context["form"].initial


def test_another_value_can_follow_at_once(client, sample):
    answer = record(client, sample, value="40", another="yes")

    assert answer["Location"] == f"/samples/{sample.uuid}/values/new/"


def test_a_value_is_rejected_with_its_reason(client, sample):
    record(client, sample, value="40")
    row = PropertyValue.objects.get()

    client.post(
        f"/values/{row.uuid}/decide/", {"verdict": "rejected", "reason": "misread"}
    )

    assert not PropertyValue.objects.current().exists()
    assert row.decisions.get().reason == "misread"


def test_a_rejection_without_a_reason_is_refused(client, sample):
    record(client, sample, value="40")
    row = PropertyValue.objects.get()

    page = client.post(f"/values/{row.uuid}/decide/", {"verdict": "rejected"})

    assert page.context["decision_form"].errors["reason"] == ["Say why it is rejected."]
    assert PropertyValue.objects.current().exists()


def test_a_typed_value_has_a_page_with_its_source(client, sample):
    record(
        client,
        sample,
        value="40.1±0.3",
        origin="reported",
        doi="10.1126/science.abf4460",
        locator="Table S3",
    )
    row = PropertyValue.objects.get()

    text = client.get(f"/values/{row.uuid}/").content.decode()

    for words in (
        "(40.10 ± 0.30) nm",
        "https://doi.org/10.1126/",
        "Table S3",
        "counts",
    ):
        assert words in text
    assert (
        f"/values/{row.uuid}/" in client.get(sample.get_absolute_url()).content.decode()
    )


def test_a_replaced_value_names_what_took_its_place(client, sample):
    record(client, sample, value="401")
    wrong = PropertyValue.objects.get()
    record(client, sample, value="40.1", supersedes=str(wrong.uuid))
    newer = PropertyValue.objects.get(supersedes=wrong)

    text = client.get(f"/values/{wrong.uuid}/").content.decode()

    assert "Another value took its place" in text
    assert f"/values/{newer.uuid}/" in text


def test_a_fitted_value_shows_the_chain_to_its_file(client, run):
    value = run.values.first()

    page = client.get(f"/values/{value.uuid}/")

    assert page.context["chain"]["sample"] == run.measurement.sample
    text = page.content.decode()
    assert f"{run.get_absolute_url()}#value-{value.uuid}" in text
    assert run.measurement.files.get().name in text


def test_viewers_record_nothing(client, sample, viewer):
    client.force_login(viewer)

    assert record(client, sample, value="40").status_code == 403
    page = client.get(f"/samples/{sample.uuid}/values/new/")
    assert page["Location"] == sample.get_absolute_url()
    assert PropertyValue.objects.count() == 0
