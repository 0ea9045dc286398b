"""What the environment can set is what docs/running.md says it can."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/running.md"
CODE = ("manage.py", "labdata", "samples", "measurements", "analysis")
SHELL = ("Makefile", "deploy/build-venv", "deploy/labdata.env")
NAME = re.compile(r"LABDATA_[A-Z]+(?:_[A-Z]+)*")

INTERNAL = {
    "LABDATA_SUPERVISOR_PID",  # the supervisor tells it to the parts it starts
    "LABDATA_PICTURES",  # where `make pictures` lets the tests put the docs' pictures
}


def names_in_code():
    files = [
        file
        for place in CODE
        for file in (
            [ROOT / place] if place.endswith(".py") else (ROOT / place).rglob("*.py")
        )
    ]
    return {
        node.value
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and NAME.fullmatch(node.value)
    }


def names_in_shell():
    return {
        name
        for place in SHELL
        for name in NAME.findall((ROOT / place).read_text(encoding="utf-8"))
    }


def names_on_page():
    rows = re.findall(r"^\| (`[^|]*`) \|", PAGE.read_text(encoding="utf-8"), re.M)
    return {name for row in rows for name in NAME.findall(row)}


def test_every_variable_that_is_read_stands_on_the_page():
    read = names_in_code() | names_in_shell()

    assert len(read) > 20
    assert sorted(read - names_on_page() - INTERNAL) == []


def test_every_variable_on_the_page_is_read():
    assert sorted(names_on_page() - names_in_code() - names_in_shell()) == []
