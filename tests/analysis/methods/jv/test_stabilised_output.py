"""A stabilised efficiency needs a window that does not drift, and says which."""

import numpy as np
import pytest

from analysis.contract.registry import analyses, load_builtin
from labdata.plugin import Dataset, Interval, UnsuitableData

load_builtin()


def track(efficiency, time=None):
    time = np.arange(len(efficiency)) / 3600 if time is None else time
    return Dataset.curve(("time", "h", time), pce=("%", efficiency))


def analyse(dataset, **parameters):
    return analyses["stabilised_output"].apply(dataset, parameters)


def correlated(rng, count, memory=0.8, scale=0.02):
    noise = rng.normal(0, scale, count)
    for at in range(1, count):
        noise[at] += memory * noise[at - 1]
    return noise


def test_a_settled_track_gives_the_mean_of_its_last_minutes():
    seconds = np.arange(1200.0)
    noise = np.random.default_rng(1).normal(0, 0.02, seconds.size)

    result = analyse(track(20 - 4 * np.exp(-seconds / 90) + noise))

    found = result["jv.stabilised_pce"]
    assert abs(found.value - 20) < 3 * found.uncertainty
    assert found.uncertainty == pytest.approx(0.02 / np.sqrt(300), rel=0.5)
    assert found.flags == ()
    window = result.detail("window")
    assert window.low == pytest.approx(899 / 3600)
    assert window.high == pytest.approx(1199 / 3600)


def test_the_standard_error_covers_the_truth_of_correlated_tracks(draws):
    rng = np.random.default_rng(2)
    pulls = []
    for _ in range(draws(50, 150)):
        found = analyse(track(20 + correlated(rng, 600)))["jv.stabilised_pce"]
        pulls.append((found.value - 20) / found.uncertainty)

    assert draws.agree(np.abs(pulls) < 2, 0.88)


def test_a_drifting_track_is_refused_with_a_flag_and_the_drift():
    seconds = np.arange(1200.0)

    result = analyse(track(20 * (1 - seconds / 6000)))

    assert "jv.stabilised_pce" not in result
    assert [one.key for one in result.flags] == ["not_stable"]
    assert result.detail("drift").value == pytest.approx(-6.1, abs=0.5)
    assert result.remarks[0].startswith("Not stable:")


@pytest.mark.parametrize(("drift", "stable"), [(0.009, True), (0.011, False)])
def test_the_limit_of_the_drift_is_the_one_stated(drift, stable):
    seconds = np.arange(301.0)

    result = analyse(track(20 * (1 + drift * (seconds / 300 - 0.5))))

    assert ("jv.stabilised_pce" in result) == stable


def test_scatter_that_hides_a_drift_is_not_stability():
    noise = np.random.default_rng(3).normal(0, 3.0, 301)

    result = analyse(track(20 + noise))

    assert "jv.stabilised_pce" not in result


def test_an_earlier_stable_window_is_used_and_flagged():
    seconds = np.arange(1200.0)
    efficiency = np.where(seconds < 700, 20.0, 20 - (seconds - 700) / 50)

    result = analyse(track(efficiency))

    found = result["jv.stabilised_pce"]
    assert found.value == pytest.approx(20, rel=2e-3)
    assert "not_at_end" in found.flags
    assert result.detail("window").high < 760 / 3600
    assert any("end of the track is not stable" in note for note in result.remarks)


def test_no_window_reaches_across_a_gap():
    time = np.concatenate([np.arange(300.0), 5000 + np.arange(40.0)]) / 3600
    efficiency = np.where(time < 1, 18.0, 20.0)

    result = analyse(track(efficiency, time))

    assert result["jv.stabilised_pce"].value == pytest.approx(20.0)
    assert result.detail("points") == 40


def test_sparse_points_widen_the_window_and_that_is_stated():
    hours = np.arange(100.0)

    result = analyse(track(np.full(100, 20.0), hours))

    assert result.detail("window") == Interval(80.0, 99.0)
    assert any("from 80 to 99 h" in note for note in result.remarks)


def test_few_independent_points_are_flagged():
    seconds = np.arange(301.0)
    efficiency = 20 + 0.05 * np.cos(np.pi * seconds / 300) ** 2

    found = analyse(track(efficiency))["jv.stabilised_pce"]

    assert "few_independent_points" in found.flags


@pytest.mark.parametrize(
    ("dataset", "reason"),
    [
        (track(np.full(12, 20.0)), "only 12 points"),
        (track(np.full(30, -1.0)), "nowhere above zero"),
        (track(np.full(30, 20.0), np.r_[0:29, 5.0]), "goes from 28 to 5 h at point 30"),
        (
            track(np.full(30, 20.0), np.repeat([0.0, 5e3, 9e3], 10) + np.r_[0:30]),
            "without a gap",
        ),
        (track(np.r_[5.0, np.full(400, -1.0)]), "last stable window is -1 %"),
    ],
)
def test_what_cannot_be_averaged_is_refused_with_the_reason(dataset, reason):
    with pytest.raises(UnsuitableData, match=reason):
        analyse(dataset)
