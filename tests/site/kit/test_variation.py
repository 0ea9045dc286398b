"""What was varied in a series, told from what merely follows from it."""

import pytest

from labdata.site.kit.variation import Varying, likely_axes, says_more, varying
from tests.samples.factories import (
    make_materials,
    make_process,
    make_project,
    make_sample,
    make_user,
)


def told(key, values):
    return Varying(1, key, key, "", dict(enumerate(values)))


X = told("composition.A", [0.1, 0.1, 0.2, 0.2])


def test_the_rest_of_a_mixture_says_nothing_more():
    assert not says_more(X, told("composition.B", [0.9, 0.9, 0.8, 0.8]))


def test_a_condition_chosen_freely_says_more():
    assert says_more(X, told("process.sintering.temperature", [275, 300, 275, 300]))


def test_what_is_known_of_few_samples_is_no_axis():
    known_of_two = Varying(1, "process.mixing.duration", "", "", {0: 1, 1: 2})

    assert likely_axes([X, known_of_two], 4) == [X]


def test_ions_follow_from_the_composition():
    ions = told("ion.A.Cs", [0.1, 0.1, 0.2, 0.2])

    assert likely_axes([X, ions], 4) == [X]
    assert likely_axes([ions], 4) == [ions]


@pytest.mark.django_db
def test_the_temperature_that_was_chosen_comes_before_the_time_it_took():
    user = make_user()
    project = make_project(user)
    make_materials(user, project)
    ids = []
    for part in (0.1, 0.2, 0.3):
        for temperature in (275, 300):
            code = f"C{part * 100:.0f}-{temperature}"
            composition = f"(CsPbI3){part}(agZIF-62){1 - part}"
            sample = make_sample(user, project, code, composition=composition)
            step = {"end_temperature": temperature, "ramp": 20, "dwell": 30}
            step["start_temperature"] = 25
            make_process(user, project, outputs=[code], program=[step])
            ids.append(sample.pk)

    found = varying(ids)

    x, *others = likely_axes(found, len(ids))
    assert x.key == "composition.CsPbI3"
    color = next(one for one in others if says_more(x, one))
    assert color.key == "process.sintering.temperature"
    assert "process.sintering.duration" in [one.key for one in others]
