"""The proof is resumable, and its table tells what each step gave."""

import json

import pytest

from tests.proof import DRAWS, POSTGRESQL, Outcome, State, Step, prove, read_report
from tests.proof import write_table as write

STEPS = [Step(DRAWS, "tests/a.py"), Step(DRAWS, "tests/b.py"), Step(POSTGRESQL, "c")]


def passed(step):
    return Outcome(
        counts={"passed": 2},
        tests=[("test_a_band_holds_the_truth[thin]", "400", "passed")],
        seconds=60.0,
        ended="2026-11-29",
    )


class Killed(Exception):
    pass


def test_a_killed_proof_goes_on_where_it_stopped(tmp_path):
    path, ran = tmp_path / "var" / "proof.json", []

    def killed_at_the_second(step):
        if step == STEPS[1]:
            raise Killed
        ran.append(step)
        return passed(step)

    def to_the_end(step):
        ran.append(step)
        return passed(step)

    with pytest.raises(Killed):
        prove(STEPS, State(path, "one"), killed_at_the_second)
    failed = prove(STEPS, State(path, "one"), to_the_end)

    assert ran == STEPS
    assert failed == []


def test_other_code_is_proved_anew(tmp_path):
    path, ran = tmp_path / "proof.json", []
    prove(STEPS, State(path, "one"), passed)

    prove(STEPS, State(path, "two"), lambda step: ran.append(step) or passed(step))

    assert ran == STEPS


def test_what_failed_is_run_again_and_named(tmp_path):
    path = tmp_path / "proof.json"

    def second_fails(step):
        return Outcome(counts={"failed": 1}) if step == STEPS[1] else passed(step)

    failed = prove(STEPS, State(path, "one"), second_fails)
    ran = []
    prove(STEPS, State(path, "one"), lambda step: ran.append(step) or passed(step))

    assert failed == ran == [STEPS[1]]


@pytest.mark.parametrize("counts", [{}, {"broken": 1}, {"passed": 3, "broken": 1}])
def test_a_step_that_did_not_end_has_not_passed(counts):
    assert not Outcome(counts=counts).is_passed


def test_a_state_that_cannot_be_read_is_none(tmp_path):
    path = tmp_path / "proof.json"
    path.write_text('{"code": "one", "steps"')

    assert State(path, "one").ended == {}


def test_the_table_tells_code_date_draws_and_what_failed(tmp_path):
    state = State(tmp_path / "proof.json", "0123456789ab")
    for step in STEPS:
        state.keep(step, passed(step))
    state.keep(STEPS[1], Outcome(counts={"broken": 1}, ended="2026-11-30"))

    write(tmp_path / "proof.md", state, STEPS)

    told = (tmp_path / "proof.md").read_text()
    assert "* Code: 0123456789ab\n" in told
    assert "* Date: 2026-11-29 to 2026-11-30\n" in told
    assert "| A band holds the truth (thin) | 400 | passed |" in told
    assert "| `tests/b.py` | | **did not end** |" in told
    assert "| `c` | 2 | 0 | 0 |" in told
    assert json.loads((tmp_path / "proof.json").read_text())["code"] == "0123456789ab"


REPORT = """<testsuites><testsuite>
<testcase name="test_a"><properties><property name="draws" value="300"/></properties>
</testcase>
<testcase name="test_b"><skipped/></testcase>
<testcase name="test_c"><properties><property name="draws" value="50"/></properties>
<failure/></testcase>
</testsuite></testsuites>"""


def test_a_report_gives_the_draws_of_each_test_and_counts_all(tmp_path):
    (tmp_path / "report.xml").write_text(REPORT)

    outcome = read_report(tmp_path / "report.xml", is_told=True)

    assert outcome.counts == {"passed": 1, "skipped": 1, "failed": 1}
    assert outcome.tests == [
        ("test_a", "300", "passed"),
        ("test_b", "", "skipped"),
        ("test_c", "50", "failed"),
    ]
    assert not outcome.is_passed
