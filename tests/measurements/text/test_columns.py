"""Titles say which column is what; positions never do."""

import numpy as np
import pytest

from labdata.plugin import AxisSpec, ChannelSpec, Figure, Technique, UnreadableFile
from measurements.registry import techniques
from measurements.text.columns import (
    assign,
    build_dataset,
    identifier,
    known_titles,
    label_columns,
)
from measurements.text.tables import Table

X = np.arange(600.0, 700.0)
Y = 100 + 50 * np.sin(X / 9)


def read(*columns, head=(), technique="pl"):
    table = Table(
        dict(enumerate(head, start=1)), np.column_stack(columns), np.arange(X.size) + 3
    )
    spec = techniques[technique] if isinstance(technique, str) else technique
    labelled = label_columns(table, known_titles(spec))
    assignments, notes = assign(labelled, spec)
    built = [build_dataset(one, spec, {}) for one in assignments]
    return [dataset for dataset, _ in built], notes + [
        note for _, remarks in built for note in remarks
    ]


def test_names_for_channels_differ():
    assert identifier("PL (a.u.)") == "pl_a_u"
    assert identifier("2θ") == "column_2θ"
    assert identifier("p", ["p"]) == "p_2"
    assert identifier("") == "column"


@pytest.mark.parametrize("titles", [("Wavelength (nm)", "Counts"), ("λ", "Signal")])
def test_columns_in_the_other_order_are_read_right_by_title(titles):
    (forward,), _ = read(X, Y, head=[titles])
    (swapped,), _ = read(Y, X, head=[titles[::-1]])

    assert forward.equals(swapped)
    assert np.array_equal(forward["counts"], Y)


def test_two_untitled_columns_are_told_apart_by_the_one_that_runs_one_way():
    (dataset,), notes = read(X, Y)

    assert np.array_equal(dataset["wavelength"], X)
    assert "column 1, 600 to 699, runs one way and was taken as wavelength" in notes[0]


def test_swapped_columns_without_titles_are_refused_naming_both():
    with pytest.raises(
        UnreadableFile, match=r"swapped: column 1, .* and column 2, 600"
    ):
        read(Y, X)


def test_swapped_columns_under_the_wrong_titles_are_refused_naming_both():
    with pytest.raises(UnreadableFile, match=r"titles: column 1 .*, while column 2 "):
        read(Y, X, head=[("Wavelength (nm)", "Counts")])


def test_one_known_title_tells_which_column_the_other_is():
    (dataset,), _ = read(Y, X, head=[("Counts", "")])

    assert np.array_equal(dataset["wavelength"], X)


def test_no_axis_at_all_is_refused():
    with pytest.raises(UnreadableFile, match=r"Neither column 1, .* nor column 2, "):
        read(Y, Y[::-1])
    with pytest.raises(UnreadableFile, match=r"'Pixel', 'a', 'b'.*3 columns of"):
        read(X, Y, Y, head=[("Pixel", "a", "b")])


def test_a_wavelength_that_turns_back_is_refused_with_the_line():
    there_and_back = np.concatenate([X[:60], X[:40]])

    with pytest.raises(UnreadableFile, match="turns back at line 63"):
        read(there_and_back, Y, head=[("Wavelength (nm)", "Counts")])


def test_several_curves_on_one_axis_are_several_datasets():
    datasets, notes = read(X, Y, 2 * Y, head=[("Wavelength (nm)", "M-1", "M-2")])

    assert [one["counts"][0] / Y[0] for one in datasets] == [1.0, 2.0]
    assert "column 2 (M-1)" in notes[0]


def test_curves_may_each_bring_their_own_axis_and_length():
    short = np.where(X < 650, X, np.nan)
    datasets, _ = read(
        X,
        Y,
        short,
        np.where(X < 650, Y, np.nan),
        head=[("Wavelength (nm)", "Counts", "Wavelength (nm)", "Counts")],
    )

    assert [one.shape for one in datasets] == [(100,), (50,)]


def test_blank_columns_are_dropped():
    blank = np.full(X.size, np.nan)

    (dataset,), _ = read(X, blank, Y, blank)

    assert np.array_equal(dataset["counts"], Y)


def test_a_units_row_counts_as_units():
    (dataset,), notes = read(
        X / 1000, Y, head=[("Wavelength", "Intensity"), ("(µm)", "(a.u.)")]
    )

    assert np.allclose(dataset["wavelength"], X)
    assert "converted from µm to nm" in notes[-1]


def test_photon_energy_becomes_wavelength():
    (dataset,), notes = read(1239.84198 / X, Y, head=[("Energy (eV)", "Intensity")])

    assert np.allclose(dataset["wavelength"], X, rtol=1e-8)
    assert "converted from eV to nm" in notes[-1]


def test_a_missing_intensity_stays_missing_and_is_told_with_its_line():
    holed = np.where(X == 610, np.nan, Y)

    (dataset,), notes = read(X, holed, head=[("Wavelength (nm)", "Counts")])

    assert np.isnan(dataset["counts"][10])
    assert "missing at 1 of 100 points, first in line 13" in notes[-1]


def test_a_missing_wavelength_is_refused_with_its_line():
    with pytest.raises(UnreadableFile, match="Wavelength is missing in line 13"):
        read(np.where(X == 610, np.nan, X), Y, head=[("Wavelength (nm)", "Counts")])


def test_a_column_in_a_foreign_unit_is_refused():
    with pytest.raises(UnreadableFile, match=r"Counts \(K\) is in K"):
        read(X, Y, head=[("Wavelength (nm)", "Counts (K)")])


OPEN = Technique(
    key="open",
    label="Units by the file",
    axes=(AxisSpec("field", None, "Field"),),
    channels=(ChannelSpec("signal", None, "Signal"),),
    figure=Figure("field", "signal"),
    example=techniques["pl"].example,
)


def test_a_unit_the_technique_leaves_open_is_the_files():
    (dataset,), _ = read(X, Y, head=[("Field (mT)", "Signal (V)")], technique=OPEN)

    assert (dataset.unit("field"), dataset.unit("signal")) == ("mT", "V")


def test_a_unit_nobody_states_is_asked_for():
    with pytest.raises(UnreadableFile, match="Signal has no unit"):
        read(X, Y, head=[("Field (mT)", "Signal")], technique=OPEN)


def test_a_column_nobody_knows_is_reported():
    _, notes = read(X, Y, Y, head=[("Wavelength (nm)", "Counts", "T (K)")])

    assert len(notes) == 1
    assert notes[0].startswith("column 3 (T (K))")
    assert notes[0].endswith("was not read.")
