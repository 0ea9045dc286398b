"""Every flag an analysis can give is told in words."""

import ast
import re
from pathlib import Path

import pytest

import analysis
import measurements.readers
from analysis.methods.pl.results import WHAT_FLAGS_SAY
from analysis.numerics.ageing import lifetimes
from labdata.site.kit.results.flag_words import FLAGS

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
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "flag":
                    found |= _strings(value)
    return found


def given():
    home = Path(analysis.__file__).parent
    readers = Path(measurements.readers.__file__).parent
    files = [*home.glob("*.py"), *readers.glob("*.py")]
    files += [path for place in PLACES for path in (home / place).glob("*.py")]
    found = {}
    for path in files:
        for flag in flags_in(path.read_text(encoding="utf-8")):
            found.setdefault(flag, path.name)
    return found


def test_every_flag_given_has_words():
    untold = {
        flag: where
        for flag, where in given().items()
        if flag not in FLAGS and flag not in NO_FLAGS
    }

    assert untold == {}
    assert set(FLAGS) >= NAMED


@pytest.mark.parametrize(
    "flag", ["edge_maximum", "columns_contradict", "poor_fit", "unresolved"]
)
def test_the_search_finds_flags_however_they_are_given(flag):
    assert flag in given()
