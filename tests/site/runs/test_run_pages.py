"""A run's page: the numbers, how good they are, where they come from, the verdict."""

import pytest

from analysis.models import AnalysisRun, Decision
from labdata.common.jobs.runner import execute_queued
from labdata.plugin import Figure
from labdata.site.kit.results.curve_figures import drawings_of_data

ONE_PEAK = {
    "parameter_peaks": "1",
    "parameter_offset": '"constant"',
    "parameter_axis": '"nm"',
    "parameter_weights": '"none"',
}


def test_the_page_shows_values_statistics_and_origins_convention(client, run):
    text = client.get(run.get_absolute_url()).content.decode()

    for words in ("PL peak wavelength [I]", "Reduced χ²", "BIC", "xc, peak I", "±"):
        assert words in text


def test_every_number_is_traced_to_its_file_and_sample(client, run):
    text = client.get(run.get_absolute_url()).content.decode()

    file = run.measurement.files.get()
    assert f"sha256 {file.blob.sha256}" in text
    assert run.measurement.sample.get_absolute_url() in text
    assert run.measurement.get_absolute_url() in text


def test_the_fit_is_drawn_from_its_dataset(client, run):
    address = f"/runs/{run.uuid}/curves/"

    text = client.get(run.get_absolute_url()).content.decode()
    data, residual = client.get(address).json()["panels"]

    assert f'data-drawing="fit" data-curves="{address}"' in text
    kinds = [(one["kind"], one["mark"]) for one in data["curves"]]
    parts = [("thin", "I"), ("thin", "II"), ("thin", "")]
    assert kinds == [("points", ""), *parts, ("line", "")]
    assert (residual["under"], residual["zero"]) == ("fit", True)
    # A peak stands on the offset, as it does in the sum.
    peak = data["curves"][1]
    assert all(y >= base > 0 for y, base in zip(peak["y"], peak["base"], strict=True))
    assert max(peak["y"]) > 2 * max(peak["base"])


def test_accepting_is_recorded_with_who_and_why(client, run, ada):
    client.post(
        f"/runs/{run.uuid}/decide/", {"verdict": "accepted", "reason": "looks right"}
    )

    decision = Decision.objects.get()
    assert (decision.verdict, decision.user) == ("accepted", ada)
    assert "looks right" in client.get(run.get_absolute_url()).content.decode()


def test_a_rejection_needs_its_reason(client, run):
    response = client.post(f"/runs/{run.uuid}/decide/", {"verdict": "rejected"})

    assert response.context["decision_form"].errors["reason"] == [
        "Say why it is rejected."
    ]
    assert Decision.objects.count() == 0


def test_rejected_values_are_struck_and_leave_the_sample(client, run):
    client.post(
        f"/runs/{run.uuid}/decide/", {"verdict": "rejected", "reason": "wrong lamp"}
    )

    page = client.get(run.get_absolute_url()).content.decode()
    sample = client.get(run.measurement.sample.get_absolute_url())
    assert 'class="rejected"' in page
    assert sample.context["values"] == []
    assert len(sample.context["other_values"]) == run.values.count()


def test_a_verdict_can_be_withdrawn(client, run):
    address = f"/runs/{run.uuid}/decide/"
    client.post(address, {"verdict": "rejected", "reason": "wrong lamp"})

    client.post(address, {"verdict": "withdrawn"})

    assert client.get(run.get_absolute_url()).context["stands"]


def test_a_waiting_run_can_be_cancelled_and_says_so(client, run):
    run = _ask_again(client, run)

    page = client.get(run.get_absolute_url()).content.decode()
    client.post(f"/runs/{run.uuid}/cancel/")

    assert "data-live" in page
    run.refresh_from_db()
    assert run.state == "cancelled"
    assert "cancelled" in client.get(run.get_absolute_url()).content.decode()


def test_the_live_part_ends_with_the_run(client, run):
    run = _ask_again(client, run)

    before = client.get(f"/runs/{run.uuid}/state/")["X-Final"]
    execute_queued()

    assert before == "no"
    assert client.get(f"/runs/{run.uuid}/state/")["X-Final"] == "yes"


def test_a_newer_run_supersedes_and_both_name_each_other(client, run):
    newer = _ask_again(client, run)
    execute_queued()

    old = client.get(run.get_absolute_url()).content.decode()

    assert "Superseded" in old
    assert newer.get_absolute_url() in old


def test_data_that_allow_no_fit_are_said_to_be_the_reason(client, sample, measure):
    flat = "\n".join(f"{600 + x},100" for x in range(200))
    row = measure(sample, data=f"Wavelength (nm),Intensity\n{flat}\n".encode())

    text = client.get(row.runs.get().get_absolute_url()).content.decode()

    assert "the data do not allow it" in text
    assert "all 200 values" in text


def test_viewers_see_the_verdict_but_give_none(client, run, viewer):
    client.force_login(viewer)

    text = client.get(run.get_absolute_url()).content.decode()

    assert "Accept" not in text
    assert "Nobody has judged it yet" in text


@pytest.mark.parametrize("action", ["decide", "cancel"])
def test_strangers_are_told_there_is_nothing(client, run, action, django_user_model):
    client.force_login(django_user_model.objects.create_user("mallory"))

    assert client.get(run.get_absolute_url()).status_code == 404
    assert client.post(f"/runs/{run.uuid}/{action}/").status_code == 404


