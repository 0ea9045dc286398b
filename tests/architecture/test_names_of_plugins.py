"""Pages know no technique, analysis, quantity or flag by its name."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings

from analysis.contract.registry import analyses
from labdata.common.measures.quantities import quantities
from labdata.plugin.technique import FIGURES
from measurements.registry import techniques

ROOT = Path(settings.BASE_DIR)

PLAIN = {
    "measured": "a word about anything that was measured, such as a state of a row",
    "ageing": "a field of a table of cells: how long they were kept",
    "extrapolated": "how the answer on survival knows the end of a cell",
}
"""Keys that pages use as plain words, with their other meaning."""

TAG = re.compile(r"\{[%{](.*?)[%}]\}", re.DOTALL)
QUOTED = re.compile(
    r"\"((?:[^\"\\\n]|\\.)*)\"|'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)*)`"
)
COMMENT = re.compile(r"^\s*//.*$|\s//\s.*$|/\*.*?\*/", re.MULTILINE | re.DOTALL)


def keys():
    """What may be named nowhere: figure kinds and plain words are no names."""
    flags = {flag.key for spec in analyses for flag in spec.flags}
    named = {
        *(one.key for one in techniques),
        *(one.key for one in analyses),
        *(one.key for one in quantities),
        *flags,
    }
    return named - set(FIGURES) - set(PLAIN)


def names_in(literal, known):
    """The keys a literal names: as a whole, or within it if no word looks like them."""
    if literal in known:
        return [literal]
    words = set(re.findall(r"[a-z][a-z0-9]*(?:[._][a-z0-9]+)+", literal))
    return sorted(words & known)


def literals_of_code(text):
    """String constants, but for docstrings."""
    tree = ast.parse(text)
    told = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(
            node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        )
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    told |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in told
    ]


def literals_of_template(text):
    """What stands in quotes within tags, and in attributes around them."""
    text = re.sub(r"\{#.*?#\}", "", text)
    within = [part for tag in TAG.findall(text) for part in quoted(tag)]
    return within + quoted(TAG.sub(" ", text))


def literals_of_script(text):
    return quoted(COMMENT.sub("", text))


def quoted(text):
    return ["".join(parts) for parts in QUOTED.findall(text)]


def files():
    for folder, ending, read in (
        ("labdata/site", "py", literals_of_code),
        ("templates", "html", literals_of_template),
        ("static/js", "js", literals_of_script),
    ):
        for path in sorted((ROOT / folder).rglob(f"*.{ending}")):
            yield path, read


def test_no_literal_of_the_pages_names_what_a_plugin_declares():
    known = keys()

    found = {
        str(path.relative_to(ROOT)): names
        for path, read in files()
        if (
            names := sorted(
                {
                    name
                    for literal in read(path.read_text(encoding="utf-8"))
                    for name in names_in(literal, known)
                }
            )
        )
    }

    assert found == {}


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (literals_of_code, '"""jv.pce is named here."""\nif key == "jv":\n    pass'),
        (literals_of_code, 'SHOWN = ("jv.pce",)'),
        (literals_of_code, 'f"/samples/?technique=mpp_tracking&x={x}"'),
        (literals_of_template, '{% if row.technique == "jv" %}x{% endif %}'),
        (literals_of_template, "<a href=\"{% url 'x' %}?technique=mpp_tracking\">"),
        (literals_of_script, 'const kind = row.key === "jv" ? 1 : 2; // "pl"'),
        (literals_of_script, "name.startsWith(`stability.t80`)"),
    ],
)
def test_a_name_is_found(read, text):
    found = [name for literal in read(text) for name in names_in(literal, keys())]

    assert len(found) == 1


def test_plain_words_are_names_too():
    """Who takes a name back, takes it from this list."""
    flags = {flag.key for spec in analyses for flag in spec.flags}

    assert set(PLAIN) <= {*flags, *(one.key for one in techniques)}
    assert len(PLAIN) <= 4
