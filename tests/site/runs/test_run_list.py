"""The list of runs: found, watched, judged, undone, asked again and compared."""

import math
import re

import pytest

from analysis.models import AnalysisRun, Decision
from analysis.runs.together import told_of_end
from labdata.common.jobs.runner import execute_queued
from labdata.common.people.access import Membership, Role
from labdata.common.people.notices import Notice
from samples.models import Fact
from tests.samples.factories import make_project, make_sample, make_user

OTHER_PEAKS = {
    "how": "other",
    "parameter_peaks": "1",
    "parameter_offset": '"constant"',
    "parameter_axis": '"nm"',
    "parameter_weights": '"none"',
}


@pytest.fixture
def two(ada, project, run, measure):
    """Two fits of two samples, the older first."""
    return [run, measure(make_sample(ada, project, "C-50")).runs.get()]


def ids(rows):
    return [str(row.uuid) for row in rows]


def shown(response):
    return [row.measurement.sample.code for row in response.context["page"]]


def test_an_empty_list_says_what_to_do_next(client, project):
    text = client.get("/runs/").content.decode()

    assert "Nothing has been analysed yet" in text
    assert "/measurements/new/" in text


def test_a_row_tells_sample_values_and_that_nobody_judged_it(client, two):
    text = client.get("/runs/").content.decode()

    assert shown(client.get("/runs/")) == ["C-50", "C-25"]
    assert re.search(r"λ \[I\]</span> .*?68\d\.\d+ ± ", text, re.S)
    assert text.count("not judged") == 2


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("q=c-5", ["C-50"]),
        ("state=done", ["C-50", "C-25"]),
        ("state=failed", []),
        ("verdict=accepted", ["C-25"]),
        ("verdict=none", ["C-50"]),
        ("verdict=none&verdict=accepted", ["C-50", "C-25"]),
        ("outdated=true", []),
        ("mine=true", ["C-50", "C-25"]),
        ("technique=pl&current=true", ["C-50", "C-25"]),
    ],
)
def test_filters_narrow_the_list(client, two, query, codes):
    client.post("/runs/decide/", {"id": ids(two[:1]), "verdict": "accepted"})

    assert shown(client.get(f"/runs/?{query}")) == codes


def test_old_versions_are_found(client, two):
    AnalysisRun.objects.filter(pk=two[0].pk).update(version=0)

    assert shown(client.get("/runs/?outdated=true")) == ["C-25"]


def test_pictures_show_each_curve(client, two):
    text = client.get("/runs/?show=pictures").content.decode()

    for row in two:
        assert f'data-curves="/runs/{row.uuid}/curves/"' in text


def test_several_are_accepted_and_that_is_undone(client, two):
    client.post("/runs/decide/", {"id": ids(two), "verdict": "accepted"})
    page = client.get("/runs/")

    assert Decision.objects.filter(verdict="accepted").count() == 2
    assert page.context["undo"]["words"] == "Accepted: 2 fits."
    client.post("/runs/undo/", {"id": page.context["undo"]["ids"]})
    assert shown(client.get("/runs/?verdict=none")) == ["C-50", "C-25"]


def test_undo_puts_back_what_was_said_before(client, two):
    client.post(
        "/runs/decide/",
        {"id": ids(two), "verdict": "rejected", "reason": "wrong lamp"},
    )
    client.post("/runs/decide/", {"id": ids(two), "verdict": "accepted"})

    client.post("/runs/undo/", {"id": client.get("/runs/").context["undo"]["ids"]})

    newest = Decision.objects.filter(run=two[0]).first()
    assert (newest.verdict, newest.reason) == ("rejected", "wrong lamp")


