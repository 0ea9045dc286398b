"""Values, patterns and pasted lists of a series, as people write them."""

import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labdata.plugin import UnreadableFile
from samples.series import (
    SeriesError,
    Value,
    as_prefix,
    combine,
    condition_of,
    evaluate,
    fill,
    names_in,
    parse_values,
    read_list,
    vary_program,
)

ONE_STEP = [{"start_temperature": 25, "end_temperature": 300, "ramp": 20, "dwell": 30}]
THREE_STEPS = [
    {"start_temperature": 25, "end_temperature": 300, "ramp": 20, "atmosphere": "N2"},
    {"start_temperature": 300, "end_temperature": 300, "dwell": 30},
    {"start_temperature": 300, "end_temperature": 25, "ramp": 5, "cooling": "ramp"},
]


def numbers(text, **options):
    return [float(value.number) for value in parse_values(text, **options)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.25", [0.25]),
        ("0, 0.05, 0.1", [0, 0.05, 0.1]),
        ("0,0.05,0.1", [0, 0.05, 0.1]),
        ("0 0.05 0.1", [0, 0.05, 0.1]),
        ("0,05; 0,1", [0.05, 0.1]),
        ("0,05 0,1 0,25", [0.05, 0.1, 0.25]),
        ("0,05", [0.05]),
        ("300,350", [300, 350]),
        ("0.05\n0.1\n", [0.05, 0.1]),
        ("[1, 2, 3]", [1, 2, 3]),
        ("0:0.5:0.1", [0, 0.1, 0.2, 0.3, 0.4, 0.5]),
        ("0.1..0.9 step 0.2", [0.1, 0.3, 0.5, 0.7, 0.9]),
        ("0 to 1 in 5", [0, 0.25, 0.5, 0.75, 1]),
        ("linspace(0, 1, 3)", [0, 0.5, 1]),
        ("350..200 step 75", [350, 275, 200]),
        ("0, 0.05, 0.1 … 0.3", [0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3]),
        ("0, 0.05, ..., 0.2", [0, 0.05, 0.1, 0.15, 0.2]),
        ("0, 0.1..0.3 step 0.1, 1", [0, 0.1, 0.2, 0.3, 1]),
        ("−5, 5", [-5, 5]),
    ],
)
def test_values_are_read_as_a_lab_writes_them(text, expected):
    assert numbers(text) == expected


def test_a_range_holds_exact_decimals():
    assert [value.text for value in parse_values("0:0.5:0.05")][3] == "0.15"


def test_a_unit_after_the_last_number_is_that_of_all():
    assert [v.text for v in parse_values("300, 325, 350 °C", unit="K")] == [
        "300 °C",
        "325 °C",
        "350 °C",
    ]


def test_the_unit_of_the_column_is_that_of_bare_numbers():
    assert [v.text for v in parse_values("573 K, 300", unit="°C")] == [
        "573 K",
        "300 °C",
    ]


def test_words_are_values_too():
    values = parse_values("N2, Ar, dry air")

    assert [value.text for value in values] == ["N2", "Ar", "dry air"]
    assert {value.number for value in values} == {None}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "there are no values"),
        ("0,5", "0.5 or two values"),
        ("0.1..0.9", "needs its step"),
        ("0:0.05:0.5", "start:end:step"),
        ("0:1:0", "a step of 0"),
        ("0:1000:0.1", "10001 values; 500 at most"),
        ("0, …", "say the last value"),
        ("… 5", "as the two numbers before it"),
        ("0, 1 … -3", "do not lead to"),
        ("linspace(0, 1, 1)", "no number of values"),
        ("1e40", "out of range"),
        ("1.2.3", "no number"),
    ],
)
def test_what_cannot_be_read_is_refused_with_how_to_write_it(text, message):
    with pytest.raises(SeriesError, match=message):
        parse_values(text)


@given(
    st.decimals(-1000, 1000, places=3),
    st.decimals(Decimal("0.001"), 100, places=3),
    st.integers(1, 60),
)
def test_a_range_of_n_steps_has_its_two_ends_and_even_steps(start, step, count):
    end = start + step * count
    values = parse_values(f"{start}:{end}:{step}")

    assert len(values) == count + 1
    assert values[0].number == start
    assert values[-1].number == end


@given(st.lists(st.decimals(-10_000, 10_000, places=4), min_size=2, max_size=40))
def test_a_list_printed_is_the_list_read(given_numbers):
    for separator in (", ", "; ", "\n", "\t"):
        text = separator.join(str(number) for number in given_numbers)
        assert [value.number for value in parse_values(text)] == given_numbers


