"""``make proof``: whatever is counted in hundreds, and every test on PostgreSQL.

Each step that passed is kept in ``var/proof.json``. A proof that was killed goes on
with the steps that are left, as long as the code is the same; steps that failed are
run again. When all steps have ended, ``docs/proof.md`` tells what each of them gave.
"""

import argparse
import contextlib
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tests import cost, schema, servers
from tests.passes import ROOT, say

STATE = ROOT / "var" / "proof.json"
TABLE = ROOT / "docs" / "proof.md"
LONGEST_TEST_SECONDS = 3600
DRAWS, POSTGRESQL = "draws", "postgresql"
OPTIONS = {DRAWS: ("--proof",), POSTGRESQL: ("--postgresql", "all")}


@dataclass(frozen=True)
class Step:
    """Tests of one kind in one place, run by one command."""

    kind: str
    place: str

    @property
    def name(self) -> str:
        return f"{self.kind} {self.place}"


@dataclass
class Outcome:
    """What a step gave: its tests by outcome, and of those told by name their draws."""

    counts: dict[str, int] = field(default_factory=dict)
    tests: list[tuple[str, str, str]] = field(default_factory=list)
    seconds: float = 0.0
    ended: str = ""

    @property
    def is_passed(self) -> bool:
        return bool(self.counts) and not (
            self.counts.get("failed") or self.counts.get("broken")
        )


