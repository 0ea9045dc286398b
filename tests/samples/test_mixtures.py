"""Amounts of known things tell what their mixture is."""

import pytest

from samples.mixtures import Part, UnknownMixture, mixed_fractions


def test_two_pure_powders_mix_by_mass():
    fractions = mixed_fractions(
        [Part("A", 25.0, {"CsPbI3": 1.0}), Part("B", 75.0, {"agZIF-62": 1.0})]
    )

    assert fractions == {"CsPbI3": 0.25, "agZIF-62": 0.75}


def test_mixtures_of_the_same_materials_average():
    blend = {"CsPbI3": 0.1, "agZIF-62": 0.9}
    other = {"CsPbI3": 0.4, "agZIF-62": 0.6}

    fractions = mixed_fractions([Part("A", 10.0, blend), Part("B", 20.0, other)])

    assert fractions == {"CsPbI3": 0.3, "agZIF-62": 0.7}


def test_rounded_fractions_still_sum_to_one():
    parts = [Part(name, 1.0, {name: 1.0}) for name in ("A", "B", "C")]

    assert sum(mixed_fractions(parts).values()) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (Part("B", None, {"agZIF-62": 1.0}), "how much of B"),
        (Part("B", 1.0, None), "composition of B"),
    ],
)
def test_what_is_missing_is_named(part, said):
    with pytest.raises(UnknownMixture, match=said):
        mixed_fractions([Part("A", 1.0, {"CsPbI3": 1.0}), part])
