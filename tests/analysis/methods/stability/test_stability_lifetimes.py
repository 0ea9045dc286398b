"""Lifetimes of known decays: truth, intervals, censoring, and spoilt tracks."""

import numpy as np
import pytest

from analysis.contract.registry import analyses
from analysis.methods.stability.results import projection_of
from analysis.methods.stability.stability_lifetimes import Parameters
from analysis.numerics.ageing.degradation_models import project
from labdata.plugin import Dataset, ParameterError, UnsuitableData

HOURLY = np.arange(1501.0)
T95, T80, TS80 = 10.351, 571.861, 1338.861
"""Of the reference decay, by root finding on its formula [h]."""


def decay(time):
    return 25.6 * (0.12 * np.exp(-time / 20) + 0.88 * np.exp(-time / 6000))


def track(time, pce, *, channels=None, **metadata):
    return Dataset.curve(
        ("time", "h", np.asarray(time, float)),
        pce=("%", np.asarray(pce, float)),
        **(channels or {}),
        metadata=metadata,
    )


def analyse(time, pce, parameters=None, **known):
    return analyses["stability_lifetimes"].apply(track(time, pce, **known), parameters)


def holds(estimate, truth):
    low = -np.inf if estimate.low is None else estimate.low
    high = np.inf if estimate.high is None or estimate.bound == ">" else estimate.high
    return low <= truth <= high


@pytest.fixture(scope="module")
def clean():
    return analyse(HOURLY, decay(HOURLY))


def test_the_reference_decay_gives_its_lifetimes(clean):
    assert clean["stability.t95"].value == pytest.approx(T95, abs=0.002)
    assert clean["stability.t80"].value == pytest.approx(T80, abs=0.01)
    assert clean["stability.ts80"].value == pytest.approx(TS80, abs=0.02)
    for name in ("t95", "t80", "ts80"):
        assert clean[f"stability.{name}"].flags == ("interpolated",)


def test_one_spike_and_one_gap_are_told_in_the_singular():
    pce = decay(HOURLY)
    pce[700] = 1e300
    there = (HOURLY < 900) | (HOURLY > 910)

    found = analyse(HOURLY[there], pce[there])

    assert "Left out: 1 spike above the track." in found.remarks
    assert any(note.startswith("1 interval is longer than") for note in found.remarks)
    assert found["stability.t80"].value == pytest.approx(T80, abs=0.1)


def test_burn_in_rate_and_retention_of_the_reference_decay(clean):
    after = decay(np.array([100.0, 500.0, 1000.0, 1500.0])) / 25.6

    assert clean["stability.initial_pce"].value == pytest.approx(25.6, rel=1e-5)
    assert clean["stability.burn_in_loss"].value == pytest.approx(12, abs=0.001)
    assert clean["stability.burn_in_time"].value == pytest.approx(74.48, abs=0.01)
    assert clean["stability.eta1000"].value == pytest.approx(after[2], abs=1e-5)
    for label, share in zip(("100 h", "500 h", "1000 h", "end"), after, strict=True):
        found = clean[f"stability.retention[{label}]"].value
        assert found == pytest.approx(100 * share, abs=1e-3)
    assert clean["stability.degradation_rate"].value == pytest.approx(12.9, abs=0.2)
    assert clean["stability.test_time"].value == 1500


def test_the_reference_of_ts80_is_defined_in_words(clean):
    definition = clean.definition("stability.ts80")

    assert "bi-exponential" in definition
    assert "0.8800" in definition


def test_a_line_from_100_h_is_another_reference_of_ts80():
    result = analyse(
        HOURLY, decay(HOURLY), {"post_burn_in": "linear", "burn_in_end": 100.0}
    )

    assert result["stability.ts80"].value == pytest.approx(1374.5, abs=0.2)
    assert "0.8748" in result.definition("stability.ts80")


def test_models_are_compared_by_bic_and_the_true_one_is_chosen(clean):
    table = {one.name: one for one in clean.comparison("models").candidates}

    best = table.pop("biexponential")
    assert best.chosen
    assert set(table) == {"linear", "exponential", "stretched"}
    assert min(one.value - best.value for one in table.values()) > 1000
    slow = {one.name: one for one in best.parameters}
    assert slow["fast time constant"].value == pytest.approx(20, rel=1e-4)
    assert 1 / slow["rate"].value == pytest.approx(6, rel=1e-4)


