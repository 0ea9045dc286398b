"""The form of a series: what it begins with, shows, saves, and what comes next."""

import pytest

from labdata.common.people import drafts
from labdata.common.people.drafts import Draft
from samples import services
from samples.models import Process, Sample
from tests.samples.factories import (
    add_member,
    make_materials,
    make_process,
    make_project,
    make_sample,
    make_user,
)

pytestmark = pytest.mark.django_db

ADDRESS = "/samples/series/"
PROGRAM = [
    {"start_temperature": 25, "end_temperature": 300, "ramp": 20, "dwell": 30},
    {"start_temperature": 300, "end_temperature": 25, "cooling": "quench"},
]


@pytest.fixture
def user(client):
    user = make_user("ada")
    client.force_login(user)
    return user


@pytest.fixture
def project(user):
    return make_project(user)


@pytest.fixture
def composite(user, project):
    """A composite sintered from a mixture of two powders, as paper A makes them."""
    make_materials(user, project)
    make_sample(user, project, "POWDER", kind="powder")
    make_sample(user, project, "GLASS", kind="glass")
    make_sample(user, project, "MIX", kind="mixture")
    make_process(
        user,
        project,
        "mixing",
        inputs=[
            {"sample": "POWDER", "amount": "50 mg"},
            {"sample": "GLASS", "amount": "150 mg"},
        ],
        outputs=["MIX"],
    )
    sample = make_sample(
        user, project, "C-25", composition="(CsPbI3)0.25(agZIF-62)0.75"
    )
    make_process(user, project, inputs=["MIX"], outputs=["C-25"], program=PROGRAM)
    return sample


def rows(prefix, *told):
    """The cells of a table as a browser sends them."""
    data = {f"{prefix}-total": str(len(told))}
    for index, row in enumerate(told):
        data |= {f"{prefix}-{index}-{key}": value for key, value in row.items()}
    return data


@pytest.fixture
def typed(composite, project):
    return {
        "project": project.slug,
        "kind": "composite",
        "batch": "B-7",
        "composition": "(CsPbI3){x}(agZIF-62){1-x}",
        "code": "S-{n:02}",
        "process_kind": "sintering",
        "state": "done",
        "is_mixed": "on",
        "precursor_kind": "mixture",
        **rows(
            "variables",
            {"name": "x", "values": "0:0.55:0.05"},
            {"name": "temperature", "values": "573.15 K, 350"},
        ),
        **rows("inputs", {"code": "POWDER", "amount": "{200x} mg"}, {"code": "GLASS"}),
        **rows("program", *PROGRAM),
        **rows("parameters", {"name": "", "value": ""}),
    }


def text_of(response):
    return " ".join(response.content.decode().split())


def test_a_series_is_saved_and_leads_to_its_batch(client, typed):
    response = client.post(ADDRESS, typed, follow=True)

    assert response.redirect_chain == [
        ("/samples/?project=glasses&batch=B-7&kind=composite", 302)
    ]
    assert Sample.objects.filter(batch__code="B-7", kind="composite").count() == 24
    assert "24 samples are logged in batch B-7, with <a" in text_of(response)


def test_the_list_of_a_batch_offers_what_comes_next(client, typed):
    page = text_of(client.post(ADDRESS, typed, follow=True))

    assert "/labels/?project=glasses&amp;batch=B-7" in page
    assert "/measurements/drop/?project=glasses&amp;batch=B-7" in page
    assert "Mark all as done" not in page


def test_planned_series_are_done_with_one_button(client, typed):
    page = text_of(client.post(ADDRESS, typed | {"state": "planned"}, follow=True))
    asked = {"project": "glasses", "batch": "B-7"}

    after = text_of(client.post("/samples/batch/done/", asked, follow=True))

    assert "36 processes planned" in page
    assert "36 processes of B-7 are done." in after
    assert not Process.objects.filter(state="planned").exists()
    act = Process.objects.filter(batch__code="B-7").first()
    assert act.started_at is not None
    assert [row.state for row in act.history.all()] == ["done", "planned"]


def test_what_was_done_is_known_of_the_samples(client, typed, django_user_model):
    client.post(ADDRESS, typed | {"state": "planned"})
    sample = Sample.objects.get(code="S-02")
    before = sample.subjects.get().facts.filter(
        variable__key="process.sintering.temperature"
    )
    assert not before.exists()

    client.post("/samples/batch/done/", {"project": "glasses", "batch": "B-7"})

    assert before.get().value == 350


def test_the_preview_shows_every_sample_and_saves_nothing(client, typed):
    page = text_of(client.post(f"{ADDRESS}preview/", typed))

    assert "24 samples</strong>, 12 mixtures, 36 processes" in page
    assert 'placeholder="S-24"' in page
    assert "(CsPbI<sub>3</sub>)<sub>0.05</sub>" in page
    assert "300 °C" in page
    assert "573.15 K" in page
    assert "2 thermal programmes drawn" in page
    assert not Sample.objects.filter(batch__code="B-7").exists()


def test_the_preview_of_a_long_series_shows_its_beginning_and_what_is_wrong(
    client, typed, user, project
):
    make_sample(user, project, "S-177")
    long = typed | {"variables-0-values": "0.001:0.1:0.001"}

    page = text_of(client.post(f"{ADDRESS}preview/", long))

    assert "139 more rows in the same manner." in page
    assert 'placeholder="S-60"' in page
    assert 'placeholder="S-61"' not in page
    assert "There is a sample S-177 (composite) already." in page


