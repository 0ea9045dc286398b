"""Metrics of a cell: numbers, labels, and every doubt as a flag with a sentence."""

import numpy as np
import pytest

import analysis.contract.registry
from analysis.contract.registry import analyses
from labdata.plugin import UnsuitableData
from tests.analysis.methods.sweeps_of_cells import (
    CELL,
    RISING,
    from_values,
    notes_about,
    sweep,
)
from tests.measurements.sweep_files import read_jv

analysis.contract.registry.load_builtin()
DARK = (0.0, 1e-10, 1e-4, 1e4, 1.6 * 0.025693)


def metrics(*datasets, **parameters):
    return analyses["jv_metrics"].apply(datasets, parameters)


def of_file(path, cell):
    """Metrics of one cell of a file, given the conditions as a run is."""
    _, result = read_jv(path.read_bytes(), path.name)
    return metrics(
        *(
            one.dataset.with_metadata(
                conditions={**result.conditions, **one.conditions}
            )
            for one in result.datasets
            if one.cell == cell
        )
    )


def test_asterisk_blocks_reproduce_their_header_but_not_its_efficiency(real_file):
    path = real_file("jv/HZB_MiGo*.jv.txt")
    expected = {
        "b": [(1.212763, 21.990472, 79.948537, 21.321657)],
        "c": [(1.202260, 21.919781, 79.799317, 21.029735)],
        "f": [(1.204357, 22.156144, 80.297248, 21.426440)],
    }
    expected["b"].append((1.199200, 21.944247, 78.653476, 20.698082))
    expected["c"].append((1.190295, 21.907378, 78.685959, 20.518333))

    for cell, rows in expected.items():
        result = of_file(path, cell)
        for label, row in zip(("reverse", "reverse 2"), rows, strict=False):
            for key, value in zip(("voc", "jsc", "ff", "pce"), row, strict=True):
                value = value / 100 if key == "ff" else value
                found = result[f"jv.{key}[{label}]"]
                assert found.value == pytest.approx(value, rel=1e-6), (cell, label, key)
            # One of the file's efficiencies, 20.5 % of c forward, is right.
            wrong = "header_contradicts_data" in result[f"jv.pce[{label}]"].flags
            assert wrong == ((cell, label) != ("c", "reverse 2"))
            assert result[f"jv.voc[{label}]"].flags == (
                () if label == "reverse" else ("direction_contradicts_label",)
            )
    assert notes_about(result, "reports efficiency 20.2 %")


def test_the_key_value_file_is_met_within_its_tolerance(real_file):
    path = real_file("jv/HZB_MMX*.jv.txt")

    result = of_file(path, "A")

    assert result["jv.voc"].value == pytest.approx(1.078, abs=5e-4)
    assert 23.715 < result["jv.jsc"].value < 23.735
    assert result["jv.ff"].value == pytest.approx(0.680, abs=1e-3)
    assert 17.385 < result["jv.pce"].value < 17.415


def test_the_impossible_irradiance_is_flagged_and_not_used(real_file):
    result = of_file(real_file("jv/JM436.jv.json"), "A")

    pce = result["jv.pce[forward]"]
    assert pce.value == pytest.approx(7.50702, abs=2e-5)
    assert pce.bound == "~"
    assert {"irradiance_impossible", "irradiance_assumed"} <= set(pce.flags)
    assert "header_contradicts_data" in pce.flags
    assert result["jv.voc"].value == pytest.approx(0.888774, abs=1e-3)
    assert result["jv.jsc"].value == pytest.approx(16.7766, rel=1e-3)
    assert result["jv.ff"].value == pytest.approx(0.503468, rel=1e-3)
    assert notes_about(result, "35980 mW/cm²")


def test_efficiency_is_power_over_the_measured_irradiance():
    full, half = (metrics(sweep(irradiance=value)) for value in (100.0, 50.0))

    assert half["jv.pce"].value == pytest.approx(2 * full["jv.pce"].value)
    product = full["jv.voc"].value * full["jv.jsc"].value * full["jv.ff"].value
    assert full["jv.pce"].value == pytest.approx(product)
    assert full["jv.pce"].flags == ()
    assert full["jv.pce"].bound == "="


def test_one_sun_is_only_assumed_aloud():
    result = metrics(sweep(irradiance=None))

    assert result["jv.pce"].flags == ("irradiance_assumed",)
    assert result["jv.pce"].bound == "~"
    assert notes_about(result, "Nobody states the irradiance")


@pytest.mark.parametrize("irradiance", [0.0, 1e-4, 1501.0, 35980.0])
def test_irradiances_that_cannot_be_are_not_used(irradiance):
    told = metrics(sweep(irradiance=irradiance))

    assert "irradiance_impossible" in told["jv.pce"].flags
    assert told["jv.pce"].value == metrics(sweep())["jv.pce"].value