@given(st.text(max_size=60))
def test_any_text_is_values_or_an_error_in_words(text):
    try:
        values = parse_values(text)
    except SeriesError as error:
        assert str(error)
    else:
        assert values


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1-x", "0.95"),
        ("100(1-x)", "95"),
        ("2x", "0.1"),
        ("x/2", "0.025"),
        ("1-x-y", "0.75"),
        ("-x+1", "0.95"),
        ("(1-x)*(1-y)", "0.76"),
        ("1 − x", "0.95"),
    ],
)
def test_arithmetic_is_exact(text, expected):
    assert evaluate(text, {"x": Decimal("0.05"), "y": Decimal("0.2")}) == Decimal(
        expected
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty brackets"),
        ("z", "'z' has no values"),
        ("1/(x-x)", "divides by zero"),
        ("(1-x", "not closed"),
        ("1-", "something is missing"),
        ("1 )", "not expected"),
        ("x.__class__", "no arithmetic"),
        ("'a'", "no arithmetic"),
        ("x**x", "not expected"),
        ("(" * 30 + "1" + ")" * 30, "too many brackets"),
        ("9" * 90, "out of range"),
        ("1" * 101, "longer than"),
    ],
)
def test_what_is_no_arithmetic_is_refused(text, message):
    with pytest.raises(SeriesError, match=message):
        evaluate(text, {"x": Decimal(1)})


@given(
    st.decimals(0, 1, places=4),
    st.decimals(0, 1, places=4),
)
def test_fractions_of_a_pattern_add_up_to_one(x, y):
    values = {"x": Value(str(x), x), "y": Value(str(y), y)}

    parts = [Decimal(fill(p, values)) for p in ("{x}", "{y}", "{1-x-y}")]

    assert sum(parts) == 1


def test_a_composition_is_filled_in():
    values = {"x": Value("5 %", Decimal(5), "%")}

    text = fill("(CsPbI3){x}(agZIF-62){1-x}", values)

    assert text == "(CsPbI3)0.05(agZIF-62)0.95"


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("C-{n:02}", "C-07"),
        ("S{x:.2f}-{temperature}", "S0p05-300"),
        ("PA-C{100x:02}-{temperature}", "PA-C05-300"),
        ("{gas}-{n}", "dry-air-7"),
        ("{x-1}", "-0p95"),
    ],
)
def test_codes_hold_only_what_codes_may(pattern, expected):
    values = {
        "n": Value("7", Decimal(7)),
        "x": Value("0.05", Decimal("0.05")),
        "temperature": Value("300 °C", Decimal(300), "°C"),
        "gas": Value("dry air"),
    }

    assert fill(pattern, values, into="code") == expected


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("C-{n", "without its"),
        ("C-n}", "without its"),
        ("C-{n:abc}", "no format"),
        ("{gas:02}", "is a word"),
        ("{gas+1}", "gas is 'N2', which is no number"),
    ],
)
def test_a_pattern_that_cannot_be_filled_says_why(pattern, message):
    values = {"n": Value("7", Decimal(7)), "gas": Value("N2")}

    with pytest.raises(SeriesError, match=message):
        fill(pattern, values)


def test_a_word_alone_is_numbered():
    assert as_prefix("MK7", 24) == "MK7-{n:02}"
    assert as_prefix("MK7-", 240) == "MK7-{n:03}"
    assert as_prefix("MK7", 1) == "MK7"


def test_a_pattern_tells_its_variables():
    assert names_in("(A){x}(B){1-x-y}(C){y:.2f}") == ["x", "y"]


def test_the_first_variable_of_a_grid_changes_slowest():
    rows = combine({"x": parse_values("1, 2"), "t": parse_values("3, 4, 5")})

    assert [(r["x"].text, r["t"].text) for r in rows] == [
        ("1", "3"),
        ("1", "4"),
        ("1", "5"),
        ("2", "3"),
        ("2", "4"),
        ("2", "5"),
    ]


def test_pairs_take_the_first_with_the_first():
    rows = combine(
        {"x": parse_values("1, 2"), "t": parse_values("3, 4"), "g": parse_values("N2")},
        pairwise=True,
    )

    assert [[v.text for v in row.values()] for row in rows] == [
        ["1", "3", "N2"],
        ["2", "4", "N2"],
    ]


def test_pairs_of_unequal_length_are_refused_with_the_numbers():
    with pytest.raises(SeriesError, match="x has 2, t has 3"):
        combine(
            {"x": parse_values("1, 2"), "t": parse_values("3, 4, 5")}, pairwise=True
        )


