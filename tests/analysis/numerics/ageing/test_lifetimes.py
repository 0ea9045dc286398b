"""Crossings: where they count, what bounds them, what lies beyond the test."""

import numpy as np
import pytest

from analysis.numerics.ageing import lifetimes, track_curve
from analysis.numerics.ageing.degradation_models import choose, fit_models
from analysis.numerics.ageing.lifetimes import (
    extrapolate,
    extrapolate_among,
    find_crossing,
    find_reference,
)
from analysis.numerics.ageing.track import clean, group

TIME = np.arange(1001.0)


def studied(values, time=TIME):
    track = clean(time, values)
    groups = group(track)
    curve = track_curve.smooth(track, groups)
    fitted, _ = fit_models(groups.time, groups.values, groups.counts)
    return track, track_curve.follow_model(curve, groups, choose(fitted)), fitted


def crossing(values, fraction=0.8, time=TIME):
    track, curve, _ = studied(values, time)
    reference = find_reference(curve, track)
    return find_crossing(curve, track, reference, reference.level, fraction)


def test_a_line_crosses_where_it_must():
    found = crossing(20 - 0.01 * TIME)

    assert found.time == pytest.approx(400, abs=0.01)
    assert found.kind == lifetimes.INTERPOLATED
    assert found.low < 400 < found.high


def test_an_interval_widens_where_the_curve_is_flat():
    noise = np.random.default_rng(0).normal(0, 0.2, TIME.size)
    steep, flat = (
        crossing(20 - 0.03 * TIME + noise),
        crossing(20 - 0.006 * TIME + noise),
    )

    assert flat.high - flat.low > 2 * (steep.high - steep.low)


def test_in_a_gap_any_time_is_as_likely():
    kept = TIME[(TIME <= 350) | (TIME >= 450)]

    found = crossing(20 - 0.01 * kept, time=kept)

    anywhere = np.std(np.linspace(350, 450, 100_001))
    assert found.kind == lifetimes.INTERVAL
    assert (found.low, found.high) == (350, 450)
    assert found.error == pytest.approx(anywhere, rel=1e-3)


def test_an_upper_end_beyond_the_test_is_open():
    late = []
    for seed in range(20):
        noise = np.random.default_rng(seed).normal(0, 0.5, TIME.size)
        found = crossing(20 - 0.00405 * TIME + noise)
        if found.bound == "=" and found.time > 990:
            late.append(found)

    assert late
    for found in late:
        assert found.high is None
        assert found.flags == (lifetimes.OPEN_END,)


def test_the_stated_efficiency_counts_only_where_the_track_begins_far_below():
    track, curve, _ = studied(20 - 0.01 * TIME)

    assert find_reference(curve, track, 21.0).level.value == pytest.approx(20, rel=1e-4)
    assert find_reference(curve, track, 30.0).level.value == 30


def test_noise_is_no_rise():
    rose = []
    for seed in range(40):
        noise = np.random.default_rng(seed).normal(0, 0.5, TIME.size)
        track, curve, _ = studied(20 * np.exp(-TIME / 5000) + noise)
        rose.append(find_reference(curve, track).rose)

    assert np.mean(rose) < 0.1


def test_extrapolation_ends_at_twenty_lengths_of_the_test():
    track, curve, fitted = studied(20 - 0.00001 * TIME)
    reference = find_reference(curve, track)

    assert extrapolate(fitted["linear"], reference, 0.8, 1000.0, 2.0) is None


def test_the_interval_of_an_extrapolation_spans_the_models_not_ruled_out():
    noise = np.random.default_rng(3).normal(0, 0.2, TIME.size)
    track, curve, fitted = studied(20 * np.exp(-TIME / 9000) + noise)
    reference = find_reference(curve, track)

    together, rivals = extrapolate_among(fitted, reference, 0.8, track.end, 2.0)

    assert {"linear", "exponential"} <= rivals.keys()
    for one in rivals.values():
        if one is not None:
            assert together.low <= one.low
    assert together.low <= 9000 * np.log(1.25)
    assert together.high is None or together.high >= 9000 * np.log(1.25)
