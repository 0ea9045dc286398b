"""Every flag an analysis can give is declared, and found wherever it is shown."""

import ast
import re
from pathlib import Path

import pytest

import analysis
import measurements.readers
from analysis.contract.flags import find_flag
from analysis.contract.registry import analyses, load_builtin
from analysis.methods.pl.results import WHAT_FLAGS_SAY
from analysis.numerics.ageing import lifetimes
from labdata.plugin import Flag
from measurements.tracks.flags import COLUMNS_CONTRADICT

PLACES = ("methods", "numerics")
NO_FLAGS = {"midpoint_imputation", "few_deaths"}
"""Of the survival of many cells, which has sentences of its own."""

NAMED = {
    lifetimes.OPEN_END,
    lifetimes.EXTRAPOLATED_END,
    lifetimes.RIGHT,
    lifetimes.LEFT,
    lifetimes.INTERVAL,
    lifetimes.MEASURED,
    lifetimes.INTERPOLATED,
    lifetimes.EXTRAPOLATED,
    *WHAT_FLAGS_SAY,
    COLUMNS_CONTRADICT.key,
}
"""Given by names the search does not follow."""


def _names(node):
    """Names a value is kept or given under, whose strings are flags."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _strings(node):
    """Snake-case words among the values an expression may have, not its conditions."""
    if isinstance(node, ast.IfExp):
        return _strings(node.body) | _strings(node.orelse)
    if isinstance(node, ast.Compare | ast.Call | ast.Subscript | ast.JoinedStr):
        return set()
    if isinstance(node, ast.Constant):
        is_word = re.fullmatch(r"[a-z]+(_[a-z]+)*", str(node.value))
        return {node.value} if is_word else set()
    return set().union(*map(_strings, ast.iter_child_nodes(node)))


KEPT = {"flags", "own", "odd", "doubts", "kind"}


def flags_in(source):
    """What a module puts into flags, by reading it."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.keyword) and node.arg == "flags":
            found |= _strings(node.value)
        elif isinstance(node, ast.Assign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if KEPT & {_names(target) for target in targets}:
                found |= _strings(node.value)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            is_added = node.func.attr in ("append", "extend")
            if is_added and _names(node.func.value) in KEPT:
                found |= set().union(*map(_strings, node.args))
        elif isinstance(node, ast.Call) and _names(node.func) == "RaisedFlag":
            found |= _strings(node.args[0])
    return found


def given():
    home = Path(analysis.__file__).parent
    readers = Path(measurements.readers.__file__).parent
    files = [*home.glob("*.py"), *readers.rglob("*.py")]
    files += [path for place in PLACES for path in (home / place).rglob("*.py")]
    found = {}
    for path in files:
        for flag in flags_in(path.read_text(encoding="utf-8")):
            found.setdefault(flag, path.name)
    return found


def declared():
    """Flags of the analyses in this project, not of the tests' own."""
    load_builtin()
    own = [one for one in analyses if one.run.__module__.startswith("analysis.methods")]
    return {flag.key for spec in own for flag in spec.flags}


def test_every_flag_given_is_declared():
    known = declared()

    untold = {
        flag: where
        for flag, where in given().items()
        if flag not in known and flag not in NO_FLAGS
    }

    assert untold == {}
    assert known >= NAMED


def test_every_flag_declared_is_given():
    home = Path(analysis.__file__).parent
    sources = [path.read_text(encoding="utf-8") for path in home.rglob("*.py")]

    for key in declared() - NAMED:
        # Once where it is declared, and where it is raised.
        assert sum(one.count(f'"{key}"') for one in sources) > 1, key


@pytest.mark.parametrize(
    "flag", ["edge_maximum", "few_starts_agree", "poor_fit", "unresolved"]
)
def test_the_search_finds_flags_however_they_are_given(flag):
    assert flag in given()


def test_one_key_may_be_a_doubt_of_one_quantity_and_a_note_of_another():
    assert find_flag("extrapolated", quantity="jv.jsc").severity == "doubt"
    assert find_flag("extrapolated", quantity="stability.te80").severity == "note"


def test_the_words_stored_with_a_run_stand_where_its_analysis_has_gone():
    words = {"word": "old doubt", "sentence": "It was doubted.", "severity": "doubt"}
    stored = {"flag_words": {"long_gone": words}}

    found = find_flag("long_gone", analysis="removed", stored=stored)

    assert found == Flag("long_gone", "old doubt", "It was doubted.")


def test_a_flag_nobody_declares_is_told_by_its_key():
    assert find_flag("very_odd").word == "very odd"
    assert find_flag("very_odd").sentence == "Very odd."
    assert find_flag("very_odd").bars_good
