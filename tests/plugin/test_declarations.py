"""Declarations that contradict themselves are refused where they are made."""

from dataclasses import dataclass

import numpy as np
import pytest

from labdata.plugin import (
    CONTRACT,
    Analysis,
    Axis,
    AxisSpec,
    Band,
    Branches,
    Channel,
    ChannelSpec,
    Condition,
    Data,
    Dataset,
    Definition,
    Drawing,
    Estimate,
    Figure,
    Fit,
    Flag,
    Image,
    Input,
    InvalidResult,
    LabelledEstimate,
    Line,
    Mark,
    Marks,
    Missing,
    Parameter,
    Plugin,
    Points,
    Quantity,
    RaisedFlag,
    Result,
    Source,
    Technique,
    UnreadableFile,
    problems_of,
)

CURVE = Dataset.curve(
    ("time", "ns", [1.0, 2.0]), fit=("1", [1.0, 2.0]), residual=("V", [0.0, 0.0])
)
MAP = Dataset(
    (Axis("y", "µm", "y", np.arange(2.0)), Axis("x", "µm", "x", np.arange(3.0))),
    (Channel("height", "nm", "Height", np.ones((2, 3))),),
)
PEAK = Quantity("pl.peak", "nm", "Peak", labels="peak", default_pick="the first")


@dataclass(frozen=True)
class Parameters:
    """None."""


def analysis_of(result, **changes):
    options = {
        "key": "toy",
        "version": 1,
        "label": "Toy",
        "techniques": ("pl",),
        "parameters": Parameters,
        "outputs": ("pl.peak",),
        "run": lambda data, parameters, progress: result,
        "flags": (Flag("odd", "odd", "It is odd."),),
    }
    return Analysis(**(options | changes))


def drawn(*layers, x="time", **options):
    return Result(
        datasets={"fit": CURVE, "map": MAP},
        drawings=(Drawing("one", "One", x, layers, **options),),
    )


def estimated(quantity="pl.peak", label="I", **options):
    estimate = Estimate(1.0, **options)
    return Result((LabelledEstimate(quantity, estimate, label, default=bool(label)),))


@pytest.mark.parametrize(
    ("result", "problem"),
    [
        (estimated("pl.area"), "the quantity pl.area is not declared"),
        (estimated(label=""), "pl.peak: the quantity needs a label"),
        (estimated(flags=("even",)), "the flag even of pl.peak[I] is not declared"),
        (Result(flags=(RaisedFlag("even"),)), "the flag even is not declared"),
        (
            Result(missing=(Missing("pl.area", "", "none"),)),
            "the missing quantity pl.area is not declared",
        ),
        (
            Result(definitions=(Definition("a", "b", "pl.area"),)),
            "the defined quantity pl.area is not declared",
        ),
        (
            Result(datasets={"data": CURVE}),
            "the role data is an input's and a result's",
        ),
        (Result(fits=(Fit(), Fit())), "two fits have the key fit"),
        (drawn(Line("line", "fit")), "drawing one: no dataset line"),
        (drawn(Line("fit", "curve")), "drawing one: fit has no channel curve"),
        (drawn(Line("fit", "fit", on="base")), "drawing one: fit has no channel base"),
        (drawn(Band("fit", "fit", "top")), "drawing one: fit has no channel top"),
        (
            drawn(Points("fit", "fit", residual_of="data")),
            "drawing one: fit has no channel data",
        ),
        (drawn(Data("reference")), "drawing one: no input reference"),
        (
            drawn(Line("fit", "fit"), Line("fit", "residual")),
            "drawing one: its layers are in 1 and V",
        ),
        (
            drawn(Line("fit", "fit"), x="energy"),
            "drawing one: fit lies over time, a line there is drawn over energy",
        ),
        (
            drawn(Image("map", "height"), x="x"),
            "drawing one: map lies over y, x, a image there is drawn over x, ",
        ),
        (
            drawn(Line("fit", "fit"), under="two"),
            "drawing one stands below two, which is no drawing before it",
        ),
        (
            Result(remarks=("x\ud800y",)),
            "it holds half of a character, which no text can keep",
        ),
        (
            Result(remarks=("x\0y",)),
            "it holds the sign NUL, which no text can keep",
        ),
        (
            estimated(label="I" * 61),
            f"the label {'I' * 30!r}… is longer than 60",
        ),
        (
            Result(datasets={"r" * 41: CURVE}),
            f"the role {'r' * 30!r}… is longer than 40",
        ),
    ],
)
def test_a_result_that_is_not_what_its_analysis_declares_is_told(result, problem):
    spec = analysis_of(result)

    assert problems_of(spec, result, {"pl.peak": PEAK}) == [problem]


@pytest.mark.parametrize(
    "result",
    [
        estimated(flags=("odd",)),
        drawn(Data(), Line("fit", "fit"), Marks((Mark("here", 1.0),))),
        drawn(Image("map", "height"), x="x", y="y"),
    ],
)
def test_a_result_that_keeps_its_word_has_no_problems(result):
    assert problems_of(analysis_of(result), result, {"pl.peak": PEAK}) == []


def test_what_is_not_declared_never_becomes_a_result():
    spec = analysis_of(estimated("pl.area"))

    with pytest.raises(InvalidResult, match=r"toy: the quantity pl\.area is not"):
        spec.apply(CURVE)


