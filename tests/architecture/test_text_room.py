"""How text is written is decided in one room: no other module has a rule of its own."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOM = ROOT / "labdata/common/text"
# Moments in words, as people type them into a form: of no file, of no list.
TYPED = ROOT / "labdata/site/kit/acts/moments.py"
PACKAGES = ("labdata", "samples", "measurements", "analysis")

# Either mark in one place, as "[.,]" has it, or a comma between two digits.
DECIMAL_COMMA = re.compile(
    r"\[(?:\\?\.,|,\\?\.)[^\]]*\]"
    r"|\\d(?:[+*?]|\{[\d,]+\})*[()?:]*,[()?:]*\\d"
)
# Brackets of two kinds that open, and then two that close: "name [unit]".
BRACKETED_UNIT = re.compile(
    r"\[\^?\\?[(\[{](?:\\?[(\[{])+\].*\[\^?\\?[)\]}](?:\\?[)\]}])+\]", re.DOTALL
)


def modules() -> list[Path]:
    return [
        path
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if ROOM not in path.parents and path != TYPED and "migrations" not in path.parts
    ]


def rules_in(source: str) -> list[str]:
    """Name every rule for a decimal mark, a title's unit or a time, with its line."""
    tree = ast.parse(source)
    spoken = docstrings(tree)
    found = []
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) in spoken:
                continue
            if DECIMAL_COMMA.search(node.value):
                found.append(f"{line}: a pattern with a decimal comma")
            if BRACKETED_UNIT.search(node.value):
                found.append(f"{line}: a pattern of a unit in brackets")
        elif is_call(node, "replace") and first_two(node) == (",", "."):
            found.append(f"{line}: a comma replaced by a point")
        elif is_call(node, "strptime") and ast.unparse(node.func.value) == "datetime":
            found.append(f"{line}: a time parsed by a form of its own")
        elif isinstance(node, ast.BoolOp) and {",", "."} <= looked_for(node):
            found.append(f"{line}: a decimal mark decided by which one is there")
    return found


def docstrings(tree: ast.AST) -> set[int]:
    return {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def is_call(node: ast.AST, name: str) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == name
    )


def first_two(node: ast.Call) -> tuple[object, ...]:
    return tuple(
        argument.value if isinstance(argument, ast.Constant) else None
        for argument in node.args[:2]
    )


def looked_for(node: ast.BoolOp) -> set[object]:
    """The texts that are looked for with ``in`` or ``not in``."""
    return {
        compared.left.value
        for compared in ast.walk(node)
        if isinstance(compared, ast.Compare)
        and isinstance(compared.ops[0], ast.In | ast.NotIn)
        and isinstance(compared.left, ast.Constant)
    }


def test_no_module_decides_what_the_text_room_decides():
    found = {
        str(path.relative_to(ROOT)): rules
        for path in modules()
        if (rules := rules_in(path.read_text(encoding="utf-8")))
    }

    assert not found


@pytest.mark.parametrize(
    "source",
    [
        'NUMBER = re.compile(r"[+-]?\\d+(?:[.,]\\d+)?")',
        'NUMBER = re.compile(r"[+-]?\\d+,\\d+")',
        'NUMBER = re.compile(r"\\d{1,3}(?:,\\d{3})+")',
        'number = float(text.replace(",", "."))',
        'decimal = "," if "," in value and "." not in value else "."',
        'commas = commas and not any("." in t for t in texts) or "," in text',
        'UNIT = re.compile(r"^(.+?)\\s*[(\\[]([^)\\]]*)[)\\]]$")',
        'clock = datetime.strptime(text, "%d.%m.%Y %H:%M")',
    ],
)
def test_the_ninth_copy_is_found(source):
    assert rules_in(source)


@pytest.mark.parametrize(
    "source",
    [
        '"""Numbers such as [.,] in a docstring, 1,234 or d,d."""',
        'words = text.replace(",", " ").split()',
        'LABEL = re.compile(r"(?P<key>[\\w.]+)\\[(?P<label>[^\\]]*)\\]")',
        'text = f"{value:,.2f}"',
    ],
)
def test_what_is_no_such_rule_is_left_alone(source):
    assert not rules_in(source)