def test_a_grid_too_large_is_refused_with_its_size():
    with pytest.raises(SeriesError, match="30 × 30 = 900"):
        combine({"x": parse_values("1:30:1"), "t": parse_values("1:30:1")})


@given(st.lists(st.integers(1, 6), min_size=1, max_size=3))
def test_a_grid_has_each_combination_once(lengths):
    columns = {
        f"v{i}": parse_values(f"1:{n}:1") if n > 1 else parse_values("1")
        for i, n in enumerate(lengths)
    }

    rows = [tuple(v.text for v in row.values()) for row in combine(columns)]

    expected = 1
    for length in lengths:
        expected *= length
    assert len(set(rows)) == len(rows) == expected


@pytest.mark.parametrize(
    ("name", "condition"),
    [
        ("Sintering temperature", "temperature"),
        ("T", "temperature"),
        ("dwell time", "dwell"),
        ("heating rate", "ramp"),
        ("gas flow", "gas_flow"),
        ("Duration", "duration"),
        ("program.2.ramp", "program.2.ramp"),
        ("spin speed", "spin_speed"),
    ],
)
def test_conditions_go_by_the_names_of_the_lab(name, condition):
    assert condition_of(name) == condition


def test_a_new_temperature_moves_the_steps_that_continue_from_it():
    rows = vary_program(THREE_STEPS, "temperature", "350")

    assert [(r["start_temperature"], r["end_temperature"]) for r in rows] == [
        (25, "350"),
        ("350", "350"),
        ("350", 25),
    ]
    assert THREE_STEPS[0]["end_temperature"] == 300


def test_each_condition_goes_to_the_step_that_has_it():
    rows = vary_program(THREE_STEPS, "dwell", "1 h")
    rows = vary_program(rows, "ramp", "10")
    rows = vary_program(rows, "cooling", "quench")

    assert [row.get("dwell") for row in rows] == [None, "1 h", None]
    assert [row.get("ramp") for row in rows] == ["10", None, 5]
    assert [row.get("cooling") for row in rows] == [None, None, "quench"]


def test_a_step_can_be_named():
    rows = vary_program(THREE_STEPS, "program.3.ramp", "2")

    assert rows[2]["ramp"] == "2"
    with pytest.raises(SeriesError, match="has 3 steps, no 4"):
        vary_program(THREE_STEPS, "program.4.ramp", "2")
    with pytest.raises(SeriesError, match="no 'speed'"):
        vary_program(THREE_STEPS, "program.1.speed", "2")


def test_a_temperature_alone_is_a_programme():
    assert vary_program([], "temperature", "573 K") == [{"end_temperature": "573 K"}]


def test_a_pasted_list_is_read_with_its_units():
    table = read_list("Code\tComposition\tT [K]\nA-1\tCsPbI3\t573\nA-2\tCsPbBr3\t\n")

    assert table.names == ("code", "composition", "T")
    assert table.units == ("", "", "K")
    assert table.rows == (("A-1", "CsPbI3", "573"), ("A-2", "CsPbBr3", ""))


@pytest.mark.parametrize(
    ("head", "name", "unit"),
    [
        ("time (min)", "time", "min"),
        ("flow(mL/min)", "flow", "mL/min"),
        ("dose (total) [mg]", "dose (total)", "mg"),
        ("ratio [", "ratio [", ""),
        ("step ]", "step ]", ""),
        ("empty []", "empty", ""),
    ],
)
def test_the_last_brackets_of_a_head_hold_its_unit(head, name, unit):
    table = read_list(f"{head}\tx\n1\t2\n")

    assert (table.names[0], table.units[0]) == (name, unit)


def test_a_head_of_brackets_alone_is_read_at_once():
    brackets = "(" * 100_000

    began = time.process_time()
    table = read_list(f"{brackets}\tx\n1\t2\n")

    assert table.names == (brackets, "x")
    assert time.process_time() - began < 1


def test_a_pasted_list_may_be_separated_by_semicolons():
    assert read_list("x;temperature\n0,05;300\n").rows == (("0,05", "300"),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Paste a header"),
        ("code\n", "Paste a header"),
        ("code\t\tT\nA\t1\t2", "Column 2 of the list has no name"),
        ("x\tx\n1\t2", "Two columns of the list are called 'x'"),
        ("x\n1\t2", "Line 2 has 2 entries, the titles are 1"),
        ('x\ty\n"1\t2', "Line 2 cannot be read"),
        ("x\n" + "1\n" * 501, "501 rows"),
    ],
)
def test_a_list_that_does_not_fit_says_where(text, message):
    with pytest.raises(UnreadableFile, match=message):
        read_list(text)