def test_others_verdicts_since_are_not_undone(client, two, ada, grace):
    client.post("/runs/decide/", {"id": ids(two[:1]), "verdict": "accepted"})
    undo = client.get("/runs/").context["undo"]
    client.force_login(grace)
    client.post(
        "/runs/decide/",
        {"id": ids(two[:1]), "verdict": "rejected", "reason": "spike"},
    )
    client.force_login(ada)

    client.post("/runs/undo/", {"id": undo["ids"]})

    assert Decision.objects.filter(run=two[0]).first().verdict == "rejected"


def test_what_is_rejected_counts_no_more_until_that_is_undone(client, two):
    found = Fact.objects.filter(variable__key="pl.peak_wavelength")
    counted = found.count()

    client.post(
        "/runs/decide/", {"id": ids(two), "verdict": "rejected", "reason": "lamp"}
    )

    assert counted > 0
    assert found.count() == 0
    client.post("/runs/undo/", {"id": client.get("/runs/").context["undo"]["ids"]})
    assert found.count() == counted


def test_verdicts_of_others_are_not_taken_back(client, two, grace):
    client.post("/runs/decide/", {"id": ids(two), "verdict": "accepted"})
    said = ids(Decision.objects.all())
    client.force_login(grace)

    client.post("/runs/undo/", {"id": said})

    assert ids(Decision.objects.all()) == said


def test_who_may_no_longer_write_takes_nothing_back(client, two, ada):
    client.post("/runs/decide/", {"id": ids(two), "verdict": "accepted"})
    said = ids(Decision.objects.all())
    Membership.objects.filter(user=ada).update(role=Role.VIEWER)

    assert client.post("/runs/undo/", {"id": said}).status_code == 403

    assert ids(Decision.objects.all()) == said


def test_an_address_elsewhere_is_no_way_back(client, two):
    sent = {"id": ids(two), "verdict": "accepted", "next": "https://evil.example/"}

    assert client.post("/runs/decide/", sent)["Location"] == "/runs/"


def test_rejecting_several_needs_a_reason(client, two):
    page = client.post(
        "/runs/decide/", {"id": ids(two), "verdict": "rejected"}, follow=True
    )

    assert Decision.objects.count() == 0
    assert "Say why it is rejected." in page.content.decode()


def test_all_of_a_list_is_judged_by_its_query(client, two):
    client.post(
        "/runs/decide/", {"all": "yes", "query": "q=C-50", "verdict": "accepted"}
    )

    assert Decision.objects.get().run == two[1]


def test_runs_without_a_result_are_left_out_and_counted(client, two):
    client.post("/runs/again/", {"id": ids(two[:1]), **OTHER_PEAKS})
    waiting = AnalysisRun.objects.get(state="queued")

    client.post("/runs/decide/", {"id": ids([waiting, two[1]]), "verdict": "accepted"})

    words = client.get("/runs/").context["undo"]["words"]
    assert words == "Accepted: 1 fit. 1 run without a result left out."


def test_the_form_to_run_again_says_how_many(client, two):
    text = client.post("/runs/again/", {"id": ids(two)}).content.decode()

    assert "2 runs on 2 measurements" in text
    assert "Run 2 again" in text


def test_many_are_asked_again_with_other_parameters(client, two):
    answer = client.post("/runs/again/", {"id": ids(two), **OTHER_PEAKS})
    execute_queued()

    made = AnalysisRun.objects.filter(parameters__peaks=1)
    assert made.count() == 2
    assert {row.state for row in made} == {"done"}
    assert set(shown(client.get(answer["Location"]))) == {"C-25", "C-50"}


def test_what_has_its_answer_is_not_computed_again(client, two):
    page = client.post("/runs/again/", {"id": ids(two), "how": "same"}, follow=True)

    assert AnalysisRun.objects.count() == 2
    assert "0 analyses queued. 2 had their answer already." in page.content.decode()


def test_start_values_typed_in_rows_reach_the_fit(client, two):
    rows = {"parameter_start-total": "1", "parameter_start-0-centre": "680"}
    rows["parameter_start-0-fwhm"] = "40"

    client.post("/runs/again/", {"id": ids(two[:1]), **OTHER_PEAKS, **rows})

    made = AnalysisRun.objects.get(parameters__peaks=1)
    assert made.parameters["start"] == [
        {"centre": 680.0, "fwhm": 40.0, "height": None, "area": None}
    ]


