"""The page that asks composition-property questions."""

import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.samples.factories import make_sample

QUESTION = "/explore/?x=composition.CsPbI3&y=pl.peak_wavelength[I]"


@pytest.fixture
def two(ada, project, sample, measure):
    other = make_sample(ada, project, "C-40", composition="(CsPbI3)0.4(agZIF-62)0.6")
    measure(sample)
    measure(other, name="other.csv", origin="simulated")
    return sample, other


def plotted(response):
    text = response.content.decode()
    return json.loads(re.search(r'id="plot-data"[^>]*>(.*?)</script>', text, re.S)[1])


def test_points_carry_uncertainty_origin_and_their_sample(client, two):
    _, other = two

    plot = plotted(client.get(QUESTION))

    assert [point["x"] for point in plot["points"]] == [0.25, 0.4]
    assert [point["origin"] for point in plot["points"]] == ["computed", "simulated"]
    assert all(point["dy"] > 0 for point in plot["points"])
    assert plot["points"][1]["address"] == other.get_absolute_url()
    assert plot["y"] == {
        "label": "PL peak wavelength [I]",
        "unit": "nm",
        "kind": "number",
    }


def test_simulated_values_are_marked_on_the_page(client, two):
    text = " ".join(client.get(QUESTION).content.decode().split())

    assert "1 of these 2 values were computed from simulated data" in text


def test_groups_that_mix_simulated_with_measured_values_say_so(client, two):
    mixed = client.get(f"{QUESTION}&aggregate=mean")
    apart = client.get(f"{QUESTION}&aggregate=mean&origin=computed")

    assert "averaged with the others" in mixed.content.decode()
    assert {point["origin"] for point in plotted(mixed)["points"]} == {"simulated"}
    assert {point["origin"] for point in plotted(apart)["points"]} == {""}


def test_a_filter_typed_in_three_fields_becomes_one_parameter(client, two):
    response = client.get(
        QUESTION,
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
    response = client.get(QUESTION)

    address = response.context["api_address"]
    answer = client.get(address.removeprefix("http://testserver"))
    assert answer.json()["count"] == response.context["count"] == 2


def test_an_unknown_variable_is_refused_with_the_nearest_ones(client, two):
    response = client.get("/explore/?x=composition.CsPbI&y=pl.fwhm")

    assert response.status_code == 200
    assert "composition.CsPbI3" in " ".join(response.context["errors"]["x"])


def test_groups_are_drawn_with_their_standard_error(client, two):
    response = client.get(f"{QUESTION}&aggregate=mean")

    plot = plotted(response)
    assert plot["y"]["label"].endswith(", mean")
    assert len(plot["points"]) == 2
    assert (response.context["count"], response.context["values_count"]) == (2, 2)
    assert response.context["table"]["head"] == [
        "Fraction of CsPbI3",
        "Values",
        "Limits among them",
        "Mean",
    ]


def test_files_of_the_answer_are_one_click_away(client, two):
    text = client.get(QUESTION).content.decode()

    (address,) = re.findall(r'href="([^"]*format=csv)"', text)
    answer = client.get(address.replace("&amp;", "&"))
    assert answer["Content-Type"].startswith("text/csv")


def test_an_empty_lab_says_how_to_begin(client, project):
    assert "nothing to plot yet" in client.get("/explore/").content.decode()


def test_other_projects_variables_are_not_offered(client, two, django_user_model):
    client.force_login(django_user_model.objects.create_user("mallory"))

    text = client.get("/explore/").content.decode()

    assert "CsPbI3" not in text