def stretches(result, key):
    """The intervals a result lists, in the order of time."""
    return sorted((first, last) for first, last, _ in result.table(key).rows)


def coverage(time, noise, draws):
    """How often each interval holds the truth, and a standard error reaches it."""
    within = {"t95": [], "t80": [], "ts80": []}
    near = {"t95": [], "t80": [], "ts80": []}
    for seed in range(draws):
        scatter = np.random.default_rng(seed).normal(size=time.size)
        result = analyse(time, decay(time) * (1 + noise * scatter))
        for name, truth in (("t95", T95), ("t80", T80), ("ts80", TS80)):
            if f"stability.{name}" in result:
                estimate = result[f"stability.{name}"]
                within[name].append(holds(estimate, truth))
                if estimate.bound == "=":
                    off = abs(estimate.value - truth)
                    near[name].append(off <= estimate.uncertainty)
    return within, near


def test_intervals_of_a_noisy_track_hold_the_truth_as_often_as_they_say(draws):
    number = draws(60, 300)
    within, near = coverage(HOURLY, 0.05, number)

    for name in ("t95", "t80", "ts80"):
        assert len(within[name]) > 0.95 * number
        assert draws.agree(within[name], 0.92, 0.985), name
        assert draws.agree(near[name], 0.60, 0.78), name


def test_intervals_of_ten_points_hold_the_truth_as_often_as_they_say(draws):
    number = draws(60, 300)
    within, _ = coverage(np.linspace(0, 1500, 10), 0.05, number)

    for name in ("t95", "t80"):
        assert len(within[name]) == number
        assert draws.agree(within[name], 0.92), name


def test_ten_clean_points_are_interval_censored_between_their_neighbours():
    time = np.linspace(0, 1500, 10)
    result = analyse(time, decay(time))

    for name, truth in (("t95", T95), ("t80", T80)):
        estimate = result[f"stability.{name}"]
        after = int(np.searchsorted(time, truth))
        assert estimate.flags == ("interval_censored",)
        assert estimate.low == pytest.approx(time[after - 1])
        assert estimate.high == pytest.approx(time[after])


@pytest.mark.parametrize(
    ("time", "pce", "between"),
    [
        ([0, 100, 200], [20, 18, 14], (100, 200)),
        ([0, 168, 336, 720], [20, 18, 15, 12], (168, 336)),
    ],
)
def test_a_handful_of_points_brackets_the_crossing_and_states_no_noise(
    time, pce, between
):
    result = analyse(np.array(time, dtype=float), np.array(pce, dtype=float))

    t80 = result["stability.t80"]
    assert (t80.low, t80.high) == between
    assert t80.flags == ("interval_censored",)
    assert t80.uncertainty is None
    assert result["stability.initial_pce"].low is None
    assert "do not tell the noise" in " ".join(result.remarks)


def test_a_handful_of_points_that_never_cross_is_only_right_censored():
    result = analyse(np.array([0.0, 100, 200]), np.array([20.0, 19.5, 19]))

    t80 = result["stability.t80"]
    assert (t80.value, t80.bound, t80.low) == (200, ">", None)
    assert "stability.te80" not in result


def test_a_crossing_inside_a_gap_is_interval_censored():
    time = HOURLY[(HOURLY < 500) | (HOURLY > 700)]
    result = analyse(time, decay(time))
    estimate = result["stability.t80"]

    assert estimate.flags == ("interval_censored",)
    assert estimate.low <= 499
    assert estimate.high >= 701
    assert stretches(result, "gaps") == [(499.0, 701.0)]


def test_a_cell_that_never_crosses_is_right_censored_and_extrapolated_apart():
    noise = np.random.default_rng(1).normal(0, 0.01, HOURLY.size)
    result = analyse(HOURLY, 20 * np.exp(-HOURLY / 20000) * (1 + noise))
    t80, te80 = result["stability.t80"], result["stability.te80"]

    assert (t80.bound, t80.value, t80.flags) == (">", 1500, ("right_censored",))
    assert te80.flags[0] == "extrapolated"
    assert holds(te80, 20000 * np.log(1.25))
    assert te80.low > 1500


def test_a_measured_t80_is_never_extrapolated_as_well(clean):
    assert "stability.te80" not in clean


def test_a_cell_dead_at_the_first_point_is_left_censored():
    result = analyse(HOURLY + 5, np.full(1501, 0.5), conditions={"initial_pce": 20.0})

    for name in ("t95", "t80"):
        estimate = result[f"stability.{name}"]
        assert (estimate.bound, estimate.value) == ("<", 5)
        assert estimate.flags == ("left_censored",)


