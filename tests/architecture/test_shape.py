"""The shape of the tree: every file in its room, every plug-in with its test."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("labdata", "samples", "measurements", "analysis", "tests", "bench")
LONGEST_MODULE = 500
NO_OWNER = {"utils", "helpers", "misc", "signals"}
PLUGINS = ("measurements/techniques", "measurements/readers", "analysis/methods")
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


def pure_packages() -> list[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    return next(c for c in contracts if c["type"] == "forbidden")["source_modules"]


def test_no_module_is_longer_than_a_person_reads():
    too_long = {
        str(path.relative_to(ROOT)): lines
        for path in own_code()
        if (lines := len(path.read_text(encoding="utf-8").splitlines()))
        > LONGEST_MODULE
    }

    assert not too_long


def test_no_module_is_a_room_without_an_owner():
    assert not shown(path for path in tracked("*.py") if path.stem in NO_OWNER)


@pytest.mark.parametrize("package", PLUGINS)
def test_every_plugin_has_a_test_of_its_name(package):
    modules = {
        path.stem
        for path in (ROOT / package).glob("*.py")
        if not path.stem.startswith("_")
    }

    tested = {
        path.stem.removeprefix("test_") for path in (ROOT / "tests" / package).glob("*")
    }

    assert modules
    assert sorted(modules - tested) == []


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
