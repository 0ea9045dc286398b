"""Plans of devices: every combination, counted, checked and made at once."""

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from labdata.common.record.history import recording
from samples import services
from samples.models import Layer, Sample
from samples.services.together import errors_of
from tests.samples.factories import (
    facts_of,
    make_project,
    make_user,
)
from tests.samples.stacks import STACK, make_device

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return make_user()


@pytest.fixture
def project(user):
    return make_project(user)


def test_a_plan_varies_and_counts_every_combination(user, project):
    make_device(user, project)

    planned = services.plan_devices(
        user=user,
        project=project,
        stack=STACK,
        variations=[
            {"path": "layers.interlayer.material", "values": ["none", "CTOC", "glass"]},
            {"path": "layers.2.program.1.end_temperature", "values": [100, "150 °C"]},
        ],
        replicates=2,
        pattern="B7-{interlayer}-{n:02}",
    )

    assert len(planned) == 12
    assert planned[0]["code"] == "B7-none-01"
    assert planned[-1]["code"] == "B7-glass-12"
    control, changed = planned[0]["stack"], planned[-1]["stack"]
    assert [layer.get("material") for layer in control["layers"][2:]] == ["LiF"]
    assert changed["layers"][2]["material"] == "glass"
    assert changed["layers"][2]["solution"]["solutes"][0]["name"] == "glass"
    assert changed["layers"][1]["program"][0]["end_temperature"] == 150
    made = services.create_planned(
        user=user, project=project, planned=planned, batch="B7"
    )
    assert {sample.batch.code for sample in made} == {"B7"}
    assert facts_of(made[-1], cell="B")["layer.interlayer.material"] == "glass"
    assert "CTOC" not in str(facts_of(made[0]))


def test_values_side_by_side_need_as_many_of_each(user, project):
    make_device(user, project)
    variations = [
        {"path": "layers.interlayer.thickness", "values": [1, 2]},
        {"path": "layers.absorber.thickness", "values": [400, 500]},
    ]

    planned = services.plan_devices(
        user=user, project=project, stack=STACK, variations=variations, zipped=True
    )

    assert [
        (one["stack"]["layers"][2]["thickness"], one["stack"]["layers"][1]["thickness"])
        for one in planned
    ] == [(1, 400), (2, 500)]
    variations[0]["values"].append(3)
    with pytest.raises(ValidationError, match="as many values"):
        services.plan_devices(
            user=user, project=project, stack=STACK, variations=variations, zipped=True
        )


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"variations": [{"path": "layers.roof.material", "values": [1]}]}, "no layer"),
        ({"variations": [{"path": "cells", "values": [1]}]}, "no part of a stack"),
        (
            {"variations": [{"path": "layers.absorber", "values": [1]}]},
            "Which property",
        ),
        (
            {
                "variations": [
                    {"path": "layers.absorber.program.9.dwell", "values": [1]}
                ]
            },
            "no row 9",
        ),
        ({"variations": [{"path": "architecture", "values": []}]}, "Give the values"),
        (
            {"variations": [{"path": "layers.².thickness", "values": [1]}]},
            "no layer '²'",
        ),
        (
            {"variations": [{"path": "layers.absorber.steps.².speed", "values": [1]}]},
            "no row ²",
        ),
        (
            {
                "variations": [
                    {"path": "layers.interlayer.material", "values": ["CTOC"]},
                    {"path": "layers.3.composition", "values": ["CsPbI3"]},
                ]
            },
            "in another row already",
        ),
        (
            {"variations": [{"path": "layers.interlayer.material", "values": ["Xy"]}]},
            "Xy is not known as a material",
        ),
        (
            {"variations": [{"path": "layers.absorber.composition", "values": ["(("]}]},
            "formula",
        ),
        ({"variations": 5}, "list"),
        ({"replicates": 501}, "at most 500"),
        ({"replicates": "many"}, "no whole number"),
        ({"replicates": 2.7}, "no whole number"),
        ({"replicates": True}, "no whole number"),
        ({"pattern": None}, "text"),
        ({"pattern": "{x}"}, "x"),
        ({"pattern": "D-1"}, "already"),
        (
            {
                "variations": [
                    {"path": "layers.absorber.thickness", "values": [500, -1]}
                ]
            },
            "layer 2 (absorber) thickness: The thickness is -1 nm; it must be above 0.",
        ),
    ],
)
def test_a_plan_that_cannot_be_made_says_why(user, project, asked, words):
    make_device(user, project)

    with pytest.raises(ValidationError) as caught:
        services.plan_devices(user=user, project=project, stack=STACK, **asked)

    assert words in str(errors_of(caught.value))


def test_combinations_are_counted_before_they_are_made(user, project):
    make_device(user, project)
    values = list(range(1, 2001))

    with pytest.raises(ValidationError, match="64000000000000000000 devices"):
        services.plan_devices(
            user=user,
            project=project,
            stack={"layers": [{"role": "buffer"}] * 6},
            variations=[
                {"path": f"layers.{number}.thickness", "values": values}
                for number in range(1, 7)
            ],
        )


def test_devices_of_a_plan_are_alike_but_for_codes_and_what_varies(user, project):
    make_device(user, project)
    planned = services.plan_devices(
        user=user,
        project=project,
        stack=STACK,
        variations=[{"path": "layers.absorber.thickness", "values": [400, 500]}],
        replicates=3,
        pattern="P-{n}",
    )

    made = services.create_planned(
        user=user,
        project=project,
        planned=planned,
        batch="P",
        location="glovebox 2",
        tags=["first", "round"],
    )

    for sample, one in zip(made, planned, strict=True):
        kept = Sample.objects.get(code=one["code"])
        assert kept == sample
        assert (kept.kind, kept.location, kept.batch.code, kept.owner) == (
            *("device", "glovebox 2", "P", user),
        )
        assert {tag.name for tag in kept.tags.all()} == {"first", "round"}
        # When it was logged, and when it was tagged.
        assert kept.history.count() == 2
        assert services.describe_stack(kept) == one["stack"]
        assert Sample.objects.descendants_of(kept).get() == kept
        layers = Layer.history.filter(stack_id=kept.stack.pk)
        assert layers.count() == len(one["stack"]["layers"])


def test_a_plan_of_many_takes_few_questions_more_than_one_of_few(user, project):
    make_device(user, project)

    def asked(count, pattern):
        planned = services.plan_devices(
            user=user, project=project, stack=STACK, replicates=count, pattern=pattern
        )
        act = recording(user=user)
        with act, CaptureQueriesContext(connection) as queries:
            services.create_planned(user=user, project=project, planned=planned)
        return len([q for q in queries if "fact" not in q["sql"]])

    few, many = asked(2, "F-{n}"), asked(40, "M-{n}")

    # A statement inserts some dozen rows at most; one device more is none more.
    assert many < few + 38
