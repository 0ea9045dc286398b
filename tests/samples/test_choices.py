"""What migrations name: every origin a number can have, and which one answers."""

from samples.choices import Origin
from samples.models import Fact


def test_every_origin_fits_its_column_and_answers_in_its_turn():
    assert max(len(one) for one in Origin.values) <= (
        Fact._meta.get_field("origin").max_length
    )
    assert sorted(Origin, key=lambda one: one.trust) == [
        Origin.COMPUTED,
        Origin.ELSEWHERE,
        Origin.MANUAL,
        Origin.INSTRUMENT,
        Origin.REPORTED,
        Origin.CALCULATED,
        Origin.SIMULATED,
    ]
    assert Origin.COMPUTED.trust == Origin.ELSEWHERE.trust