def test_a_wrong_parameter_is_told_and_what_was_typed_stays(client, two):
    rows = {"parameter_start-total": "1", "parameter_start-0-centre": "far"}

    page = client.post("/runs/again/", {"id": ids(two), **OTHER_PEAKS, **rows})

    text = page.content.decode()
    assert AnalysisRun.objects.count() == 2
    assert 'value="far"' in text
    assert "far" in page.context["form"].row_tables["start"].rows[0][0].errors[0]


def test_waiting_runs_are_stopped(client, two):
    client.post("/runs/again/", {"id": ids(two), **OTHER_PEAKS})
    waiting = AnalysisRun.objects.filter(state="queued")

    client.post("/runs/cancel/", {"id": ids([*waiting, two[0]])})

    assert AnalysisRun.objects.filter(state="cancelled").count() == 2
    two[0].refresh_from_db()
    assert two[0].state == "done"


def test_the_list_follows_open_runs_until_all_ended(client, two):
    client.post("/runs/again/", {"id": ids(two), **OTHER_PEAKS})
    opened = ids(AnalysisRun.objects.filter(state="queued"))

    page = client.get("/runs/").content.decode()
    before = client.get("/runs/states/", {"id": opened}).content.decode()
    execute_queued()
    after = client.get("/runs/states/", {"id": opened}).content.decode()

    assert 'hx-get="/runs/states/?id=' in page
    assert "queued" in before
    assert "Everything shown has ended" not in before
    assert f'id="state-{opened[0]}"' in after
    assert "Everything shown has ended" in after


def test_judging_begins_at_the_first_without_a_verdict(client, two):
    client.post("/runs/decide/", {"id": ids(two[1:]), "verdict": "accepted"})

    answer = client.get("/runs/judge/?state=done")

    assert answer["Location"] == f"/runs/{two[0].uuid}/?queue=state%3Ddone"


def test_a_verdict_leads_to_the_next_run_of_the_list(client, two):
    older, newer = two
    address = f"/runs/{newer.uuid}/decide/"

    answer = client.post(address, {"verdict": "accepted", "queue": "state=done"})
    page = client.get(answer["Location"])

    assert answer["Location"] == f"/runs/{older.uuid}/?queue=state%3Ddone"
    assert page.context["queue_before"] == newer
    assert page.context["queue_left"] == 1
    assert page.context["undo"]["words"].startswith("Accepted: Gaussian PL peaks")


def test_the_last_verdict_leads_back_to_the_list(client, run):
    address = f"/runs/{run.uuid}/decide/"

    page = client.post(
        address, {"reject_because": "wrong window", "queue": "q=C-25"}, follow=True
    )

    assert page.redirect_chain[-1][0] == "/runs/?q=C-25"
    assert Decision.objects.get().reason == "wrong window"
    assert "every fit has its verdict" in page.content.decode()


def test_two_fits_side_by_side_tell_differences_and_what_was_asked(client, run):
    client.post("/runs/again/", {"id": ids([run]), **OTHER_PEAKS})
    execute_queued()
    other = AnalysisRun.objects.get(parameters__peaks=1)
    client.post("/runs/decide/", {"id": ids([run]), "verdict": "accepted"})

    sent = client.post("/runs/compare/", {"id": ids([run, other])})
    page = client.get(sent["Location"])

    assert page.context["reference"] == run
    wavelength = next(
        line
        for line in page.context["values"]
        if (line["value"].quantity, line["value"].label) == ("pl.peak_wavelength", "I")
    )
    own, others = wavelength["cells"]
    assert own.difference is None
    assert others.difference == pytest.approx(others.value.value - own.value.value)
    errors = (others.value.uncertainty, own.value.uncertainty)
    assert others.in_uncertainties == pytest.approx(
        others.difference / math.hypot(*errors)
    )
    assert others.is_significant
    differing = [one["title"] for one in page.context["parameters"] if one["differs"]]
    assert differing == ["Peaks"]
    best = next(one for one in page.context["statistics"] if one["label"] == "BIC")
    assert [cell["is_best"] for cell in best["cells"]] == [True, False]


