"""Every exported function that gives a number is asked by a test of this folder.

One that is exported tomorrow and is neither asked nor listed here as giving none fails.
"""

import ast
import re
from pathlib import Path

from django.conf import settings

SCRIPTS = Path(settings.BASE_DIR) / "static/js"
FOLDERS = ("kit", "figures")

NO_NUMBER = {
    "kit/combobox.js": {"combobox": "wires a field with a list"},
    "kit/export.js": {
        "exportFigure": "saves what figureSvg gives",
        "save": "saves a file",
        "wireExport": "wires buttons",
    },
    "kit/faults.js": {
        "say": "shows words",
        "takeBack": "takes them away",
        "explain": "words of an answer",
        "signedOut": "shows words",
    },
    "kit/numbers.js": {"axisLabel": "a name with its unit"},
    "kit/rows.js": {"addRow": "a row of a table"},
    "kit/seen.js": {"whenSeen": "waits for boxes to be seen"},
    "figures/adjust.js": {"adjust": "wires a panel; its numbers go into the form"},
    "figures/chart.js": {
        "loadPlotly": "the library",
        "plain": "text without markup",
        "title": "a name with its unit",
        "drawChart": "draws; what is drawn is built by others",
    },
    "figures/panels.js": {
        "drawPanels": "draws what specsOf gives",
        "showPanels": "draws what an address tells",
        "offerExport": "wires buttons",
    },
    "figures/figure.js": {
        "theme": "colours and a font",
        "onThemeChange": "waits for a change",
        "drawBox": "paints",
        "drawSimulated": "paints",
        "load": "what the server answers",
        "complain": "shows words",
    },
}


def test_files_that_scripts_ask_for_are_there():
    lost = []
    scripts = list(SCRIPTS.rglob("*.js"))
    for path in scripts:
        text = path.read_text(encoding="utf-8")
        asked_for = re.findall(r'(?:from|import\(?|new URL\()\s*"(\.[^"]+)"', text)
        lost += [
            (path.name, one) for one in asked_for if not (path.parent / one).is_file()
        ]

    assert len(scripts) > 30
    assert lost == []


def exported():
    """Module and name of every exported function of both folders."""
    found = set()
    for folder in FOLDERS:
        for path in sorted((SCRIPTS / folder).glob("*.js")):
            text = path.read_text(encoding="utf-8")
            names = re.findall(r"^export (?:async )?function\*? (\w+)", text, re.M)
            names += re.findall(
                r"^export (?:const|let) (\w+) =\s*(?:async\s*)?(?:\(|function|\w+ =>)",
                text,
                re.M,
            )
            values = re.findall(r"^export (?:const|let) (\w+)", text, re.M)
            assert len(re.findall(r"^\s*export\b", text, re.M)) == len(
                {*names, *values}
            ), f"{path.name} exports in a way that is not read here"
            found |= {(f"{folder}/{path.name}", name) for name in names}
    return found


def asked():
    """Every function that a case or a test of this folder calls."""
    found = set()
    for path in Path(__file__).parent.glob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "call":
                parts = node.args[:2]
            elif isinstance(node, ast.Tuple):
                parts = node.elts[:2]
            else:
                continue
            told = [getattr(one, "value", None) for one in parts]
            if len(told) == 2 and str(told[0]).endswith(".js"):
                found.add(tuple(told))
    return found


def test_every_function_that_gives_a_number_is_asked():
    silent = {(module, name) for module, names in NO_NUMBER.items() for name in names}

    assert len(exported()) > 30
    assert exported() - asked() - silent == set()
    assert (asked() | silent) - exported() == set()
    assert asked() & silent == set()
