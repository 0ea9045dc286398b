"""Taking pieces of a sample, and merging several into one."""

import pytest

from samples.models import Process, Sample
from tests.samples.factories import make_project, make_sample


@pytest.fixture
def address(sample):
    return f"/samples/{sample.uuid}/split/"


def typed(**changes):
    return {
        "count": "3",
        "pattern": "C-25-{n}",
        "amount": "5 mg",
        "kind": "composite",
        "state": "done",
    } | changes


def test_three_pieces_are_taken_and_the_sample_stays(client, sample, address):
    response = client.post(address, typed(), follow=True)

    codes = Process.objects.get().outputs.values_list("sample__code", flat=True)
    assert list(codes) == ["C-25-1", "C-25-2", "C-25-3"]
    assert Process.objects.get().inputs.get().amount == 15
    assert "3 pieces of C-25" in response.content.decode()
    assert "Print labels" in response.content.decode()


def test_a_single_piece_is_gone_to_at_once(client, sample, address):
    response = client.post(address, typed(count="1", amount=""))

    assert response.url == Sample.objects.get(code="C-25-1").get_absolute_url()


def test_the_codes_are_previewed_past_those_taken(
    client, ada, project, sample, address
):
    make_sample(ada, project, "C-25-2")

    text = client.post(
        address, typed(pattern="C-25-{n:02}"), headers={"HX-Request": "true"}
    ).content.decode()
    plain = client.post(
        address, typed(), headers={"HX-Request": "true"}
    ).content.decode()

    assert "C-25-01" in text
    assert "C-25-1" in plain
    assert "C-25-2<" not in plain
    assert "C-25-4" in plain
    assert not Process.objects.exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"pattern": "C-25-x"}, "Write {n}"),
        ({"count": "0"}, "greater than or equal to 1"),
        ({"amount": "-5 mg"}, "positive"),
        ({"pattern": "C 25 {n}"}, "A code is made of"),
        ({"started_at": "soon"}, "is not a date"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_cut(
    client, sample, address, changes, said
):
    response = client.post(address, typed(**changes))

    assert said in response.content.decode()
    assert Sample.objects.get() == sample


def test_two_samples_are_merged_with_their_amounts(client, ada, project, sample):
    other = make_sample(ada, project, "P-1", kind="powder", composition="CsPbI3")
    page = client.get(f"/samples/merge/?id={sample.uuid}&id={other.uuid}")
    rows = page.context["form"].making.inputs.values()
    assert [row["code"] for row in rows] == ["C-25", "P-1"]

    client.post(
        "/samples/merge/",
        {
            "id": [str(sample.uuid), str(other.uuid)],
            "project": "glasses",
            "code": "MIX-1",
            "kind": "mixture",
            "composition": "(CsPbI3)0.625(agZIF-62)0.375",
            "made-kind": "mixing",
            "made-state": "done",
            "inputs-total": "2",
            "inputs-0-code": "C-25",
            "inputs-0-amount": "25 mg",
            "inputs-1-code": "P-1",
            "inputs-1-amount": "0.025 g",
        },
    )

    mixture = Sample.objects.get(code="MIX-1")
    amounts = mixture.made_by.process.inputs.values_list("amount", "unit")
    assert list(amounts) == [(25.0, "mg"), (0.025, "g")]
    assert set(Sample.objects.ancestors_of(mixture)) == {mixture, sample, other}


def test_merging_nothing_leads_back_to_the_list(client, ada):
    assert client.get("/samples/merge/").url == "/samples/"


def test_what_one_may_not_see_is_not_merged(client, ada, grace, sample):
    theirs = make_sample(grace, make_project(grace, "theirs"), "T-1")

    page = client.get(f"/samples/merge/?id={sample.uuid}&id={theirs.uuid}")

    assert "T-1" not in page.content.decode()


def test_a_viewer_cuts_and_merges_nothing(client, sample, address, viewer):
    client.force_login(viewer)

    assert client.post(address, typed()).status_code == 403
    merged = client.post("/samples/merge/", {"id": str(sample.uuid)})
    assert merged.status_code == 403
    assert Sample.objects.count() == 1
