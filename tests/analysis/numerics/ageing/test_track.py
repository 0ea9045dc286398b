"""Cleaning of tracks: what is left out, what must stay, and how samples are grouped."""

import numpy as np
import pytest

from analysis.numerics.ageing.track import GROUPS, NoTrack, clean, group

TIME = np.arange(1000.0)
LEVEL = 20 * np.exp(-TIME / 5000)


def test_a_clean_track_loses_nothing():
    track = clean(TIME, LEVEL)

    assert track.left_out == 0
    assert track.gaps.size == 0
    assert track.step == 1


def test_a_burn_in_is_no_outlier():
    fast = 20 * (0.3 * np.exp(-TIME / 3) + 0.7)

    assert clean(TIME, fast).left_out == 0


def test_a_dead_end_stays_but_a_dark_stretch_that_ends_goes():
    dead, dark = LEVEL.copy(), LEVEL.copy()
    dead[600:] = 0.1
    dark[600:700] = 0.1

    assert clean(TIME, dead).time.size == 1000
    track = clean(TIME, dark)
    assert track.dropouts == 100
    assert track.low.tolist() == [[600, 699]]


def test_samples_in_weak_light_are_dropouts_where_the_irradiance_is_known():
    light = np.full(1000, 100.0)
    light[50:60] = 40.0
    values = LEVEL * light / 100 * 1.6

    assert clean(TIME, LEVEL, light).dropouts == 10
    assert clean(TIME, values, np.full(1000, np.nan)).time.size >= 990


@pytest.mark.parametrize("size", [5, 1000])
def test_impossible_efficiencies_are_spikes_even_at_a_lonely_end(size):
    time, values = TIME[:size].copy(), LEVEL[:size].copy()
    time[-1], values[-1] = 9999.0, 1e300

    track = clean(time, values)

    assert track.spikes == 1
    assert track.values.max() <= LEVEL[0]
    with pytest.raises(NoTrack, match="highest is 1e"):
        clean(TIME[:3], np.full(3, 1e300))


def test_gaps_are_longer_than_one_and_a_half_steps():
    time = np.delete(TIME, [100, 300, 301])
    track = clean(time, np.delete(LEVEL, [100, 300, 301]))

    assert track.gaps.tolist() == [[99, 101], [299, 302]]


def test_a_high_first_sample_goes_where_the_cell_lives_on():
    values = LEVEL.copy()
    values[0] = 40
    dies = np.full(1000, 0.1)
    dies[0] = 20

    assert clean(TIME, values).time[0] == 1
    assert clean(TIME, dies).time[0] == 0


@pytest.mark.parametrize(
    ("time", "values", "reason"),
    [
        ([0, 2, 1], [3, 2, 1], "from 2 to 1 h"),
        ([0, 1, 2], [-3, -2, -1], "all 3 efficiencies are negative"),
        ([0, 1, 2], [0, 0, 0], "zero at all 3"),
    ],
)
def test_what_is_no_track_is_refused(time, values, reason):
    with pytest.raises(NoTrack, match=reason):
        clean(np.array(time, float), np.array(values, float))


def test_groups_keep_the_beginning_fine_and_every_sample_counted():
    time = np.arange(90_000) / 60
    groups = group(clean(time, 20 - time / 1000))

    assert groups.time.size <= GROUPS
    assert groups.counts.sum() == 90_000
    assert groups.counts[0] <= 20
    # Means of a straight line lie on it.
    assert np.allclose(groups.values, 20 - groups.time / 1000)
