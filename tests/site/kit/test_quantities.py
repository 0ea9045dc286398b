"""How pages write numbers, formulas and times."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.template import Context, Template

from labdata.site.kit.tags.values import interval


def written(template, **context):
    return Template("{% load quantities %}" + template).render(Context(context))


@pytest.mark.parametrize(
    ("value", "uncertainty", "unit", "bound", "expected"),
    [
        (682.8213, 0.1974, "nm", "=", "(682.82 ± 0.20) nm"),
        (1500.0, None, "h", ">", "&gt; 1500 h"),
        (-2.88, None, "eV", "=", "−2.88 eV"),
        (25.57, 0.12, "mA/cm**2", "=", "(25.57 ± 0.12) mA/cm²"),
        (0.998, None, "1", "=", "0.998"),
    ],
)
def test_a_number_is_rounded_by_its_uncertainty(
    value, uncertainty, unit, bound, expected
):
    html = written(
        "{% quantity v u unit b %}", v=value, u=uncertainty, unit=unit, b=bound
    )

    assert html == f'<span class="quantity">{expected}</span>'


def test_a_missing_number_is_a_dash_with_its_reason_and_never_zero():
    html = written("{% quantity v missing='no sign change of J' %}", v=None)

    assert html == '<span class="quantity" title="no sign change of J">—</span>'


def test_cells_split_at_the_plus_minus():
    html = written("{% quantity_cells 5.074 0.26 'Å' %}")

    assert '<td class="value quantity">5.07</td>' in html
    assert '<td class="error quantity">± 0.26</td>' in html
    assert html.endswith('<td class="nowrap">Å</td>')


def test_a_formula_gets_real_subscripts():
    html = written("{{ text|formula }}", text="(CsPbI3)0.25(agZIF-62)0.75")

    assert "CsPbI<sub>3</sub>" in html
    assert "<sub>0.75</sub>" in html


def test_what_is_no_formula_is_escaped_and_shown_as_it_is():
    html = written("{{ text|formula }}", text="<b>glass</b>")

    assert html == "&lt;b&gt;glass&lt;/b&gt;"


def test_a_time_shows_no_more_digits_than_are_known():
    at = datetime(2026, 3, 5, 14, 30, tzinfo=UTC)

    assert written("{% moment at 'month' %}", at=at) == (
        '<time datetime="2026-03">2026-03</time>'
    )
    assert 'datetime="2026-03-05T14:30Z"' in written("{% moment at %}", at=at)


@pytest.mark.parametrize(
    ("size", "expected"), [(812, "812 B"), (3620, "3.62 kB"), (3e8, "300 MB")]
)
def test_sizes_of_files_are_short(size, expected):
    assert written("{% byte_size size %}", size=size) == expected


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        (36.77, 1, "36.8"),
        (-0.04, 1, "0.0"),
        (-2.0, 1, "−2.0"),
        (36.7726, None, "36.77"),
        (None, 2, "—"),
    ],
)
def test_statistics_share_their_decimals_and_zero_has_no_sign(
    value, decimals, expected
):
    told = written("{% short_value value decimals %}", value=value, decimals=decimals)

    assert told == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(0.0312, "0.031"), (1e-12, "&lt; 0.0001"), (None, "—")]
)
def test_small_probabilities_are_told_as_bounds(value, expected):
    assert written("{% probability value %}", value=value) == expected


@pytest.mark.parametrize(
    ("uncertainty", "low", "high", "words"),
    [
        (0.047, 24.7594, 25.0206, "24.759 to 25.021"),
        (63, 1639.41, 10490.3, "1639 to 10490"),
        (None, 4.12345, 6.98765, "4.1 to 7.0"),
        (1e-7, 0.98e-5, 1.02e-5, "9.80×10⁻⁶ to 1.020×10⁻⁵"),
        (0.5, None, 4.222, "open to 4.22"),
        (0.5, -4.222, -1.111, "−4.22 to −1.11"),
    ],
)
def test_an_interval_has_the_digits_its_uncertainty_leaves(
    uncertainty, low, high, words
):
    value = SimpleNamespace(uncertainty=uncertainty, low=low, high=high)

    assert interval(value) == words
