"""What titles say of themselves, and that they are not made to say more."""

import pytest

from analysis.cell_tables.meanings import guess
from analysis.cell_tables.reading import read_cells


def guessed(*titles):
    head = "\t".join(titles)
    table = read_cells(f"{head}\n" + "\t".join("x" for _ in titles))
    return {
        table.titles[use.column].text: (use.to, use.state, use.label, use.unit)
        for use in reversed(guess(table))
    }


@pytest.mark.parametrize(
    ("title", "told"),
    [
        ("PCE (%)", ("jv.pce", "as_made", "", "%")),
        ("Voc [mV]", ("jv.voc", "as_made", "", "mV")),
        ("FF", ("jv.ff", "as_made", "", "")),
        ("PCE_before", ("jv.pce", "as_made", "", "")),
        ("PCE_after", ("jv.pce", "aged", "", "")),
        ("initial PCE", ("jv.pce", "as_made", "", "")),
        ("Voc aged (V)", ("jv.voc", "aged", "", "V")),
        ("PCE_delta", ("stability.loss", "aged", "", "")),
        ("PCE_rev", ("jv.pce", "as_made", "reverse", "")),
        ("Jsc fwd (mA/cm2)", ("jv.jsc", "as_made", "forward", "mA/cm2")),
        ("Rs", ("jv.rs", "as_made", "", "")),
        ("Pixel", ("cell", "as_made", "", "")),
        ("Sample ID", ("code", "as_made", "", "")),
        ("Active area (mm²)", ("cell.active_area", "as_made", "", "mm²")),
        ("Interlayer", ("layer.interlayer.material", "as_made", "", "")),
        ("Operator", ("sample.operator", "as_made", "", "")),
    ],
)
def test_usual_titles_are_understood(title, told):
    assert guessed(title, "remark")[title] == told


@pytest.mark.parametrize(
    "title",
    ["PCE_before_ceil", "PCE_before_x", "PCE_before_mean_x", "remark", "PCE goal", ""],
)
def test_a_title_with_a_word_too_many_says_nothing(title):
    assert title not in guessed(title, "sample")


def test_an_efficiency_before_ageing_begins_the_test_too():
    table = read_cells("id,PCE_before,PCE_after\n1,20,18\n")

    uses = [(use.column, use.to, use.state) for use in guess(table)]

    assert uses == [
        (1, "jv.pce", "as_made"),
        (1, "stability.initial_pce", "aged"),
        (2, "jv.pce", "aged"),
    ]


def test_two_columns_of_one_meaning_are_not_both_guessed():
    table = read_cells("PCE,efficiency\n1,2\n")

    assert [use.column for use in guess(table)] == [0]
