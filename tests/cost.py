"""What tests cost in computing: seconds of processors, the same on a busy machine.

Counted are the test's own process and every process it started and waited for.
``--cpu N`` lists the N dearest tests and files; the sum of a run is always told.
"""

import contextlib
import json
import os
from collections import Counter
from pathlib import Path

import pytest

# What the passes before this one spent: their titles and seconds, as JSON.
SPENT_BEFORE = "LABDATA_TEST_SPENT"


def spent() -> float:
    """Seconds of computing of this process and of its children that have ended."""
    return sum(os.times()[:4])


def spent_by_living_children() -> float:
    """Seconds of children that still run, servers for instance, where /proc tells."""
    seconds = 0.0
    for listing in Path("/proc/self/task").glob("*/children"):
        for pid in listing.read_text().split():
            with contextlib.suppress(OSError):
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2]
                ticks = sum(int(field) for field in fields.split()[11:15])
                seconds += ticks / os.sysconf("SC_CLK_TCK")
    return seconds


def pytest_addoption(parser):
    parser.addoption(
        "--cpu",
        type=int,
        default=0,
        metavar="N",
        help="list the N tests and files that cost most computing",
    )


class Clock:
    """Gives what was spent since it was asked last."""

    def __init__(self) -> None:
        self.last = spent()

    def __call__(self) -> float:
        before, self.last = self.last, spent()
        return self.last - before


clock = Clock()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item):
    clock()
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    report = yield
    report.cpu_seconds = clock()
    return report


def pytest_terminal_summary(terminalreporter, config):
    write = terminalreporter.write_line
    if number := config.getoption("cpu"):
        tests, files = _by_test_and_file(terminalreporter)
        for title, counted in (("tests", tests), ("files", files)):
            terminalreporter.write_sep("=", f"the {number} dearest {title}")
            for name, seconds in counted.most_common(number):
                write(f"{seconds:8.2f} s  {name}")
    # The processes that ran the tests have ended, and are counted as its children.
    here = spent()
    before = json.loads(os.environ.get(SPENT_BEFORE, "{}"))
    listed = ", ".join(f"{title} {seconds:.0f}" for title, seconds in before.items())
    write(f"Seconds of computing: {here:.0f} here" + (f", {listed}" if before else ""))
    if before:
        write(f"Seconds of computing in all: {here + sum(before.values()):.0f}")


def _by_test_and_file(terminalreporter) -> tuple[Counter[str], Counter[str]]:
    tests, files = Counter(), Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if seconds := getattr(report, "cpu_seconds", None):
                tests[report.nodeid] += seconds
                files[report.nodeid.partition("::")[0]] += seconds
    return tests, files