UNDRAWABLE = [
    (Figure("y", "z"), "axis or channel 'y'"),
    (Figure("x", "y"), "channel 'y'"),
    (Figure("x", "z", "map", value="z"), "axis 'z'"),
    (Figure("x", "z", "series", along="time"), "axis 'time'"),
    (Figure("x", "z", aside=("light", "dark")), "condition 'light'"),
    (
        Figure("x", "z", branches=Branches("up", "down", "up", labelled="way")),
        "condition 'way'",
    ),
]


def technique_with(figure):
    axis, channel = AxisSpec("x", "nm", "X"), ChannelSpec("z", "nm", "Z")
    return Technique("toy", "Toy", (axis,), (channel,), figure, lambda: CURVE)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Flag("Odd", "odd", "It is odd."), "'Odd' cannot name a flag"),
        (lambda: Flag("odd", "", "It is odd."), "needs a word and a sentence"),
        (lambda: Flag("odd", "odd", "It is odd", "doubt"), "needs a word and a"),
        (lambda: Flag("odd", "odd", "Odd.", "grave"), "no severity 'grave'"),
        (lambda: Quantity("peak", "nm", "Peak"), "is not <family>.<name>"),
        (lambda: Quantity("pl.a", "nm", "A", labels="x"), "default pick together"),
        (lambda: Quantity("pl.a", "nm", "A", sides=("up",)), "sides, but no labels"),
        (lambda: Quantity("pl.a", "nm", "A", possible=(2, 1)), "must rise"),
        (lambda: Quantity("pl.a", "nm", "A", better="more"), "higher or lower"),
        (lambda: Figure("x", "y", "pie"), "no kind of figure 'pie'"),
        (lambda: Figure("x", "y", "map"), "shows a channel as colour"),
        (lambda: Figure("x", "y", value="z"), "shows a channel as colour"),
        (lambda: Figure("x", "y", "series"), "curves along an axis"),
        (lambda: Figure("x", "y", log=("z",)), "a figure has no z"),
        (lambda: Branches("up", "down", "left"), "neither of both branches"),
        (lambda: Condition("a", "A", kind="date"), "no kind of condition 'date'"),
        (lambda: Condition("a", "A"), "a number has a unit"),
        (lambda: Condition("a", "A", "nm", kind="text"), "others have none"),
        (lambda: Condition("a", "A", kind="choice"), "a choice has choices"),
        *(
            (lambda figure=figure: technique_with(figure), f"names the {unknown}")
            for figure, unknown in UNDRAWABLE
        ),
        (lambda: Input("The data"), "cannot name an input"),
        (lambda: Input(kind="structure"), "an input is a dataset"),
        (lambda: analysis_of(None, gathers="file"), "nothing gathers 'file'"),
        (lambda: analysis_of(None, gathers="cell"), "takes many datasets"),
        (lambda: analysis_of(None, inputs=()), "takes one input, not 0"),
        (
            lambda: analysis_of(None, flags=(Flag("a", "a", "A."),) * 2),
            "declares a flag twice",
        ),
        (lambda: Drawing("d", "D", "x", ()), "has no layer"),
        (lambda: Drawing("d", "D", "x", (Data(),), log=("z",)), "has no z"),
        (
            lambda: Fit(parameters=(Parameter("a", 1.0),), covariance=((-1.0,),)),
            "a variance is not negative",
        ),
        (
            lambda: Fit(parameters=(Parameter("a", 1.0),), covariance=((1.0, 2.0),)),
            "the covariance of 1 parameters is 1 × 1",
        ),
    ],
)
def test_a_declaration_that_contradicts_itself_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_a_note_bars_nothing_and_whatever_else_does():
    note = Flag("seen", "seen", "It was seen.", severity="note")

    assert not note.bars_good
    assert Flag("odd", "odd", "It is odd.").bars_good
    assert Flag("odd", "odd", "It is odd.", bars_good=False).bars_good is False


def test_labels_of_a_side_are_known_with_their_number():
    voltage = Quantity(
        "jv.voc",
        "V",
        "Voltage",
        labels="scan",
        default_pick="reverse",
        sides=("reverse", "forward"),
    )

    assert voltage.side("forward") == ("forward", 1)
    assert voltage.side("reverse 12") == ("reverse", 12)
    assert voltage.side("reverse 1") is None
    assert voltage.side("dark") is None


def test_a_source_is_text_in_the_encoding_the_lab_finds_or_in_utf_8():
    plain = Source("a.txt", "\ufeffµ".encode(), "pl")
    told = Source("a.txt", b"\xb5", "pl", decode=lambda data: data.decode("latin-1"))

    assert (plain.text, told.text) == ("µ", "µ")
    with pytest.raises(UnreadableFile, match="byte 1 is none of it"):
        _ = Source("a.txt", b"\xb5", "pl").text


def test_a_plugin_names_its_contract_and_holds_what_it_says():
    assert Plugin(contract=CONTRACT, quantities=[PEAK]).quantities == (PEAK,)
    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        Plugin()
    with pytest.raises(TypeError, match=r"readers: .* is no Reader"):
        Plugin(contract=CONTRACT, readers=(PEAK,))