def test_the_chain_leads_from_value_to_process_on_one_line(
    client, run, ada, project, sample
):
    text = client.get(run.get_absolute_url()).content.decode()

    chain = text[
        text.index('class="run-chain') : text.index("</nav>", text.index("run-chain"))
    ]
    file = run.measurement.files.get()
    for words in (
        "Gaussian PL peaks v1",
        file.name,
        f'data-copy="{file.blob.sha256}"',
        run.measurement.get_absolute_url(),
        sample.get_absolute_url(),
    ):
        assert words in chain


def test_every_value_has_an_address(client, run):
    text = client.get(run.get_absolute_url()).content.decode()

    for value in run.values.all():
        assert f'id="value-{value.uuid}"' in text


def test_strong_correlations_are_named_in_words(client, run):
    names = ["y0", "A[I]", "xc[I]"]
    # Of parameters with the errors 1, 2 and 3.
    covariance = [[1, -1.9, 0.3], [-1.9, 4, 5.34], [0.3, 5.34, 9]]
    run.result["fits"] = [
        {
            "parameters": [{"name": name, "value": 1.0} for name in names],
            "covariance": covariance,
        }
    ]
    run.save()

    page = client.get(run.get_absolute_url())

    (fit,) = page.context["fits"]
    assert fit["strong"] == [("y0", "A[I]", "−0.95")]
    assert "Strongly correlated" in page.content.decode()


def test_a_good_fit_leaves_nothing_to_look_at(client, run):
    assert client.get(run.get_absolute_url()).context["doubts"] == []


def test_a_flagged_or_poor_fit_says_what_to_look_at(client, run):
    run.result["flags"] = [
        {"key": "low_r_squared", "words": "R² 0.900"},
        {"key": "few_starts_agree", "words": "2 of 32 starts agree"},
    ]
    run.save()
    run.values.filter(label="II").update(flags=["unresolved"])

    page = client.get(run.get_absolute_url())

    assert page.context["doubts"] == [
        "II: unresolved",
        "R² 0.900",
        "2 of 32 starts agree",
    ]


def test_running_again_with_a_window_shows_what_it_changed(client, run):
    sent = {**ONE_PEAK, "parameter_window": "630 760"}

    answer = client.post(f"/runs/{run.uuid}/again/", sent)
    execute_queued()
    page = client.get(answer["Location"])

    made = AnalysisRun.objects.exclude(pk=run.pk).get()
    assert made.parameters["window"] == [630.0, 760.0]
    assert page.context["run"] == made
    assert page.context["against"]["run"] == run
    assert "What changed" in page.content.decode()


def test_the_same_parameters_lead_to_the_same_run(client, run):
    sent = {**ONE_PEAK, "parameter_peaks": "2"}

    answer = client.post(f"/runs/{run.uuid}/again/", sent)

    assert answer["Location"] == run.get_absolute_url()


def test_a_wrong_window_is_told_on_the_run_and_stays_typed(client, run):
    sent = {**ONE_PEAK, "parameter_window": "760 630"}

    page = client.post(f"/runs/{run.uuid}/again/", sent)

    assert "Must rise" in page.context["run_form"].errors["parameter_window"][0]
    assert 'value="760 630"' in page.content.decode()
    assert '<details class="adjust"' in page.content.decode()
    assert page.context["adjusting"]


def test_the_data_to_adjust_on_reach_beyond_the_window(client, run):
    client.post(f"/runs/{run.uuid}/again/", {**ONE_PEAK, "parameter_window": "630 760"})
    execute_queued()
    made = AnalysisRun.objects.exclude(pk=run.pk).get()

    told = client.get(f"/runs/{made.uuid}/data/").json()

    [axis] = told["axes"]
    assert axis["unit"] == "nm"
    assert min(axis["values"]) < 630 < 760 < max(axis["values"])


def test_the_data_to_adjust_on_come_on_another_axis(client, run):
    told = client.get(f"/runs/{run.uuid}/data/", {"axis": "eV"}).json()

    [axis] = told["axes"]
    assert axis["unit"] == "eV"
    assert 1 < min(axis["values"]) < max(axis["values"]) < 3


def test_a_failed_fit_offers_the_data_to_adjust_on(client, sample, measure):
    flat = "\n".join(f"{600 + x},100" for x in range(200))
    row = measure(sample, data=f"Wavelength (nm),Intensity\n{flat}\n".encode())
    run = row.runs.get()

    text = client.get(run.get_absolute_url()).content.decode()

    assert f'data-adjust="/runs/{run.uuid}/data/" open' in text


def test_other_runs_can_be_compared_with(client, run):
    other = _ask_again(client, run)
    execute_queued()

    page = client.get(run.get_absolute_url())

    assert page.context["comparison"] == f"id={run.uuid}&id={other.uuid}"


def test_a_quick_reason_rejects_at_once(client, run):
    client.post(f"/runs/{run.uuid}/decide/", {"reject_because": "something is missed"})

    decision = Decision.objects.get()
    assert (decision.verdict, decision.reason) == ("rejected", "something is missed")


def _ask_again(client, run):
    client.post(
        f"/measurements/{run.measurement.uuid}/runs/",
        ONE_PEAK,
    )
    return AnalysisRun.objects.order_by("-pk").first()


def test_the_scale_of_colours_is_the_figures_and_no_axis_of_a_drawing():
    figure = Figure("x", "y", "image", value="height", log=("x", "value"))

    (drawing,) = drawings_of_data(figure)

    assert drawing.log == ("x",)