def test_the_preview_marks_what_is_wrong_at_its_row(client, typed, user, project):
    make_sample(user, project, "S-03")

    page = text_of(client.post(f"{ADDRESS}preview/", typed))

    assert "There is a sample S-03 (composite) already." in page
    assert "1 row to mend" in page
    assert "Count from 4" in page


def test_a_series_with_one_wrong_row_saves_nothing_and_keeps_what_was_typed(
    client, typed, user, project
):
    make_sample(user, project, "S-03")

    response = client.post(ADDRESS, typed)

    page = text_of(response)
    assert response.status_code == 200
    assert 'value="0:0.55:0.05"' in page
    assert "There is a sample S-03 (composite) already." in page
    assert not Sample.objects.filter(batch__code="B-7").exists()


def test_a_pasted_list_that_is_wrong_stays_as_it_was_pasted(client, typed):
    pasted = "code\tT [K]\nA-1\t573\nA-1\thot\n"

    page = client.post(ADDRESS, typed | {"table": pasted}).content.decode()

    assert "A-1\t573\nA-1\thot" in page
    assert "A-1 is also the code of row 1." in page


def test_faults_stand_at_their_fields(client, typed):
    wrong = typed | {"kind": "", "code": "S-{q}", "variables-0-values": "0.1..0.9"}

    page = text_of(client.post(ADDRESS, wrong))

    assert 'id="id_variables-0-values_error"' in page
    assert "needs its step" in page
    assert "&#x27;q&#x27; is not known" in page


def test_rows_left_out_and_codes_typed_in_the_preview_count(client, typed, project):
    user = project.memberships.get().user
    asked = {
        "user": user,
        "project": project,
        "kind": "composite",
        "batch": "B-7",
        "composition": typed["composition"],
        "variables": [
            {"name": "x", "values": "0:0.55:0.05"},
            {"name": "temperature", "values": "573.15 K, 350"},
        ],
        "process": {"kind": "sintering", "program": PROGRAM},
        "code": "S-{n:02}",
    }
    keys = [row.key for row in services.plan_series(**asked).rows]
    chosen = {"left_out": keys[2:], f"code:{keys[1]}": "MINE"}

    client.post(ADDRESS, typed | chosen)

    codes = Sample.objects.filter(batch__code="B-7", kind="composite")
    assert sorted(codes.values_list("code", flat=True)) == ["MINE", "S-01"]


def test_a_sample_is_the_template_of_a_series(client, composite):
    page = text_of(client.get(f"{ADDRESS}?from={composite.uuid}"))

    assert 'value="(CsPbI3){x}(agZIF-62){1-x}"' in page
    assert 'name="variables-0-name" id="id_variables-0-name" value="x"' in page
    assert 'id="id_variables-1-values" value="300"' in page
    assert 'value="{200x} mg"' in page
    assert 'value="{200(1-x)} mg"' in page
    assert 'name="is_mixed" id="id_is_mixed" checked' in page
    assert 'value="{batch}-{n:02}"' in page


def test_without_a_series_before_the_last_sample_is_the_template(client, composite):
    page = text_of(client.get(ADDRESS))

    assert f'A series like <a class="code" href="/samples/{composite.uuid}/"' in page


def test_a_protocol_says_how_a_series_is_made(client, user, project, composite):
    protocol = services.create_protocol(
        user=user, project=project, name="Sinter", kind="sintering", program=PROGRAM
    )

    page = text_of(client.get(f"{ADDRESS}?protocol={protocol.uuid}"))

    assert "Made as in the protocol" in page
    assert f'name="protocol" value="{protocol.uuid}"' in page
    assert 'id="id_program-0-end_temperature" value="300"' in page


def test_processes_of_a_series_name_the_protocol_they_followed(
    client, user, project, typed
):
    protocol = services.create_protocol(
        user=user, project=project, name="Sinter", kind="sintering", program=PROGRAM
    )

    client.post(ADDRESS, typed | {"protocol": str(protocol.uuid)})

    made = Process.objects.filter(kind="sintering", batch__code="B-7")
    assert set(made.values_list("protocol", "protocol_version")) == {(protocol.pk, 1)}


def test_the_next_series_begins_as_the_last_one_and_says_so(client, typed):
    client.post(ADDRESS, typed)

    page = text_of(client.get(ADDRESS))

    assert 'Filled in as in your last series, batch <span class="code">B-7' in page
    assert 'value="0:0.55:0.05"' in page
    assert 'value="B-7"' not in page
    assert "Count from 25" in page


def test_the_draft_is_dropped_when_the_series_is_saved(client, user, typed):
    drafts.save_draft(user=user, key="series", data={"fields": []})

    client.post(ADDRESS, typed)

    assert not Draft.objects.exists()


def test_the_form_of_others_samples_is_not_to_be_had(client, user, composite):
    stranger = make_user("stranger")
    make_project(stranger, "elsewhere")
    client.force_login(stranger)

    assert client.get(f"{ADDRESS}?from={composite.uuid}").status_code == 404
    done = client.post("/samples/batch/done/", {"project": "glasses", "batch": "B"})
    assert done.status_code == 404


def test_viewers_finish_no_batch(client, typed, project):
    client.post(ADDRESS, typed | {"state": "planned"})
    viewer = make_user("viewer")
    add_member(project, viewer, "viewer")
    client.force_login(viewer)

    client.post("/samples/batch/done/", {"project": "glasses", "batch": "B-7"})

    assert not Process.objects.filter(batch__code="B-7", state="done").exists()
    assert "Mark all as done" not in text_of(
        client.get("/samples/?batch=B-7&project=glasses")
    )