def state_of_code() -> str:
    """Name the commit, and the changes that are not in it; the table aside."""

    def git(*command: str) -> str:
        return subprocess.run(
            ["git", *command], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout

    left_out = f":(exclude){TABLE.relative_to(ROOT)}"
    try:
        commit = git("rev-parse", "--short=12", "HEAD").strip()
        changes = git("diff", "HEAD", "--", ".", left_out)
        unknown = git("ls-files", "--others", "--exclude-standard", "-z", "--", ".")
    except (FileNotFoundError, subprocess.CalledProcessError):
        return "a tree without git"
    for name in sorted(filter(None, unknown.split("\0"))):
        changes += name
        # A link to a folder is not told apart from another one.
        if (ROOT / name).is_file():
            changes += hashlib.sha256((ROOT / name).read_bytes()).hexdigest()
    if not changes:
        return commit
    return f"{commit} with changes {hashlib.sha256(changes.encode()).hexdigest()[:8]}"


class State:
    """The steps that ended, of one state of the code, kept on the disk."""

    def __init__(self, path: Path, code: str) -> None:
        self.path, self.code = path, code
        self.ended: dict[str, Outcome] = {}
        with contextlib.suppress(FileNotFoundError, ValueError, KeyError, TypeError):
            kept = json.loads(path.read_text())
            if kept["code"] == code:
                self.ended = {
                    name: Outcome(**told) for name, told in kept["steps"].items()
                }

    def is_passed(self, step: Step) -> bool:
        return step.name in self.ended and self.ended[step.name].is_passed

    def keep(self, step: Step, outcome: Outcome) -> None:
        """Write the state whole, or not at all: a kill may come at any time."""
        self.ended[step.name] = outcome
        kept = {
            "code": self.code,
            "steps": {name: asdict(told) for name, told in self.ended.items()},
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self.path.with_suffix(".unfinished")
        unfinished.write_text(json.dumps(kept, indent=1))
        unfinished.replace(self.path)


def _collected(*options: str, environment: dict[str, str]) -> list[str]:
    """The files of the tests that the options choose."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--collect-only", "-n", "0", *options],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"the tests cannot be collected:\n{done.stdout[-2000:]}")
    lines = (line for line in done.stdout.splitlines() if "::" in line)
    return sorted({line.partition("::")[0] for line in lines})


def find_steps(environment: dict[str, str], *, has_postgresql: bool) -> list[Step]:
    """Every file that draws, then every folder on PostgreSQL."""
    steps = [
        Step(DRAWS, file)
        for file in _collected(*OPTIONS[DRAWS], environment=environment)
    ]
    if has_postgresql:
        files = _collected(*OPTIONS[POSTGRESQL], environment=environment)
        folders = sorted({str(Path(file).parent) for file in files})
        steps += [Step(POSTGRESQL, folder) for folder in folders]
    return steps


def _files_of(step: Step) -> Iterable[str]:
    """A folder stands for its own files, not for the folders below it."""
    if step.kind == DRAWS:
        return [step.place]
    found = sorted((ROOT / step.place).glob("test_*.py"))
    return [str(path.relative_to(ROOT)) for path in found]


def run_step(step: Step, environment: dict[str, str]) -> Outcome:
    began = cost.spent()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        status = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-q", "-n", "2"),
                *("--dist", "loadgroup", "--timeout", str(LONGEST_TEST_SECONDS)),
                *("-o", "junit_family=xunit1", "--junit-xml", str(report)),
                *OPTIONS[step.kind],
                *_files_of(step),
            ],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            check=False,
        ).returncode
        is_told = step.kind == DRAWS
        outcome = read_report(report, is_told) if report.exists() else Outcome()
    if status and not outcome.counts.get("failed"):
        outcome.counts["broken"] = 1
    outcome.seconds = cost.spent() - began
    outcome.ended = datetime.now(UTC).strftime("%Y-%m-%d")
    return outcome


def read_report(path: Path, is_told: bool) -> Outcome:
    """Read from pytest's report how many tests came out how.

    Where each ``is_told``, so are its name and the draws it made.
    """
    counts: Counter[str] = Counter()
    tests = []
    for case in ElementTree.parse(path).iter("testcase"):
        told = {child.tag for child in case}
        outcome = "passed"
        if told & {"failure", "error"}:
            outcome = "failed"
        elif "skipped" in told:
            outcome = "skipped"
        counts[outcome] += 1
        if is_told:
            draws = [
                one.get("value", "")
                for one in case.iter("property")
                if one.get("name") == "draws"
            ]
            tests.append((case.get("name", ""), ", ".join(draws), outcome))
    return Outcome(counts=dict(counts), tests=tests)


def write_table(path: Path, state: State, steps: list[Step], note: str = "") -> None:
    """Write what every step gave, with the state of the code and the date."""
    told = [state.ended[step.name] for step in steps]
    first, last = min(one.ended for one in told), max(one.ended for one in told)
    lines = [
        "# Proof",
        "",
        "What `make proof` gave when it was last run to its end: whatever is counted",
        "in hundreds, and every test on PostgreSQL. `make test` draws less often.",
        "The command writes this page; killed, it goes on where it stopped.",
        "",
        f"* Code: {state.code}",
        f"* Date: {first if first == last else f'{first} to {last}'}",
        f"* Computing: {sum(one.seconds for one in told) / 60:.0f} minutes",
        *([f"* {note}"] if note else []),
        "",
        "## Counted in hundreds",
        "",
        "| what is shown | draws | |",
        "|---|---:|---|",
    ]
    for step in steps:
        if step.kind != DRAWS:
            continue
        outcome = state.ended[step.name]
        lines += [
            f"| {_sentence(name)} | {draws} | {_word(result)} |"
            for name, draws, result in outcome.tests
        ]
        if outcome.counts.get("broken"):
            lines.append(f"| `{step.place}` | | **did not end** |")
    lines += [
        "",
        "## Everything on PostgreSQL",
        "",
        "| tests of | passed | skipped | failed |",
        "|---|---:|---:|---:|",
    ]
    for step in steps:
        if step.kind == POSTGRESQL:
            counts = state.ended[step.name].counts
            failed = counts.get("failed", 0)
            shown = "**did not end**" if counts.get("broken") else failed
            lines.append(
                f"| `{step.place}` | {counts.get('passed', 0)} | "
                f"{counts.get('skipped', 0)} | {shown} |"
            )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _sentence(test: str) -> str:
    name, bracket, case = test.removeprefix("test_").partition("[")
    words = name.replace("_", " ")
    told = words[:1].upper() + words[1:]
    return f"{told} ({case.removesuffix(']')})" if bracket else told


def _word(outcome: str) -> str:
    return outcome if outcome == "passed" else f"**{outcome}**"


def prove(
    steps: list[Step], state: State, run: Callable[[Step], Outcome]
) -> list[Step]:
    """Run the steps that have not passed yet; return those that failed."""
    left = [step for step in steps if not state.is_passed(step)]
    if len(left) < len(steps):
        say(f"{len(steps) - len(left)} of {len(steps)} steps passed before; going on.")
    for number, step in enumerate(left, start=1):
        say(f"=== {number} of {len(left)}: {step.name}")
        state.keep(step, run(step))
    return [step for step in steps if not state.is_passed(step)]


@contextlib.contextmanager
def _servers(environment: dict[str, str]) -> Iterator[str]:
    """Start the servers that are installed; give why there is no PostgreSQL, or ''."""
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(servers.NoServer):
            url = stack.enter_context(servers.redis_server())
            environment["LABDATA_TEST_REDIS_URL"] = url
        missing = ""
        try:
            url = stack.enter_context(servers.postgres())
            environment["LABDATA_TEST_POSTGRES_URL"] = url
        except servers.NoServer as error:
            missing = str(error)
        yield missing


def main() -> int:
    parser = argparse.ArgumentParser(prog="make proof", description=__doc__)
    parser.add_argument("--anew", action="store_true", help="forget what passed before")
    arguments = parser.parse_args()
    if arguments.anew:
        STATE.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="labdata-proof-") as folder:
        environment = {
            **os.environ,
            "LABDATA_DATA_DIR": folder,
            "LABDATA_SECRET_KEY": "for tests",
            schema.FOLDER: str(Path(folder, "schemas")),
        }
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        with _servers(environment) as missing:
            state = State(STATE, state_of_code())
            steps = find_steps(environment, has_postgresql=not missing)

            def run(step: Step) -> Outcome:
                url = environment.get("LABDATA_TEST_POSTGRES_URL", "")
                on = {"LABDATA_DATABASE_URL": url} if step.kind == POSTGRESQL else {}
                return run_step(step, {**environment, **on})

            failed = prove(steps, state, run)
    note = f"PostgreSQL was left out: {missing}" if missing else ""
    write_table(TABLE, state, steps, note)
    say(f"Written: {TABLE.relative_to(ROOT)}")
    for step in failed:
        say(f"FAILED: {step.name}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
