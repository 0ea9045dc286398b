"""The shape of the tree: every file in its room, every plug-in with its test."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from analysis.contract.registry import analyses
from measurements.registry import readers, techniques
from tests.pure import pure_packages

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("labdata", "samples", "measurements", "analysis", "tests", "bench")
WISHED_LINES, MOST_LINES = 500, 700
MOST_MODULES = 20
# One file a plug-in is the rule here, however many there are.
MANY_ALLOWED = ("measurements/techniques", "tests")
NO_OWNER = {"utils", "helpers", "misc", "signals"}
WEB = ("django", "rest_framework", "celery")


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("the tree is not a git checkout")
    paths = (ROOT / name for name in listed.stdout.splitlines())
    return [path for path in paths if path.is_file()]


def shown(paths) -> list[str]:
    return sorted(str(path.relative_to(ROOT)) for path in paths)


def own_code() -> list[Path]:
    return [
        path
        for path in tracked("*.py", "*.html", "*.js", "*.css")
        if "migrations" not in path.parts and "vendor" not in path.parts
    ]


def test_no_module_is_longer_than_a_person_reads():
    lengths = {
        path: len(path.read_text(encoding="utf-8").splitlines()) for path in own_code()
    }

    beyond_the_wall = {path for path, lines in lengths.items() if lines > MOST_LINES}
    unexplained = {
        path
        for path, lines in lengths.items()
        if lines > WISHED_LINES and not _says_why_it_is_long(path)
    }
    assert not shown(beyond_the_wall | unexplained)


def _says_why_it_is_long(path: Path) -> bool:
    head = path.read_text(encoding="utf-8")[:2000]
    return "Longer than 500 lines because" in head


def test_no_folder_holds_more_modules_than_a_person_surveys():
    folders: dict[Path, int] = {}
    for path in own_code():
        if path.name != "__init__.py":
            folders[path.parent] = folders.get(path.parent, 0) + 1

    full = [
        folder
        for folder, count in folders.items()
        if count > MOST_MODULES
        and not folder.relative_to(ROOT).as_posix().startswith(MANY_ALLOWED)
    ]
    assert not shown(full)


def test_the_site_has_no_loose_module():
    loose = {path.name for path in (ROOT / "labdata/site").glob("*.py")}

    assert loose == {"__init__.py", "apps.py", "urls.py", "api_urls.py"}


def test_no_module_is_a_room_without_an_owner():
    assert not shown(path for path in tracked("*.py") if path.stem in NO_OWNER)


def test_every_plugin_has_a_test_of_its_name():
    modules = {
        *(technique.example.__module__ for technique in techniques),
        *(reader.read.__module__ for reader in readers),
        *(analysis.run.__module__ for analysis in analyses),
    }

    assert len(modules) > 20
    assert not sorted(module for module in modules if not _test_of(module).is_file())


def _test_of(module: str) -> Path:
    *folders, name = module.split(".")
    return ROOT.joinpath("tests", *folders, f"test_{name}.py")


@pytest.mark.parametrize("module", pure_packages())
def test_pure_packages_load_no_web_framework(module):
    # Every submodule counts, also one that only a worker would import.
    program = f"""
import importlib, pkgutil, sys
module = importlib.import_module({module!r})
for found in pkgutil.walk_packages(getattr(module, "__path__", ()), {module + "."!r}):
    importlib.import_module(found.name)
print(sorted(set({WEB!r}) & set(sys.modules)))
"""

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout.strip() == "[]", done.stderr


def test_no_path_of_one_machine_is_in_the_tree():
    machine_path = re.compile(
        r"(?<![\w.~/-])/(?:work|root|home/\w+|Users/\w+)(?:/|\b(?=[\"'\s]))"
    )
    named = {
        str(path.relative_to(ROOT)): found.group()
        for path in tracked()
        if "vendor" not in path.parts
        and path.suffix not in {".png", ".woff2", ".ico", ".gz"}
        and (found := machine_path.search(path.read_text(errors="replace")))
        and path != Path(__file__).resolve()
    }

    assert not named


def test_no_model_overrides_save_and_nothing_listens_to_signals():
    offenders = []
    for path in own_code():
        if path.suffix != ".py" or path.parts[len(ROOT.parts)] not in ROOMS[:4]:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module == (
                "django.db.models.signals"
            ):
                offenders.append(f"{path.relative_to(ROOT)}:{node.lineno}")
        if "models" in path.parts or path.stem == "models":
            offenders += [
                f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
                for node in ast.walk(tree)
                if isinstance(node, ast.FunctionDef) and node.name == "save"
            ]

    assert not offenders


@pytest.mark.django_db
def test_migrations_say_everything_the_models_say():
    from django.core.management import call_command

    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
