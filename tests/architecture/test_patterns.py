"""No regular expression takes longer than in proportion to the text it is given."""

import ast
import dataclasses
import importlib
import re
import time
from pathlib import Path

import pytest

from labdata.common.measures import numbers
from samples.formula import notation

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("labdata", "samples", "measurements", "analysis")
METHODS = {"match", "fullmatch", "search", "sub", "split", "findall", "finditer"}
# Texts longer than this are refused before any pattern of these modules sees them.
LONGEST = {
    "labdata.common.measures.numbers": numbers.LONGEST_TEXT,
    "samples.formula": notation.LONGEST_TEXT,
}
# Put together where they are used, of parts that cannot be told here.
UNSEEN = {
    "labdata.common.measures.numbers": "parts a number at single characters",
    "labdata.running.backup": "patterns of our own constraints on our own rows",
    "labdata.site.lab.documents": "typed words, escaped",
}
# What people, instruments and attackers write, over and over.
REPEATED = (
    *"1aA_ \t\n.,:;-+/()[]{}<>=%*#'\"\\\u00a0°",
    *("1.", "1,", "1:", "1/", "1-", "1e", "1(", "1 ", "a1", "a ", "a_", "a,", ", "),
    *("()", "(a)", "[a]", "{a}", "1 a ", "1, ", "-1 ", "\\a", " / ", " in "),
)
AROUND = (("", ""), ("1", "!"), ("a", "\x00"), ("(", " 1!"), ("1 a", "!"))
SHORT, LONG = 800, 3200
# Processor seconds on a short text: in proportion it takes a tenth of this.
SUSPICIOUS = 0.001
# A text four times as long takes four times as long; sixteen times if it is squared.
STEEPEST = 8


@dataclasses.dataclass(frozen=True)
class Use:
    """A pattern and how it is applied, with the module it stands in."""

    module: str
    pattern: str | bytes
    flags: int
    method: str

    def seconds(self, text):
        """Processor seconds on a text."""
        text = text.encode() if isinstance(self.pattern, bytes) else text
        apply = getattr(re.compile(self.pattern, self.flags), self.method)
        given = (text[:0], text) if self.method == "sub" else (text,)
        began = time.process_time()
        outcome = apply(*given)
        if self.method == "finditer":
            list(outcome)
        return time.process_time() - began

    @property
    def longest(self):
        bounds = [n for name, n in LONGEST.items() if self.module.startswith(name)]
        return min(bounds, default=None)


def modules():
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if "migrations" not in path.parts:
                name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
                tree = ast.parse(path.read_text(encoding="utf-8"))
                yield name.removesuffix(".__init__"), tree


def methods_by_name(trees):
    """Which methods are called on what is called so, anywhere."""
    called = {}
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in METHODS:
                owner = node.value
                owner = owner.value if isinstance(owner, ast.Subscript) else owner
                name = getattr(owner, "id", getattr(owner, "attr", ""))
                called.setdefault(name, set()).add(node.attr)
    return called


def kept_patterns(value, depth=0):
    """Patterns in a value of a module, tables of them and records with one included."""
    if isinstance(value, re.Pattern):
        yield value
    elif depth < 3 and isinstance(value, dict | list | tuple | set | frozenset):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from kept_patterns(inner, depth + 1)
    elif depth < 3 and dataclasses.is_dataclass(value) and not isinstance(value, type):
        for one in dataclasses.fields(value):
            yield from kept_patterns(getattr(value, one.name, None), depth + 1)


def is_inline(node):
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "re"
        and node.func.attr in METHODS | {"compile"}
    )


def inline_use(name, node, namespace):
    """Uses written at their place, such as ``re.sub(…)``; None if they depend on it."""

    def value_of(part):
        return eval(compile(ast.Expression(part), name, "eval"), dict(namespace))

    method = node.func.attr
    place = {"compile": 1, "sub": 4, "split": 3}.get(method, 2)
    given = [word.value for word in node.keywords if word.arg == "flags"]
    given += node.args[place : place + 1]
    try:
        pattern = value_of(node.args[0])
        flags = int(value_of(given[0])) if given else 0
    except NameError:
        return None
    # A pattern compiled within a function is matched, or split by, right there.
    methods = {"match", "fullmatch"} if method == "compile" else {method}
    return {Use(name, pattern, flags, one) for one in methods}


def collect():
    """Every use of a regular expression, and the modules with some not to be told."""
    trees = dict(modules())
    called, found, unseen = methods_by_name(trees.values()), set(), set()
    for name, tree in trees.items():
        namespace = vars(importlib.import_module(name))
        own = methods_by_name([tree])
        kept = [
            (variable, pattern)
            for variable, value in namespace.items()
            for pattern in kept_patterns(value)
        ]
        for variable, pattern in kept:
            # Of one that is handed on, whatever its module does with any.
            anyhow = set().union(*(own[key] for key in own if key.islower()), {"match"})
            for method in called.get(variable, anyhow):
                found.add(Use(name, pattern.pattern, pattern.flags, method))
        for node in ast.walk(tree):
            if is_inline(node):
                uses = inline_use(name, node, namespace)
                found |= uses or set()
                if uses is None and not (node.func.attr == "compile" and kept):
                    unseen.add(name)
    return found, unseen


def texts(length):
    for part in REPEATED:
        for before, after in AROUND:
            yield before, part, after, before + part * (length // len(part)) + after


def growth(use, before, part, after):
    """How many times longer a use takes on a text of four times the length."""
    short, long = (
        min(
            use.seconds(before + part * (length // len(part)) + after) for _ in range(3)
        )
        for length in (SHORT, LONG)
    )
    return long / max(short, 1e-6)


def slow_texts(use):
    """The kinds of text on which a use takes longer than in proportion."""
    if use.longest is not None:
        return [
            (before, part, after)
            for before, part, after, text in texts(use.longest)
            if use.seconds(text) > 20 * SUSPICIOUS
        ]
    return [
        (before, part, after)
        for before, part, after, text in texts(SHORT)
        if use.seconds(text) > SUSPICIOUS
        and growth(use, before, part, after) > STEEPEST
    ]


FOUND, NOT_TOLD = collect()


def test_all_patterns_but_few_are_tried():
    assert len(FOUND) > 150
    assert sorted(UNSEEN) == sorted(NOT_TOLD)


def test_no_pattern_backtracks_over_what_it_has_read():
    slow = {use: found for use in sorted(FOUND, key=repr) if (found := slow_texts(use))}

    assert slow == {}


@pytest.mark.parametrize(
    ("pattern", "method"),
    [
        (r"\d+\.?\d*", "fullmatch"),
        (r"\s+$", "search"),
    ],
)
def test_a_pattern_that_backtracks_is_found(pattern, method):
    assert slow_texts(Use("here", pattern, 0, method))
