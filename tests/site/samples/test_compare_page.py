"""Samples side by side: what differs, and whether by more than is uncertain."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import analysis.services
from labdata.site.samples.comparison import DIFFERS, SAME, WITHIN, Cell, verdict
from samples import services
from tests.samples.factories import make_process, make_project, make_sample, make_user


def measured(value, uncertainty=None, bound="="):
    return Cell(f"{bound}{value}±{uncertainty}", value, uncertainty, bound)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (measured(682.0, 0.3), measured(682.9, 0.4), WITHIN),
        (measured(682.0, 0.3), measured(683.1, 0.4), DIFFERS),
        (measured(682.0, 0.3), measured(682.5), WITHIN),
        (measured(682.0, 0.3), measured(682.7), DIFFERS),
        (measured(0.25), measured(0.26), DIFFERS),
        (measured(0.3), measured(0.1 + 0.2), SAME),
        (measured(1500.0, bound=">"), measured(1500.0), DIFFERS),
        (Cell("N2"), Cell("Ar"), DIFFERS),
        (Cell("N2"), Cell("N2"), SAME),
        (Cell("—"), Cell("N2"), DIFFERS),
        (Cell("—"), Cell("—"), SAME),
    ],
)
def test_values_differ_beyond_twice_their_uncertainty_together(one, other, expected):
    assert verdict(one, other) == expected
    assert verdict(other, one) == expected


@pytest.fixture
def pair(ada, project, sample):
    """Two composites of one composition, sintered and measured differently."""
    other = make_sample(
        ada, project, "C-26", composition="(CsPbI3)0.25(agZIF-62)0.75", tags=["april"]
    )
    for row, celsius in ((sample, 275), (other, 300)):
        make_process(
            ada,
            project,
            outputs=[row.code],
            program=[
                {"start_temperature": 25, "end_temperature": celsius, "ramp": 20},
                {"end_temperature": celsius, "dwell": 30, "atmosphere": "N2"},
            ],
        )
    for row, value, label in (
        (sample, "682.8±0.2", "I"),
        (other, "684.9±0.3", "I"),
        (sample, "716.4±0.9", "II"),
        (other, "717.0±0.8", "II"),
    ):
        analysis.services.record_value(
            user=ada,
            sample=row,
            quantity="pl.peak_wavelength",
            label=label,
            value=value,
            origin="manual",
        )
    return sample, other


def address(*rows, **more):
    query = "&".join(f"id={row.uuid}" for row in rows)
    return f"/samples/compare/?{query}" + "".join(f"&{k}={v}" for k, v in more.items())


def verdicts(response):
    return {
        row.title: row.verdict
        for section in response.context["sections"]
        for row in section.rows
    }


def test_what_differs_is_told_from_what_only_scatters(client, pair):
    told = verdicts(client.get(address(*pair)))

    assert told["Composition"] == SAME
    assert told["Fraction of CsPbI3"] == SAME
    assert told["Maximum temperature, sintering"] == DIFFERS
    assert told["Atmosphere, sintering"] == SAME
    assert told["PL peak wavelength [I]"] == DIFFERS
    assert told["PL peak wavelength [II]"] == WITHIN
    assert told["Tags"] == DIFFERS


def test_only_differences_leaves_out_what_is_alike(client, pair):
    response = client.get(address(*pair, only="differences"))

    told = verdicts(response)
    assert set(told.values()) == {DIFFERS}
    assert "PL peak wavelength [I]" in told
    assert "PL peak wavelength [II]" not in told
    assert response.context["differing"] == len(told)


def test_what_differs_is_marked_by_a_sign_and_in_words(client, pair):
    text = client.get(address(*pair)).content.decode()

    assert 'aria-label="differs"' in text
    assert 'aria-label="differs within the uncertainties"' in text
    assert 'aria-label="differs from C-25"' in text


def test_programmes_are_drawn_in_one_frame(client, pair):
    drawn = client.get(address(*pair)).context["programs"]

    ticks = [[tick["text"] for tick in one["drawing"].y_ticks] for one in drawn]
    assert ticks[0] == ticks[1]
    assert drawn[0]["drawing"].lines != drawn[1]["drawing"].lines


def test_a_part_has_the_programme_of_what_it_was_taken_from(client, ada, project, pair):
    part = make_sample(ada, project, "C-25a", kind="lamella")
    make_process(ada, project, "splitting", inputs=["C-25"], outputs=["C-25a"])

    drawn = client.get(address(part, pair[1])).context["programs"]

    assert drawn[0]["process"].pk == pair[0].made_by.process_id


def test_of_several_programmes_the_nearest_that_was_not_put_away_is_drawn(
    client, ada, project, pair
):
    make_sample(ada, project, "C-25a")
    again = make_process(
        ada,
        project,
        "annealing",
        inputs=["C-25"],
        outputs=["C-25a"],
        program=[{"start_temperature": 25, "end_temperature": 200}],
    )
    part = again.outputs.get().sample

    drawn = client.get(address(part, pair[1])).context["programs"]
    services.set_archived(user=ada, record=again, archived=True)
    after = client.get(address(part, pair[1])).context["programs"]

    assert drawn[0]["process"] == again
    assert after[0]["process"] != again


def test_a_third_sample_differs_though_the_first_two_are_alike(
    client, ada, project, pair
):
    odd = make_sample(ada, project, "C-27", composition="(CsPbI3)0.5(agZIF-62)0.5")

    told = verdicts(client.get(address(*pair, odd)))

    assert told["Fraction of CsPbI3"] == DIFFERS


def test_the_latest_state_of_a_sample_is_compared(client, ada, project, pair):
    for code, temperatures in (("C-25", (85, 120)), ("C-26", (85,))):
        for celsius in temperatures:
            make_process(
                ada,
                project,
                "ageing",
                inputs=[code],
                outputs=[code],
                parameters={"temperature": celsius},
            )

    sections = client.get(address(*pair)).context["sections"]

    (row,) = [
        row
        for section in sections
        for row in section.rows
        if row.title.startswith("Temperature, ageing")
    ]
    assert [cell.value for cell in row.cells] == [120, 85]


def test_samples_stand_in_the_order_asked_for(client, pair):
    response = client.get(address(*reversed(pair)))

    assert [row.code for row in response.context["samples"]] == ["C-26", "C-25"]


@pytest.mark.parametrize("count", [0, 1, 13])
def test_too_few_or_too_many_are_refused_in_words(client, ada, project, sample, count):
    rows = [make_sample(ada, project, f"N-{number}") for number in range(count)]

    response = client.get(address(*rows))

    assert response.status_code == 400
    words = "at least two" if count < 2 else "at most 12"
    assert words in response.content.decode()


def test_a_sample_of_another_project_is_not_there(client, pair):
    stranger = make_user("stranger")
    theirs = make_sample(stranger, make_project(stranger, "elsewhere"), "T-1")

    assert client.get(address(pair[0], theirs)).status_code == 404


def test_twelve_samples_cost_as_many_questions_as_two(client, ada, project, pair):
    def queries(rows):
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address(*rows)).status_code == 200
        return len(asked)

    queries(pair)
    few = queries(pair)
    more = [
        make_sample(ada, project, f"N-{number}", composition="(CsPbI3)0.5(agZIF-62)0.5")
        for number in range(10)
    ]
    for row in more:
        make_process(
            ada,
            project,
            outputs=[row.code],
            program=[{"start_temperature": 25, "end_temperature": 320, "ramp": 20}],
        )

    assert queries([*pair, *more]) == few


def test_fractions_are_compared_on_the_basis_they_were_stated_on(client, ada, project):
    for name in ("CsPbI3", "CsPbBr3"):
        services.create_material(user=ada, project=project, name=name, formula=name)
    half = [{"material": name, "amount": 0.5} for name in ("CsPbI3", "CsPbBr3")]
    rows = [
        make_sample(
            ada, project, code, composition={"basis": "mol", "components": half}
        )
        for code in ("A", "B")
    ]

    sections = client.get(address(*rows)).context["sections"]

    (row,) = [
        row
        for section in sections
        for row in section.rows
        if row.title == "Fraction of CsPbI3"
    ]
    assert [cell.value for cell in row.cells] == [0.5, 0.5]