def test_a_cell_dead_after_its_first_point_died_in_between():
    pce = np.full(200, 0.2) + 0.01 * np.cos(np.arange(200))
    pce[0] = 20.0
    estimate = analyse(np.arange(200.0), pce)["stability.t80"]

    assert estimate.low == 0
    assert estimate.high <= 3


def test_a_sudden_death_is_found_between_the_samples_around_it():
    noise = np.random.default_rng(3).normal(0, 0.05, HOURLY.size)
    result = analyse(HOURLY, np.where(HOURLY < 400, 20.0, 0.3) + noise)
    estimate = result["stability.t80"]

    assert estimate.low <= 399
    assert estimate.high >= 400
    assert estimate.high - estimate.low < 5
    assert "jumps" in result.fit("smoothing").model


def test_dropouts_spikes_and_negative_power_do_not_move_t80(clean):
    pce = decay(HOURLY)
    places = np.random.default_rng(5).choice(np.arange(20, 1480), 24, replace=False)
    pce[places[:20]] = 0.0
    pce[places[20:22]] = 60.0
    pce[places[22:]] = -3.0
    result = analyse(HOURLY, pce)
    left_out = {one.reason: one.count for one in result.fit().left_out}

    assert result["stability.t80"].value == pytest.approx(T80, abs=0.05)
    assert result["stability.t95"].value == pytest.approx(T95, abs=0.01)
    assert left_out == {
        "drop-out after which the track recovers": 20,
        "spike above the track": 2,
        "negative efficiency": 2,
    }
    assert len(stretches(result, "dropouts")) == 20
    assert any("20 samples in 20 drop-outs" in note for note in result.remarks)
    assert any("2 negative" in note for note in result.remarks)


def test_a_lamp_off_for_a_day_at_the_crossing_is_no_death():
    pce = decay(HOURLY)
    pce[(HOURLY >= 300) & (HOURLY < 324)] = 0.0
    result = analyse(HOURLY, pce)

    assert result["stability.t80"].value == pytest.approx(T80, abs=0.1)
    assert stretches(result, "dropouts") == [(300.0, 323.0)]


def test_noise_does_not_trigger_a_crossing():
    noise = np.random.default_rng(9).normal(0, 0.05, HOURLY.size)
    pce = 20 * (1 - 0.1 * HOURLY / 1500) * (1 + noise)
    assert (pce < 16).sum() > 5

    assert analyse(HOURLY, pce)["stability.t80"].bound == ">"


def test_a_dip_that_recovers_is_not_the_crossing():
    pce = decay(HOURLY) - 8 * np.exp(-(((HOURLY - 300) / 40) ** 2))
    estimate = analyse(HOURLY, pce)["stability.t80"]

    assert holds(estimate, T80)
    assert estimate.value == pytest.approx(T80, abs=25)


def test_a_first_sample_while_the_tracker_settles_is_not_the_initial_efficiency():
    pce = decay(HOURLY)
    pce[0] = 3.5
    result = analyse(HOURLY, pce)

    assert result["stability.initial_pce"].value == pytest.approx(25.45, abs=0.05)
    assert sum(one.count for one in result.fit().left_out) == 1


def test_after_a_rise_the_maximum_is_the_reference_timed_from_zero():
    pce = 20 * (1 - 0.2 * np.exp(-HOURLY / 30)) * np.exp(-HOURLY / 4000)
    result = analyse(HOURLY, pce)
    top = pce.max()
    expected = HOURLY[np.flatnonzero(pce >= 0.8 * top)[-1]]

    assert result.definition("stability.initial_pce").startswith("maximum")
    assert result["stability.initial_pce"].value == pytest.approx(top, rel=1e-3)
    assert result["stability.t80"].value == pytest.approx(expected, abs=2)
    assert any("first rises" in note for note in result.remarks)


def test_a_loss_of_more_than_half_is_no_burn_in():
    pce = 20 * (0.6 * np.exp(-HOURLY / 20) + 0.4 * np.exp(-HOURLY / 5000))
    result = analyse(HOURLY, pce)

    assert "stability.burn_in_loss" not in result
    assert "stability.ts80" not in result
    assert any("60 % of the efficiency" in note for note in result.remarks)