def test_indoor_light_is_possible():
    result = metrics(sweep(cell=(0.1, *CELL[1:3], 400.0, CELL[4]), irradiance=0.3))

    assert result["jv.pce"].bound == "="


def test_an_efficiency_above_the_limit_of_one_junction_is_flagged():
    result = metrics(sweep(irradiance=40.0))

    assert result["jv.pce"].value > 33.7
    assert "efficiency_above_limit" in result["jv.pce"].flags


def test_direction_is_that_of_the_voltage_whatever_the_label():
    result = metrics(sweep("reverse", direction="forward"))

    assert result["jv.pce[reverse]"].flags == ("direction_contradicts_label",)
    assert "jv.pce[forward]" not in result
    assert notes_about(result, "The label says forward")


def test_the_label_decides_only_if_asked():
    result = metrics(sweep("reverse", direction="forward"), direction="label")

    assert "direction_contradicts_label" in result["jv.pce[forward]"].flags


def test_the_first_sweep_that_fits_its_label_is_the_plain_one():
    better = (26.0, *CELL[1:])
    result = metrics(
        sweep("reverse", direction="forward"),
        sweep("reverse", direction="reverse"),
        sweep("reverse", cell=better),
    )

    jsc = {
        item.label: item.estimate.value
        for item in result.estimates
        if item.quantity == "jv.jsc"
    }
    assert list(jsc) == ["reverse", "reverse 2", "reverse 3"]
    assert jsc["reverse 2"] > jsc["reverse"]
    assert result["jv.voc[reverse]"].flags == ()
    assert result["jv.jsc"].value == jsc["reverse"]


def test_forward_answers_where_there_is_no_reverse():
    result = metrics(sweep("forward"))

    assert result["jv.pce"] == result["jv.pce[forward]"]


def test_a_dataset_that_turns_back_is_two_sweeps():
    voltage = np.concatenate([RISING, RISING[::-1]])

    result = metrics(sweep("forward", voltage=voltage))

    assert result["jv.voc[reverse]"].value == pytest.approx(
        result["jv.voc[forward]"].value
    )


def test_a_file_sign_that_came_through_is_turned():
    plain = sweep()

    result = metrics(from_values(plain["voltage"], -plain["current_density"]))

    assert result["jv.pce"].value == metrics(plain)["jv.pce"].value
    assert notes_about(result, "sign was turned")


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("(PCE_rev-PCE_fwd)/PCE_rev", lambda r, f: (r - f) / r),
        ("(PCE_rev-PCE_fwd)/(PCE_rev+PCE_fwd)", lambda r, f: (r - f) / (r + f)),
        ("PCE_fwd/PCE_rev", lambda r, f: f / r),
    ],
)
def test_hysteresis_names_its_formula_and_keeps_its_sign(formula, expected):
    result = metrics(
        sweep("reverse", cell=(24.0, *CELL[1:])), sweep("forward"), hysteresis="all"
    )

    rev, fwd = (result[f"jv.pce[{way}]"].value for way in ("reverse", "forward"))
    found = result[f"jv.hysteresis_index[{formula}]"]
    assert found.value == pytest.approx(expected(rev, fwd))
    default = result["jv.hysteresis_index"]
    assert default == result["jv.hysteresis_index[(PCE_rev-PCE_fwd)/PCE_rev]"]
    assert default.value < 0


def test_sorted_rows_get_no_hysteresis_but_the_way_to_it():
    pair = (sweep(direction="reverse"), sweep(direction="forward"))

    plain, told = metrics(*pair), metrics(*pair, direction="label")

    assert "jv.hysteresis_index" not in plain
    assert notes_about(plain, "If the file sorts its rows")
    assert told["jv.hysteresis_index"].value == pytest.approx(0)


def test_a_sweep_before_voc_says_why_it_has_none():
    result = metrics(sweep("forward", voltage=RISING[RISING < 0.7]))

    assert "jv.voc" not in result
    assert "jv.ff" not in result
    assert result["jv.pce"].bound == ">"
    assert "edge_maximum" in result["jv.pce"].flags
    assert "0.69 V" in result.reason("jv.voc[forward]")
    assert notes_about(result, "does not change its sign")


def test_a_dead_pixel_beside_a_good_one_keeps_no_made_up_number():
    noise = np.random.default_rng(1).normal(0, 1e-6, RISING.size)
    dead = from_values(RISING, noise - 1e-3 * RISING)

    result = metrics(sweep("reverse"), dead)

    assert result["jv.ff[reverse]"].flags == ()
    assert result.reason("jv.pce[forward]") or "jv.pce[forward]" in result


def test_swapped_contacts_are_suspected():
    plain = sweep("forward")

    result = metrics(
        from_values(-plain["voltage"][::-1], -plain["current_density"][::-1])
    )

    assert "jv.pce" not in result
    assert notes_about(result, "contacts swapped")


