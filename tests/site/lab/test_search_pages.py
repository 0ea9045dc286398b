"""Search: what finds what, and what is offered while one types."""

import re
from io import BytesIO

import pytest

from measurements.services import attach_files
from measurements.services.instruments import create_instrument
from samples.models import Sample
from samples.services import create_lot, create_sample, set_archived
from tests.measurements.factories import make_measurement
from tests.samples.factories import (
    make_materials,
    make_process,
    make_sample,
    make_user,
)


def found(client, text, **query):
    """The names found, by group."""
    response = client.get("/search/", {"q": text, "all": "1", **query})
    assert response.status_code == 200
    return {
        group.label: [hit.name for hit in group.hits]
        for group in response.context["groups"]
    }


@pytest.fixture
def lab(ada, project):
    """Samples that say the same in different notations."""
    make_materials(ada, project)

    def log(code, composition="", **values):
        return make_sample(ada, project, code, composition=composition, **values)

    log("C-25", "(CsPbI3)0.25(agZIF-62)0.75", name="First try", batch="B7")
    log("C-50", "50 wt% CsPbI3 / agZIF-62", tags=["PL study"])
    log("FA-1", "Cs0.05FA0.95PbI3", kind="film")
    log("MA-1", "CH3NH3PbI3", kind="film")
    make_process(ada, project, "sintering", inputs=["C-25"], outputs=["C-25"])
    return log


@pytest.mark.parametrize("spelling", ["C-25", "c-25"])
def test_the_exact_code_of_a_sample_opens_it(client, lab, spelling):
    response = client.get("/search/", {"q": f" {spelling} "})

    assert re.fullmatch(r"/samples/[0-9a-f-]{36}/", response.url)


def test_an_archived_sample_is_still_opened_by_its_code(client, ada, lab):
    sample = Sample.objects.get(code="C-25")
    set_archived(user=ada, record=sample, archived=True)

    assert client.get("/search/", {"q": "C-25"}).url == sample.get_absolute_url()


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("(CsPbI3)0.25(agZIF-62)0.75", ["C-25"]),
        ("(CsPbI₃)₀.₂₅(a_gZIF-62)₀.₇₅", ["C-25"]),
        ("25 wt% CsPbI3 / agZIF-62", ["C-25"]),
        ("(agZIF-62)0.75(CsPbI3)0.25", ["C-25"]),
        ("(CsPbI3)0.5(agZIF-62)0.5", ["C-50"]),
        ("FA0.95Cs0.05PbI3", ["FA-1"]),
        ("MAPbI3", ["MA-1"]),
        ("CsPbI3", ["C-25", "C-50"]),
        ("a_gZIF-62", ["C-25", "C-50"]),
        ("first", ["C-25"]),
        ("C- try", ["C-25"]),
        ("B7", ["C-25"]),
        ("PL study", ["C-50"]),
        ("film", ["FA-1", "MA-1"]),
        ("film C-25", []),
    ],
)
def test_samples_are_found_by_what_people_type(client, lab, text, codes):
    assert found(client, text).get("Samples", []) == codes


def test_codes_that_begin_with_the_text_come_first(client, lab):
    lab("XC-5")
    lab("C-5")

    assert found(client, "c-5")["Samples"] == ["C-5", "C-50", "XC-5"]


def test_a_composition_that_was_inherited_is_found(client, ada, project, lab):
    create_sample(user=ada, project=project, code="S-25", kind="composite")
    make_process(ada, project, "sintering", inputs=["C-25"], outputs=["S-25"])

    assert found(client, "25 wt% CsPbI3 / agZIF-62")["Samples"] == ["C-25", "S-25"]


def test_measurements_are_found_by_file_and_note_with_the_words_shown(
    client, sample, measure
):
    measure(sample, name="morning_PL.csv", notes="The lamp flickered in the morning.")

    page = client.get("/search/", {"q": "flickered morning_PL"}).content.decode()

    assert "morning_PL.csv" in page
    assert "The lamp flickered" in page
    assert found(client, "photoluminescence")["Measurements"]


def test_other_things_are_found_in_groups_of_their_own(client, ada, project, lab):
    material = make_materials(ada, project, "DMF")[0]
    create_lot(user=ada, project=project, material=material, code="SA-77")

    assert found(client, "SA-77")["Lots"] == ["SA-77"]
    assert found(client, "B7")["Batches"] == ["B7"]
    assert found(client, "study")["Tags"] == ["PL study"]
    assert found(client, "sintering C-25")["Processes"] == ["Sintering"]
    assert found(client, "glasses")["Projects"] == ["glasses"]
    assert "CsPbI3" in found(client, "cspbi")["Materials"]


def test_files_and_instruments_are_found_by_who_sees_whose_they_are(
    client, ada, sample
):
    attach_files(user=ada, files=[("rim.txt", BytesIO(b"1"))], sample=sample)
    create_instrument(user=ada, name="FLS980")
    make_measurement(ada, sample, instrument="FLS980")

    assert found(client, "rim")["Files"] == ["rim.txt"]
    assert found(client, "FLS980")["Instruments"] == ["FLS980"]
    client.force_login(make_user("stranger"))
    assert found(client, "rim") == found(client, "FLS980") == {}


def test_nothing_found_says_what_may_be_typed(client, lab):
    page = client.get("/search/", {"q": "unheard-of"}).content.decode()

    assert "Nothing is called so" in page
    assert "Log a sample" in page


ODD = ["", " ", "\x00", "%", "_", "((", "1e999", "a" * 9000]


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_any_text_is_answered(client, lab, text):
    assert client.get("/search/", {"q": text, "all": "1"}).status_code == 200
    assert client.get("/search/offered/", {"q": text}).status_code == 200


def test_a_percent_sign_is_a_percent_sign(client, lab):
    assert "Samples" not in found(client, "C%5")


def test_the_list_under_the_box_offers_a_few_of_each_and_everything(client, lab):
    for number in range(8):
        lab(f"N-{number}")

    page = client.get("/search/offered/", {"q": "N-"}).content.decode()

    assert page.count('role="option"') == 6
    assert "5 of 8" in page
    assert "all=1" in page


@pytest.mark.parametrize("text", ["MAPbI3", "C-2", "sintering", "CsPbI3"])
def test_lists_hold_as_many_as_the_page_of_what_was_found_says(client, lab, text):
    response = client.get("/search/", {"q": text, "all": "1"})
    groups = [group for group in response.context["groups"] if group.everything]

    counts = {
        group.label: client.get(group.everything).context["page"].paginator.count
        for group in groups
    }

    assert groups
    assert counts == {group.label: group.count for group in groups}


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("/", "Home"),
        ("/samples/", "Samples"),
        ("/samples/new/", "Samples"),
        ("/explore/", "Explore"),
        ("/measurements/", "Measurements"),
        ("/processes/", "Protocols"),
    ],
)
def test_the_bar_says_where_one_is(client, lab, path, label):
    page = client.get(path).content.decode()

    nav = page[page.index("<nav") : page.index("</nav>")]
    assert set(re.findall(r'aria-current="\w+">(\w+)<', nav)) == {label}


def test_headings_of_the_help_are_found_from_every_page(client, ada):
    page = client.get("/search/?q=reading+a+fit").content.decode()

    assert 'href="/help/measuring/#reading-a-fit"' in page
    assert "Help" in client.get("/search/offered/?q=reading+a+f").content.decode()
