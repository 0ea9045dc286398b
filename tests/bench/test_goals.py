"""Benches and their goals: a missed one fails, and nobody promises nothing."""

import math
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bench import Figures, NoSuchGoal, at_least, at_most

ROOT = Path(__file__).resolve().parents[2]
BENCHES = sorted(path.stem for path in (ROOT / "bench").glob("[!_]*.py"))
MODULE = """
from bench import at_least, at_most

GOALS = (at_least("fits", 50, "× lmfit"), at_most("reading", 2.5, "× a bare parse"))


def measure(figures):
    figures.add("fits", {fits})
    figures.add("reading", {reading})
"""


@pytest.fixture
def folder(tmp_path):
    """The command of the benches, without any of them."""
    (tmp_path / "bench").mkdir()
    for name in ("__init__.py", "__main__.py"):
        shutil.copy(ROOT / "bench" / name, tmp_path / "bench" / name)
    return tmp_path


def write(folder, name, text):
    (folder / "bench" / f"{name}.py").write_text(text)


def ask(folder, *arguments):
    done = subprocess.run(
        [sys.executable, "-m", "bench", *arguments],
        cwd=folder,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_every_bench_declares_what_it_promises():
    status, listed, complaint = ask(ROOT, "--goals")

    assert status == 0, complaint
    promised = re.findall(r"^(\w+): .+: at (?:least|most) \S+ \S", listed, re.M)
    assert len(promised) == len(listed.splitlines())
    assert sorted(set(promised)) == BENCHES


def test_a_bench_without_a_goal_is_refused_by_name(folder):
    write(folder, "idle", "GOALS = ()\n\n\ndef measure(figures): ...\n")

    for arguments in (["--goals"], ["idle"], ["idle", "--check"]):
        status, _, complaint = ask(folder, *arguments)

        assert status == 2
        assert "the bench idle declares no goal" in complaint


def test_goals_that_are_met_are_shown_beside_their_figures(folder):
    write(folder, "speed", MODULE.format(fits=50, reading=2.5))

    status, told, complaint = ask(folder, "speed", "--check")

    assert status == 0, complaint
    assert re.search(r"^fits +50 +met +at least 50 × lmfit$", told, re.M)
    assert re.search(r"^reading +2\.5 +met +at most 2\.5 × a bare parse$", told, re.M)
    assert "missed: none" in told


@pytest.mark.parametrize(
    ("fits", "reading", "missed"),
    [
        (49.9, 2.4, "fits"),
        (51, 2.6, "reading"),
        ("float('nan')", 2.4, "fits"),
        (1, 100, "fits, reading"),
    ],
)
def test_a_missed_goal_is_the_status_of_the_check(folder, fits, reading, missed):
    write(folder, "speed", MODULE.format(fits=fits, reading=reading))

    status, told, _ = ask(folder, "speed", "--check")
    unchecked, shown, _ = ask(folder, "speed")

    assert (status, unchecked) == (1, 0)
    assert f"missed: {missed}\n" in told
    assert shown == told
    for name in missed.split(", "):
        assert re.search(rf"^{name} .* MISSED +at (least|most) ", told, re.M)


def test_a_goal_that_nothing_measured_is_missed(folder):
    text = MODULE.format(fits=60, reading=2).replace('figures.add("reading", 2)', "")
    write(folder, "speed", text)

    status, told, _ = ask(folder, "speed", "--check")

    assert status == 1
    assert re.search(r"^reading +not measured +MISSED", told, re.M)


def test_all_benches_run_and_one_that_misses_is_named(folder):
    write(folder, "fast", MODULE.format(fits=60, reading=2))
    write(folder, "slow", MODULE.format(fits=40, reading=2))
    write(folder, "torn", MODULE.format(fits="1 / 0", reading=2))

    status, told, _ = ask(folder, "--check")

    assert status == 1
    assert told.count("=== ") == 3
    assert told.endswith("missed: slow, torn\n")


def test_what_is_unknown_is_refused_with_what_there_is(folder):
    write(folder, "speed", MODULE.format(fits=60, reading=2))
    write(folder, "odd", MODULE.replace('add("fits"', 'add("fist"').format(**ONES))

    status, _, complaint = ask(folder, "sped", "--check")
    assert (status, "no bench 'sped' (there are: odd, speed)" in complaint) == (2, True)

    status, _, complaint = ask(folder, "speed", "1000")
    assert (status, "the bench speed takes no sizes" in complaint) == (2, True)

    status, _, complaint = ask(folder, "odd", "--check")
    assert status == 1
    assert "no goal is declared for 'fist' (declared: fits, reading)" in complaint


ONES = {"fits": 1, "reading": 1}


def test_of_several_figures_the_worst_counts():
    figures = Figures([at_least("fits", 50, "×"), at_most("reading", 2.5, "×")])
    for fits, reading in ((60, 2), (55, 2.4), (70, 1)):
        figures.add("fits", fits)
        figures.add("reading", reading)

    assert figures.missed() == []
    assert re.findall(r" (55|2\.4) ", figures.report()) == ["55", "2.4"]

    figures.add("reading", 2.6)
    figures.add("reading", 1)
    assert figures.missed() == ["reading"]

    figures.add("fits", math.nan)
    figures.add("fits", 90)
    assert figures.missed() == ["fits", "reading"]
    with pytest.raises(NoSuchGoal):
        figures.add("writing", 1)


def test_sizes_reach_the_bench_that_offers_them(folder):
    text = MODULE.format(fits="60 if n == 7 else 40", reading=2)
    text = text.replace("measure(figures)", "measure(figures, n)") + "\nSIZES = (5,)\n"
    write(folder, "speed", text)

    assert ask(folder, "speed", "7", "--check")[0] == 0
    assert ask(folder, "speed", "--check")[0] == 1


def test_make_bench_checks():
    make = (ROOT / "Makefile").read_text()

    assert re.search(r"^bench:.*\n\t@exec \$\(PYTHON\) -m bench --check$", make, re.M)