def test_a_reported_fill_factor_of_ten_million_is_flagged():
    result = metrics(sweep(reported={"ff": 1e7}))

    flags = result["jv.ff"].flags
    assert {"fill_factor_impossible", "header_contradicts_data"} <= set(flags)
    assert notes_about(result, "1e+07")
    assert 0 < result["jv.ff"].value < 1


def test_a_fill_factor_above_one_is_flagged_not_repaired():
    voltage = np.linspace(0, 1, 21)
    density = np.where(voltage > 0.5, 20.0, 1.0)
    density[-1] = -1.0

    result = metrics(from_values(voltage, density))

    assert result["jv.ff"].value > 1
    assert "fill_factor_impossible" in result["jv.ff"].flags


@pytest.mark.parametrize(
    ("key", "wrong", "target"),
    [
        ("voc", 1.2, "voc"),
        ("jsc", 20.0, "jsc"),
        ("ff", 0.5, "ff"),
        ("pce", 15.0, "pce"),
        ("pmax", 15.0, "pce"),
        ("rs", 0.004, "rs"),
    ],
)
def test_what_the_file_reports_against_its_data_is_flagged(key, wrong, target):
    result = metrics(sweep(reported={key: wrong}))

    assert "header_contradicts_data" in result[f"jv.{target}"].flags
    assert notes_about(result, f"{wrong:g}")


def test_what_the_file_reports_rightly_is_not_flagged():
    found = metrics(sweep())
    right = {key: found[f"jv.{key}"].value for key in ("voc", "jsc", "ff", "pce", "rs")}

    result = metrics(sweep(reported=right))

    assert all(item.estimate.flags == () for item in result.estimates)


@pytest.mark.parametrize("key", ["active_area", "mask_area", "cell_active_area"])
def test_an_area_of_zero_is_named(key):
    with pytest.raises(UnsuitableData, match="area is 0 cm²"):
        metrics(sweep(**{key: 0.0}))


def test_areas_that_contradict_each_other_are_flagged():
    result = metrics(sweep(active_area=0.16, cell_active_area=0.1))

    assert "area_contradicts_record" in result["jv.jsc"].flags
    assert notes_about(result, "0.1 cm²")


def test_uncertainties_of_area_and_irradiance_come_in_where_given():
    plain = metrics(sweep(noise=0.01))
    given = metrics(sweep(noise=0.01), area_uncertainty=2.0, irradiance_uncertainty=3.0)

    pce = given["jv.pce"]
    assert pce.uncertainty == pytest.approx(
        np.hypot(plain["jv.pce"].uncertainty, pce.value * np.hypot(0.02, 0.03))
    )
    assert given["jv.voc"] == plain["jv.voc"]
    assert given["jv.ff"] == plain["jv.ff"]
    assert notes_about(plain, "area and irradiance only where they are given")
    assert not notes_about(given, "only where they are given")


def test_a_dark_curve_gives_its_ideality_and_no_light_metrics():
    result = metrics(
        sweep("reverse"), sweep("forward", cell=DARK, light="dark", temperature=25.0)
    )

    assert result["jv.dark_ideality"].value == pytest.approx(1.6, rel=0.02)
    assert "jv.pce[forward]" not in result
    assert result.detail("temperature_source", "dark") == "stated"


def test_a_dark_curve_alone_is_enough():
    result = metrics(sweep("forward", cell=DARK, light="dark"))

    assert {item.quantity for item in result.estimates} == {
        "jv.dark_ideality",
        "jv.dark_saturation_current",
    }
    assert result.detail("temperature", "dark") == 25.0


def test_a_gap_in_one_sweep_does_not_take_the_others_with_it():
    holed = sweep("forward")["current_density"].copy()
    holed[3] = np.nan

    result = metrics(sweep("reverse"), from_values(RISING, holed))

    assert "jv.pce[reverse]" in result
    assert notes_about(result, "Dataset 2 was left out: 1 of 130")


def test_the_maximum_may_be_fitted():
    coarse = np.arange(-0.1033, 1.19, 0.03)
    fine = metrics(sweep(voltage=np.arange(-0.1, 1.19, 0.001)))["jv.pce"].value

    straight = metrics(sweep(voltage=coarse))["jv.pce"]
    fitted = metrics(sweep(voltage=coarse), maximum="fitted")["jv.pce"]

    assert abs(fitted.value - fine) < abs(straight.value - fine)
    assert abs(straight.value - fine) < 2 * straight.uncertainty


def test_power_is_given_for_the_plot():
    power = metrics(sweep())["jv.pce"].value
    dataset = metrics(sweep()).datasets["power"]

    assert dataset["power_density"].max() == pytest.approx(power, rel=1e-3)
    assert dataset["voltage"][0] < dataset["voltage"][-1]
