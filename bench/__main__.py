"""``python -m bench [NAME [SIZE …]] [--check]``: measure, and print goal and figure.

Without a name every bench runs, each in a process of its own. With ``--check`` a
missed goal is the status 1. ``--goals`` lists what is promised without measuring.
"""

from __future__ import annotations

import argparse
import importlib
import subprocess
import sys
from pathlib import Path
from types import ModuleType

from bench import Figures, NoSuchBench

FOLDER = Path(__file__).resolve().parent


def names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("[!_]*.py"))


def load(name: str) -> ModuleType:
    """Import a bench.

    Raises
    ------
    NoSuchBench
        If there is none of that name, or it declares no goal.
    """
    if name not in names():
        raise NoSuchBench(f"no bench {name!r} (there are: {', '.join(names())})")
    module = importlib.import_module(f"bench.{name}")
    if not getattr(module, "GOALS", ()):
        raise NoSuchBench(f"the bench {name} declares no goal")
    return module


def run(name: str, sizes: list[int]) -> list[str]:
    """Measure one bench and return the goals it missed."""
    module = load(name)
    offered = getattr(module, "SIZES", ())
    if sizes and not offered:
        raise NoSuchBench(f"the bench {name} takes no sizes")
    figures = Figures(module.GOALS)
    module.measure(figures, *(sizes or offered))
    print(f"\n{figures.report()}\n", flush=True)
    return figures.missed()


def run_all() -> list[str]:
    """Measure every bench in a process of its own; return those that missed."""
    missed = []
    for name in names():
        print(f"=== {name}", flush=True)
        command = [sys.executable, "-m", "bench", name, "--check"]
        if subprocess.run(command, cwd=FOLDER.parent, check=False).returncode:
            missed.append(name)
    return missed


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("name", nargs="?", help="one of " + ", ".join(names()))
    parser.add_argument("sizes", nargs="*", type=int, help="for benches that scale")
    parser.add_argument("--check", action="store_true", help="1 if a goal is missed")
    parser.add_argument("--goals", action="store_true", help="list the goals only")
    asked = parser.parse_args()
    try:
        if asked.goals:
            for name in [asked.name] if asked.name else names():
                for goal in load(name).GOALS:
                    print(f"{name}: {goal.name}: {goal}")
            return 0
        missed = run(asked.name, asked.sizes) if asked.name else run_all()
    except NoSuchBench as error:
        parser.error(str(error))
    print(f"missed: {', '.join(missed) or 'none'}")
    return 1 if missed and asked.check else 0


if __name__ == "__main__":
    sys.exit(main())