def test_fits_of_other_points_are_not_compared_by_their_bic(client, run):
    client.post(
        "/runs/again/", {"id": ids([run]), **OTHER_PEAKS, "parameter_window": "630 760"}
    )
    execute_queued()

    page = client.get("/runs/compare/", {"id": ids(AnalysisRun.objects.all())})

    assert not page.context["are_comparable"]
    assert "cannot be compared" in page.content.decode()


@pytest.mark.parametrize("count", [0, 1, 7])
def test_two_to_six_runs_are_compared(client, run, count):
    page = client.post("/runs/compare/", {"id": ids([run]) * count}, follow=True)

    assert page.redirect_chain[-1][0] == "/runs/"
    assert "Tick 2 to 6 runs" in page.content.decode()


@pytest.mark.parametrize("action", ["decide", "again", "cancel"])
def test_runs_of_others_are_not_there(client, two, action):
    mallory = make_user("mallory")
    make_project(mallory, "elsewhere")
    client.force_login(mallory)
    sent = {"id": ids(two), "verdict": "accepted", "how": "same"}

    assert client.post(f"/runs/{action}/", sent).status_code == 404
    everything = {**sent, "all": "yes", "query": ""}
    assert client.post(f"/runs/{action}/", everything)["Location"] == "/runs/"
    assert client.get("/runs/compare/", {"id": ids(two)}).status_code == 404
    assert client.get("/runs/states/", {"id": ids(two)}).context["rows"] == []
    assert shown(client.get("/runs/")) == []


@pytest.mark.parametrize("action", ["decide", "again", "cancel"])
def test_viewers_change_nothing(client, two, viewer, action):
    client.force_login(viewer)
    sent = {"id": ids(two), "verdict": "accepted", **OTHER_PEAKS}

    assert client.post(f"/runs/{action}/", sent).status_code == 403
    assert "Judge these" not in client.get("/runs/").content.decode()
    assert Decision.objects.count() == 0
    assert AnalysisRun.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_whoever_asked_is_told_once_when_the_last_has_ended(client, two, ada):
    answer = client.post("/runs/again/", {"id": ids(two), **OTHER_PEAKS})

    execute_queued()

    notice = Notice.objects.get(user=ada, kind="runs")
    assert notice.text == "2 runs of Gaussian PL peaks have ended."
    assert notice.address == answer["Location"]
    assert len(shown(client.get(notice.address))) == 2


@pytest.mark.django_db(transaction=True)
def test_one_run_alone_is_no_notice(client, two):
    client.post("/runs/again/", {"id": ids(two[:1]), **OTHER_PEAKS})

    execute_queued()

    assert not Notice.objects.filter(kind="runs").exists()


@pytest.fixture
def at_once(two, ada):
    """Two runs that one person asked for at the same moment, and that have ended."""
    moment = two[0].created_at
    runs = AnalysisRun.objects.all()
    runs.update(created_at=moment, created_by=ada, is_automatic=False)
    return runs


def test_of_two_that_end_at_once_one_tells(at_once, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        for run in at_once:
            told_of_end(run)

    assert Notice.objects.filter(kind="runs").count() == 1


def test_what_others_asked_at_the_same_moment_is_not_counted_along(
    at_once, grace, django_capture_on_commit_callbacks
):
    at_once.filter(pk=at_once.last().pk).update(created_by=grace)

    with django_capture_on_commit_callbacks(execute=True):
        for run in at_once:
            told_of_end(run)

    assert not Notice.objects.filter(kind="runs").exists()
