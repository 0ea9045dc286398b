"""Home: what needs somebody, what runs, what failed and why, where to begin."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from analysis.models import AnalysisRun
from analysis.services import decide, request_run
from labdata.common.jobs.models import State
from labdata.common.jobs.runner import execute_queued
from labdata.common.people.drafts import save_draft
from labdata.site.lab.under_way import pace_of
from measurements.models import Measurement
from tests.samples.factories import make_process, make_sample, make_user

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


@pytest.fixture
def waiting(sample, run):
    """A run that waits for a worker."""
    return request_run(
        user=run.created_by,
        analysis=run.analysis,
        measurement=run.measurement,
        parameters={"peaks": 1},
    )


def page_of(client):
    response = client.get("/")
    assert response.status_code == 200
    return response.content.decode()


def test_an_empty_lab_begins_with_three_steps(client, ada):
    page = page_of(client)

    steps = [page.index(words) for words in ("Start a project", "Log a sample", "Drop")]
    assert steps == sorted(steps)
    assert "Your samples" not in page


def test_the_first_step_is_ticked_for_who_is_in_a_project(client, project):
    page = page_of(client)

    assert "You are in" in page
    assert 'class="button primary" href="/samples/new/"' in page


def test_who_may_only_look_is_offered_nothing_to_log(client, viewer):
    client.force_login(viewer)

    page = page_of(client)

    assert 'href="/samples/new/"' not in page
    assert "not add to" in page


def test_mine_and_others_samples_are_told_apart(client, ada, grace, sample, project):
    make_sample(grace, project, "HERS-1")

    context = client.get("/").context

    assert [row.code for row in context["mine"]] == ["C-25"]
    assert [row.code for row in context["others"]] == ["HERS-1"]


def test_what_failed_says_why_and_what_to_do(client, sample, measure):
    measure(sample, data=PNG, name="photo.csv")

    page = page_of(client)

    assert "Files that could not be read" in page
    assert "PNG" in page
    assert "Read otherwise" in page


def test_a_failure_is_over_once_the_same_was_asked_again(client, run, waiting):
    AnalysisRun.objects.filter(pk=run.pk).update(
        state=State.FAILED, message="Only 3 points."
    )
    AnalysisRun.objects.filter(pk=waiting.pk).delete()
    failing = client.get("/").context["failed"]
    AnalysisRun.objects.filter(pk=run.pk).update(key="0" * 64)

    request_run(user=run.created_by, analysis=run.analysis, measurement=run.measurement)

    assert [row.pk for row in failing] == [run.pk]
    assert client.get("/").context["failed"] == []


def test_work_under_way_is_followed_until_it_is_done(client, waiting):
    page = page_of(client)
    live = client.get("/running/", headers={"HX-Request": "true"})
    execute_queued()
    ended = client.get("/running/", headers={"HX-Request": "true"})

    assert 'hx-trigger="every 3s"' in page
    assert "1</strong> to go" in live.content.decode()
    assert "HX-Trigger" not in live
    assert "every 3s" not in ended.content.decode()
    assert "All work is done" in ended.content.decode()
    assert ended["HX-Trigger"] == "work-done"


def test_nothing_is_asked_again_while_nothing_runs(client, run):
    assert "every 3s" not in page_of(client)


def test_one_run_is_stopped_from_home(client, waiting):
    client.post("/running/", {"run": waiting.uuid}, headers={"HX-Request": "true"})

    waiting.refresh_from_db()
    assert waiting.state == State.CANCELLED


def test_stopping_all_leaves_the_work_of_others(client, waiting, grace):
    client.force_login(grace)

    told = client.post("/running/", {"all": "1"}, follow=True).content.decode()

    waiting.refresh_from_db()
    assert waiting.state == State.QUEUED
    assert "0 analyses are being stopped" in told


def test_nobody_stops_what_they_may_not_write_to(client, waiting, viewer):
    client.force_login(viewer)
    refused = client.post("/running/", {"run": waiting.uuid})
    client.force_login(make_user("mallory"))
    unknown = client.post("/running/", {"run": waiting.uuid})

    waiting.refresh_from_db()
    assert (refused.status_code, unknown.status_code) == (403, 302)
    assert waiting.state == State.QUEUED


def test_planned_acts_stand_there_the_most_urgent_first(client, ada, project, sample):
    for name, days in (("Later", 3), ("Overdue", -3)):
        make_process(
            ada,
            project,
            "ageing",
            inputs=["C-25"],
            outputs=["C-25"],
            name=name,
            state="planned",
            started_at=(timezone.now() + timedelta(days=days)).isoformat(),
        )

    response = client.get("/")

    assert [row.name for row in response.context["planned"]] == ["Overdue", "Later"]
    assert "was due" in response.content.decode()


def test_forms_left_unsaved_are_offered_again(client, ada, project):
    fields = [["kind", "film"], ["code", "NEW-7"]]
    save_draft(
        user=ada,
        key="sample-new",
        data={"address": "/samples/new/?from=x", "fields": fields},
    )
    save_draft(user=ada, key="evil", data={"address": "//elsewhere.org/samples/new/"})

    drafts = client.get("/").context["drafts"]

    assert [(d["title"], d["detail"]) for d in drafts] == [("A new sample", "NEW-7")]


def test_a_question_is_answered_one_click_away(client, sample, measure):
    row = measure(sample)
    row.parsing.is_question = True
    row.parsing.save()

    page = page_of(client)

    assert f'href="{row.get_absolute_url()}#question"' in page


def test_fits_nobody_has_judged_are_offered_as_the_list_finds_them(client, ada, run):
    page = page_of(client)
    asked = f"/runs/?{client.get('/').context['to_judge_query']}"
    listed = client.get(asked).context["page"].paginator.count
    decide(user=ada, about=run, verdict="accepted", reason="")

    assert "Look through it" in page
    assert listed == 1
    assert client.get("/").context["to_judge"] == 0


def test_home_asks_a_fixed_number_of_questions(
    client, sample, measure, django_assert_max_num_queries
):
    for _ in range(3):
        measure(sample)
    assert Measurement.objects.count() == 3

    with django_assert_max_num_queries(24):
        client.get("/")
    with django_assert_max_num_queries(7):
        client.get("/running/")


def job(state, started, finished):
    return (
        state,
        NOW - timedelta(minutes=started),
        NOW - timedelta(minutes=finished),
    )


def test_the_pace_is_that_of_what_ended_lately():
    ended = [job(State.DONE, 5, 4), job(State.DONE, 4, 2), job(State.FAILED, 2, 1)]

    pace = pace_of(ended, NOW, still_open=6, running=2)

    assert pace.per_minute == pytest.approx(3 / 5)
    assert pace.minutes_left == pytest.approx(10)
    assert (pace.done, pace.failed, pace.time_left) == (2, 1, "about 10 minutes")
    assert pace.fraction == pytest.approx(3 / 9)


def test_before_anything_ended_no_time_is_promised():
    pace = pace_of([], NOW, still_open=3, running=0)

    assert pace.time_left == ""
    assert pace.fraction == 0


@pytest.mark.parametrize(
    ("count", "words"),
    [(1, "about 2 minutes"), (60, "about 2 h"), (0, "less than a minute")],
)
def test_long_waits_are_told_in_words(count, words):
    pace = pace_of([job(State.DONE, 2, 1)], NOW, still_open=count, running=1)

    assert pace.time_left == words