def test_ninety_thousand_points_tell_the_same():
    time = np.arange(90_000) / 60
    noise = np.random.default_rng(2).normal(0, 0.01, time.size)
    result = analyse(time, decay(time) * (1 + noise))

    assert holds(result["stability.t80"], T80)
    assert holds(result["stability.t95"], T95)
    assert result["stability.t80"].uncertainty < 10
    assert result.datasets["fit"].size <= 2000


@pytest.mark.parametrize("gap", [40.0, 400.0, 40_000.0])
@pytest.mark.parametrize("begin", [0.0, 40.0])
def test_ninety_thousand_points_with_a_gap_are_told_of_it(gap, begin):
    time = begin + np.arange(90_000) / 60
    time[80_000:] += gap
    pce = decay(time) + np.random.default_rng(5).normal(0, 0.1, time.size)

    result = analyse(time, pce)

    assert result.detail("gaps") == 1
    (inside,) = stretches(result, "gaps")
    assert inside == pytest.approx([time[79_999], time[80_000]])
    if begin == 0:
        assert result["stability.t80"].value == pytest.approx(T80, abs=20)


def test_two_bursts_with_years_between_are_bracketed_by_the_gap():
    time = np.arange(5000) / 3600
    time[2500:] += 40_000
    pce = np.where(time < 40_000, 20.0, 10.0)
    pce += np.random.default_rng(6).normal(0, 0.05, time.size)

    found = analyse(time, pce)["stability.t80"]

    assert "interval_censored" in found.flags
    assert found.low <= time[2499]
    assert found.high is None or found.high >= time[2500]


def test_energy_is_the_integral_of_power_without_its_gaps():
    time = HOURLY[(HOURLY <= 500) | (HOURLY >= 600)]
    power = np.full(time.size, 20.0)
    result = analyse(time, power, channels={"power_density": ("mW/cm²", power)})
    energy = result["stability.energy_yield"]

    assert energy.value == pytest.approx(20e-3 * 1400, rel=1e-6)
    assert energy.high == pytest.approx(20e-3 * 1500, rel=1e-6)


def test_before_and_after_alone_give_a_retention_and_an_interval():
    result = analyse([0.0, 1000.0], [20.0, 13.0])
    t80 = result["stability.t80"]

    assert result["stability.retention[end]"].value == pytest.approx(65)
    assert (t80.low, t80.high, t80.uncertainty) == (0, 1000, None)
    assert t80.flags == ("interval_censored",)


def test_a_contradiction_of_the_file_is_a_flag_and_a_note():
    told = [{"flag": "columns_contradict", "message": "X contradicts Y: 20 and 21 %."}]
    result = analyse(HOURLY, decay(HOURLY), contradictions=told)

    assert "columns_contradict" in result["stability.initial_pce"].flags
    assert "columns_contradict" in result["stability.t80"].flags
    assert told[0]["message"] in result.remarks


@pytest.mark.parametrize(
    ("time", "pce", "reason"),
    [
        ([0, 5, 4, 6], [20, 19, 18, 17], "time runs backwards, from 5 to 4 h"),
        ([0.0], [20.0], "1 point"),
        (HOURLY, np.zeros(1501), "zero at all 1501 points"),
        (HOURLY, -decay(HOURLY), "all 1501 efficiencies are negative"),
        (HOURLY, np.full(1501, np.nan), "missing"),
    ],
)
def test_what_is_no_track_is_refused_with_the_reason(time, pce, reason):
    with pytest.raises(UnsuitableData, match=reason):
        analyse(time, pce)


def test_retention_is_given_at_the_times_asked_for_within_the_test():
    result = analyse(HOURLY, decay(HOURLY), {"retention_at": [250.5, 2000]})

    assert "stability.retention[250.5 h]" in result
    assert "stability.retention[2000 h]" not in result


def test_a_time_of_zero_is_refused_by_field():
    with pytest.raises(ParameterError, match="retention_at"):
        analyses["stability_lifetimes"].clean_parameters({"retention_at": [0]})

    assert Parameters().retention_at == (100, 500, 1000)


def test_the_board_projects_from_what_is_stored(clean):
    ahead = project(projection_of(clean), [1500.0, 3000.0])

    expected = 100 * decay(np.array([1500.0, 3000.0])) / 25.6
    assert ahead["retention"] == pytest.approx(expected, rel=1e-4)
    assert (ahead["low"] <= ahead["retention"]).all()
    assert clean["stability.retention[end]"].value == pytest.approx(
        expected[0], rel=1e-4
    )
