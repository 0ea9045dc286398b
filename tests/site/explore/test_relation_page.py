"""The page that asks composition-property questions."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.samples.factories import make_sample

ASKED = "x=composition.CsPbI3&y=pl.peak_wavelength[I]"
QUESTION = f"/explore/?{ASKED}"
POINTS = f"/explore/points/?{ASKED}"
VARIABLES = "/explore/variables/"


@pytest.fixture
def two(ada, project, sample, measure):
    other = make_sample(ada, project, "C-40", composition="(CsPbI3)0.4(agZIF-62)0.6")
    measure(sample)
    measure(other, name="other.csv", origin="simulated")
    return sample, other


def test_points_carry_uncertainty_origin_and_their_sample(client, two):
    _, other = two

    told = client.get(POINTS).json()

    points = told["points"]
    assert (told["count"], told["shown"]) == (2, 2)
    assert points["x"] == [0.25, 0.4]
    assert points["simulated"] == [0, 1]
    assert all(error > 0 for error in points["y_uncertainty"])
    assert points["sample_id"][1] == str(other.uuid)
    assert told["axes"]["y"]["label"] == "PL peak wavelength [I]"
    assert told["axes"]["y"]["unit"] == "nm"


def test_a_formula_on_an_axis_has_its_subscripts(client, two):
    axes = client.get(POINTS).json()["axes"]

    assert axes["x"]["html"] == "Fraction of CsPbI<sub>3</sub>"


def test_a_map_of_a_simulated_property_is_marked_too(client, two):
    query = "x=composition.CsPbI3&y=sample.code&color=pl.fwhm[I]"

    points = client.get(f"/explore/points/?{query}").json()["points"]
    page = client.get(f"/explore/?{query}").content.decode()

    assert sorted(points["simulated"]) == [0, 1]
    assert "1 of these 2 values was computed from simulated data" in page


def test_simulated_values_are_marked_on_the_page(client, two):
    text = " ".join(client.get(QUESTION).content.decode().split())

    assert "1 of these 2 values was computed from simulated data" in text


def test_groups_tell_how_many_of_their_values_are_simulated(client, two):
    mixed = client.get(f"{POINTS}&aggregate=mean").json()["points"]
    apart = client.get(f"{POINTS}&aggregate=mean&origin=computed").json()["points"]
    page = client.get(f"{QUESTION}&aggregate=mean").content.decode()

    assert mixed["simulated"] == [0, 1]
    assert apart["simulated"] == [0]
    assert "averaged with the others" in page


def test_a_filter_typed_in_three_fields_becomes_one_parameter(client, two):
    response = client.get(
        "/explore/",
        query_params={
            "x": "composition.CsPbI3",
            "y": "pl.peak_wavelength[I]",
            "filter_variable": "composition.CsPbI3",
            "filter_operator": "lt",
            "filter_value": "0,3",
        },
    )

    asked = parse_qs(urlsplit(response.url).query)
    assert asked["filter"] == ["composition.CsPbI3:lt:0,3"]
    assert "filter_value" not in asked
    found = client.get(response.url)
    assert found.context["count"] == 1
    assert "Fraction of CsPbI3 &lt; 0,3" in found.content.decode()


def test_the_same_question_is_shown_for_programs(client, two):
    response = client.get(f"{QUESTION}&facet=sample.kind&chart=box&log=y")

    address = response.context["api_address"]
    answer = client.get(address.removeprefix("http://testserver"))
    assert answer.json()["count"] == response.context["count"] == 2
    # How it is drawn is no part of the question.
    assert "chart" not in address
    assert "facet=sample.kind" in address


def test_how_it_is_drawn_survives_another_question(client, two):
    text = client.get(f"{QUESTION}&chart=box&log=y").content.decode()

    assert '<input type="hidden" name="chart" value="box">' in text
    assert '<input type="hidden" name="log" value="y">' in text


def test_a_property_alone_is_asked_sample_by_sample(client, two):
    response = client.get("/explore/?y=pl.peak_wavelength[I]")

    assert response.context["count"] == 2
    assert "x=sample.code" in response.context["api_address"]


def test_an_unknown_variable_is_refused_with_the_nearest_ones(client, two):
    response = client.get("/explore/?x=composition.CsPbI&y=pl.fwhm")

    assert response.status_code == 200
    assert "composition.CsPbI3" in " ".join(response.context["errors"]["x"])
    points = client.get("/explore/points/?x=composition.CsPbI&y=pl.fwhm")
    assert points.status_code == 400


def test_a_word_that_is_no_variable_is_refused_in_plain_words(client, two):
    response = client.get("/explore/?x=colour&y=pl.fwhm")

    assert response.context["errors"]["x"] == [
        "No variable is called “colour”: choose one from the list."
    ]


def test_an_answer_without_samples_has_nothing_to_tick(client, two):
    text = client.get(f"{QUESTION}&filter=composition.CsPbI3:gt:3").content.decode()

    assert "No sample has all of these and fits the filters" in text
    assert "data-selection" not in text


def test_groups_are_drawn_with_their_standard_error(client, two):
    told = client.get(f"{POINTS}&aggregate=mean").json()
    page = client.get(f"{QUESTION}&aggregate=mean")

    assert told["axes"]["y"]["label"].endswith(", mean")
    assert len(told["points"]["y"]) == len(told["points"]["y_uncertainty"]) == 2
    assert (page.context["count"], page.context["values_count"]) == (2, 2)
    assert page.context["table"]["head"] == [
        "Fraction of CsPbI3",
        "Values",
        "Limits among them",
        "Simulated among them",
        "Mean",
    ]


def test_files_of_the_answer_are_one_click_away(client, two):
    text = client.get(QUESTION).content.decode()

    (address,) = re.findall(r'href="([^"]*format=csv)"', text)
    answer = client.get(address.replace("&amp;", "&"))
    assert answer["Content-Type"].startswith("text/csv")


def test_an_empty_lab_says_how_to_begin(client, project):
    assert "nothing to plot yet" in client.get("/explore/").content.decode()


def test_the_first_questions_are_one_click_away(client, two):
    text = client.get("/explore/").content.decode()

    links = re.findall(r'href="(/explore/\?[^"]*)"', text)
    (peak,) = (link for link in links if link.endswith("y=pl.peak_wavelength"))
    assert client.get(peak.replace("&amp;", "&")).context["count"] == 2


def offered(response):
    return dict(
        re.findall(
            r'data-value="([^"]*)".*?class="tail">([^<]*)<',
            response.content.decode(),
            re.DOTALL,
        )
    )


def test_a_variable_is_found_by_words_in_any_order(client, two):
    found = offered(client.get(VARIABLES, {"q": "wavelength peak"}))

    assert "pl.peak_wavelength" in found
    assert "pl.peak_wavelength[I]" in found
    assert "pl.fwhm" not in found


def test_a_variable_is_found_by_the_name_of_its_label(client, two):
    found = offered(client.get(VARIABLES, {"q": "wavelength [ii]"}))

    assert list(found) == ["pl.peak_wavelength[II]"]


def test_variables_tell_how_many_samples_have_both(client, two, ada, project):
    make_sample(ada, project, "C-50", composition="(CsPbI3)0.5(agZIF-62)0.5")

    alone = offered(client.get(VARIABLES, {"q": "CsPbI3 fraction"}))
    beside = offered(
        client.get(VARIABLES, {"q": "CsPbI3 fraction", "with": "pl.fwhm[I]"})
    )

    assert alone["composition.CsPbI3"] == "3 samples"
    assert beside["composition.CsPbI3"] == "2 of 3"


def test_what_was_measured_comes_first_for_y_and_what_was_done_for_x(client, two):
    for_y = list(offered(client.get(VARIABLES, {"for": "y"})))
    for_x = list(offered(client.get(VARIABLES, {"for": "x"})))

    assert for_y[0].startswith("pl.")
    assert for_x[0].startswith("composition.")


def test_other_projects_variables_are_not_offered(client, two, django_user_model):
    client.force_login(django_user_model.objects.create_user("mallory"))

    page = client.get("/explore/").content.decode()
    found = client.get(VARIABLES, {"q": "CsPbI3"}).content.decode()

    assert "CsPbI3" not in page + found
    assert "No variable is called that" in found
