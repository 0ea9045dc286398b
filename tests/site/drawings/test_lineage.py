"""Lineage drawn: what is above and below, folded where it would not be read."""

import pytest

from labdata.site.drawings.ancestry import read_family
from labdata.site.drawings.lineage import draw_lineage
from labdata.site.drawings.lineage_graph import MOST_DRAWN
from samples import services
from tests.samples.factories import (
    make_materials,
    make_process,
    make_project,
    make_sample,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return make_user("ada")


@pytest.fixture
def project(ada):
    return make_project(ada)


@pytest.fixture
def make(ada, project):
    """Make samples out of others by one act."""

    def act(outputs, inputs=(), kind="general", **values):
        made = [make_sample(ada, project, code) for code in outputs]
        process = make_process(
            ada, project, kind, inputs=list(inputs), outputs=list(outputs), **values
        )
        return made, process

    return act


def drawn(ada, sample):
    return draw_lineage(read_family(ada, sample))


def boxes(drawing, kind="sample"):
    return [node.lines[0] for node in drawing.nodes if node.kind == kind]


def box(drawing, words):
    return next(node for node in drawing.nodes if node.lines[0] == words)


def test_a_lone_sample_has_no_drawing(ada, project):
    assert drawn(ada, make_sample(ada, project, "S-1")) is None


def test_time_runs_from_left_to_right_and_downwards(ada, project, make):
    lot = services.create_lot(
        user=ada,
        project=project,
        material=make_materials(ada, project, "CsPbI3")[0],
        code="L-1",
    )
    make(["A"], [{"lot": lot.code}], "synthesis")
    (middle,), _ = make(["B"], ["A"], "sintering")
    make(["C-1", "C-2"], ["B"], "splitting")

    drawing = drawn(ada, middle)

    order = ["lot L-1", "Synthesis", "A", "Sintering", "B", "Splitting", "C-1"]
    across = [box(drawing["across"], words).x for words in order]
    down = [box(drawing["down"], words).y for words in order]
    assert across == sorted(across)
    assert down == sorted(down)
    assert box(drawing["across"], "B").is_here
    assert len(drawing["across"].arrows) == 7


def test_boxes_never_lie_on_each_other(ada, project, make):
    make([f"IN-{n}" for n in range(5)])
    (middle,), _ = make(["MID"], [f"IN-{n}" for n in range(5)], "mixing")
    make([f"OUT-{n}" for n in range(6)], ["MID"], "splitting")

    for drawing in drawn(ada, middle).values():
        for place, one in enumerate(drawing.nodes):
            assert one.x >= 0
            assert one.y >= 0
            assert one.x + one.width <= drawing.width
            assert one.y + one.height <= drawing.height
            for other in drawing.nodes[place + 1 :]:
                apart_x = abs(one.x - other.x) >= min(one.width, other.width)
                apart_y = abs(one.y - other.y) >= min(one.height, other.height)
                assert apart_x or apart_y, (one.lines, other.lines)


def test_many_pieces_are_folded_with_their_count(ada, make):
    (whole,), _ = make(["W"])
    make([f"P-{n:02}" for n in range(20)], ["W"], "splitting")

    drawing = drawn(ada, whole)

    assert boxes(drawing["across"], "more") == ["14 more"]
    assert boxes(drawing["down"], "more") == ["18 more"]


def test_a_long_lineage_is_cut_and_says_that_it_goes_on(ada, make):
    (first,), _ = make(["G-000"])
    for number in range(1, MOST_DRAWN + 4):
        make([f"G-{number:03}"], [f"G-{number - 1:03}"])

    drawing = drawn(ada, first)["across"]

    assert len(boxes(drawing)) <= MOST_DRAWN + 1
    assert boxes(drawing, "more") == ["goes on"]


def test_acts_in_place_stand_at_their_sample(ada, project, make):
    (sample,), _ = make(["A"])
    make_process(ada, project, "ageing", inputs=["A"], outputs=["A"])
    make_process(ada, project, "heating", inputs=["A"], outputs=["A"], state="planned")

    node = box(drawn(ada, sample)["across"], "A")

    assert "then ageing" in node.words
    assert "planned: in-situ heating" in node.words


def test_a_sample_one_may_not_see_is_a_box_without_words(ada, project, make):
    (sample,), process = make(["OPEN"], [], "general")
    stranger = make_user("stranger")
    theirs = make_sample(stranger, make_project(stranger, "elsewhere"), "SECRET")
    # Samples of two projects never meet in an act by the services: as after a move.
    process.inputs.create(sample=theirs)

    drawing = drawn(ada, sample)["across"]

    assert boxes(drawing, "hidden") == ["hidden"]
    assert all("SECRET" not in node.words for node in drawing.nodes)
    assert box(drawing, "hidden").address == ""


def test_long_codes_are_cut_in_the_box_and_whole_in_its_words(ada, make):
    (sample,), _ = make(["X" * 60])

    node = next(n for n in drawn(ada, sample)["across"].nodes if n.is_here)

    assert node.lines[0].endswith("…")
    assert "X" * 60 in node.words


def test_the_questions_do_not_grow_with_the_family(
    ada, make, django_assert_max_num_queries
):
    (whole,), _ = make(["W"])
    make([f"P-{n:02}" for n in range(30)], ["W"], "splitting")

    with django_assert_max_num_queries(9):
        drawn(ada, whole)


def test_the_formula_of_a_composite_stands_whole_in_its_box(ada, project, make):
    services.log_sample(
        user=ada,
        project=project,
        sample={
            "code": "PA-C25",
            "kind": "composite",
            "composition": "(CsPbI3)0.25(agZIF-62)0.75",
            "create_materials": True,
        },
    )
    (sample,), _ = make(["PIECE"], ["PA-C25"], "splitting")

    node = box(drawn(ada, sample)["across"], "PA-C25")

    assert node.lines[1] == "(CsPbI₃)₀.₂₅(agZIF-62)₀.₇₅"
