import pytest
from hypothesis import given
from hypothesis import strategies as st

from labdata.common.variables import (
    AGGREGATES,
    Aggregate,
    Filter,
    VariableError,
    VariableName,
    filter_numbers,
    parse_aggregate,
    parse_filter,
    parse_variable,
    split_key,
    variable_key,
)

names = st.text(st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=30)


@pytest.mark.parametrize(
    ("text", "key", "label"),
    [
        ("pl.fwhm[I]", "pl.fwhm", "I"),
        ("pl.fwhm", "pl.fwhm", None),
        ("xrd.weight_fraction[γ]", "xrd.weight_fraction", "γ"),
        ("jv.pce[reverse]", "jv.pce", "reverse"),
        ("exafs.distance[Zn-N, before]", "exafs.distance", "Zn-N, before"),
        ("pl.fwhm[a:b]", "pl.fwhm", "a:b"),
        ('pl.fwhm["a]b"]', "pl.fwhm", "a]b"),
        ("process.sintering.temperature", "process.sintering.temperature", None),
        ("measurement.pl.temperature", "measurement.pl.temperature", None),
        ("layer.etl-2.thickness", "layer.etl-2.thickness", None),
        ("element.Pb", "element.Pb", None),
        ("ion.A.Cs", "ion.A.Cs", None),
        ("composition.agZIF-62", "composition.agZIF-62", None),
        (
            "composition.Cs0.05(FA0.9)0.95PbI3",
            "composition.Cs0.05(FA0.9)0.95PbI3",
            None,
        ),
        ("composition.p-FPhCO2_a", "composition.p-FPhCO2_a", None),
        ('composition."[Ti32O16] : a"', 'composition."[Ti32O16] : a"', None),
        ('composition."CsPbI3"', "composition.CsPbI3", None),
    ],
)
def test_variables_are_read(text, key, label):
    assert parse_variable(text) == (key, label)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "pl",
        "pl.",
        ".fwhm",
        "PL.fwhm",
        "pl.fwhm[",
        "pl.fwhm[]",
        "pl.fwhm[I",
        "pl.fwhm[I]x",
        "pl.fwhm I",
        "pl..fwhm",
        "composition.",
        "composition",
        "ion.A",
        "ion.A.",
        "ion.Cs",
        "element.Pb.x",
        'composition."open',
        "composition.a b",
        "a." + "b" * 400,
    ],
)
def test_what_is_no_variable_is_refused(text):
    with pytest.raises(VariableError):
        parse_variable(text)


@given(names)
def test_any_material_name_has_a_key_that_is_read_back(name):
    if not name.strip():
        return
    key = variable_key("composition", name)

    assert parse_variable(key) == (key, None)
    assert split_key(key) == ("composition", name.strip())


@given(names)
def test_any_label_is_read_back(label):
    if not label.strip():
        return
    variable = VariableName("pl.fwhm", label)

    assert parse_variable(str(variable)) == variable


def test_keys_split_into_their_parts():
    assert split_key("ion.A.Cs") == ("ion", "A", "Cs")
    assert split_key("composition.Cs0.05FA0.95PbI3") == (
        "composition",
        "Cs0.05FA0.95PbI3",
    )
    assert split_key("process.sintering.temperature") == (
        "process",
        "sintering",
        "temperature",
    )


@pytest.mark.parametrize(
    ("text", "key", "label", "operator", "values"),
    [
        ("composition.CsPbI3:ge:0.25", "composition.CsPbI3", None, "ge", ("0.25",)),
        ("pl.fwhm[a:b]:lt:3", "pl.fwhm", "a:b", "lt", ("3",)),
        ("sample.code:eq:A:1,2", "sample.code", None, "eq", ("A:1,2",)),
        ('sample.notes:eq:"x"', "sample.notes", None, "eq", ("x",)),
        ("sample.code:in:A-1, B-2", "sample.code", None, "in", ("A-1", "B-2")),
        ('sample.code:in:A-1,"B,2"', "sample.code", None, "in", ("A-1", "B,2")),
        ("jv.pce:between:20,25", "jv.pce", None, "between", ("20", "25")),
        ('jv.pce:between:"2,5","3,5"', "jv.pce", None, "between", ("2,5", "3,5")),
        ('composition."a:b":gt:0', 'composition."a:b"', None, "gt", ("0",)),
    ],
)
def test_filters_are_read(text, key, label, operator, values):
    assert parse_filter(text) == Filter(VariableName(key, label), operator, values)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("pl.fwhm", "VARIABLE:op:value"),
        ("pl.fwhm:like:3", "'like' is not one of eq, ne"),
        ("pl.fwhm:eq", "no value"),
        ("pl.fwhm:eq:", "no value"),
        ("pl.fwhm:between:3", "two values, got 1"),
        ("pl.fwhm:between:1,5,2,5", "two values, got 4"),
        ("pl.fwhm:in:1,,2", "empty value"),
        ('pl.fwhm:in:"1"2', "unexpected"),
        ('pl.fwhm:in:"1', "not closed"),
    ],
)
def test_a_wrong_filter_is_refused_with_the_part_that_is_wrong(text, message):
    with pytest.raises(VariableError, match=message):
        parse_filter(text)


@given(
    operator=st.sampled_from(["eq", "ne", "in"]),
    values=st.lists(names.filter(lambda text: text == text.strip()), min_size=1),
)
def test_a_printed_filter_is_read_back(operator, values):
    chosen = tuple(values) if operator == "in" else (values[0],)
    condition = Filter(VariableName("sample.notes"), operator, chosen)

    assert parse_filter(str(condition)) == condition


def test_filter_values_carry_units():
    condition = parse_filter("process.sintering.temperature:ge:573.15 K")

    assert filter_numbers(condition, "°C") == pytest.approx((300.0,))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("pl.fwhm[I]:gt:wide", r"pl.fwhm\[I\]: 'wide' is not a number"),
        ("pl.fwhm[I]:gt:3 K", "measures temperature"),
        ("pl.fwhm[I]:between:5,3", "lower value first"),
    ],
)
def test_a_filter_on_a_number_refuses_what_is_none(text, message):
    with pytest.raises(VariableError, match=message):
        filter_numbers(parse_filter(text), "nm")


@pytest.mark.parametrize("function", AGGREGATES)
def test_aggregates_stand_alone(function):
    assert parse_aggregate(function) == Aggregate(function)


def test_an_aggregate_may_name_its_groups():
    aggregate = parse_aggregate("mean:process.sintering.temperature,pl.fwhm[I]")

    assert aggregate.by == (
        VariableName("process.sintering.temperature"),
        VariableName("pl.fwhm", "I"),
    )
    assert parse_aggregate(str(aggregate)) == aggregate


@pytest.mark.parametrize("text", ["average", "mean:", "mean:pl", "mean:pl.a:pl.b"])
def test_a_wrong_aggregate_is_refused(text):
    with pytest.raises(VariableError):
        parse_aggregate(text)


@pytest.mark.parametrize("read", [parse_variable, parse_filter, parse_aggregate])
@given(text=st.text(alphabet='ab.[]":,(composition ion.eqin', max_size=40))
def test_any_text_is_read_or_refused_clearly(read, text):
    try:
        assert read(str(read(text))) == read(text)
    except VariableError as error:
        assert str(error)
