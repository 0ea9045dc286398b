"""The fact table equals a recomputation from history, whatever people do.

The recomputation here is written anew, in plain Python over whole tables, so that it
shares no code with the rules it checks.
"""

from collections import defaultdict

import pytest
from django.db import transaction
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from analysis import services
from analysis.models import AnalysisRun, Decision, PropertyValue
from measurements.models import Measurement
from measurements.services import set_archived, update_measurement
from samples.facts import compute_facts
from samples.models import Fact, Sample
from samples.services import set_archived as set_record_archived
from samples.services import update_sample
from tests.analysis.conftest import done_run, execute, installed, make_measurement
from tests.samples import factories

pytestmark = pytest.mark.django_db
TRUST = ["computed", "manual", "reported", "simulated"]
FACT_FIELDS = (
    "subject_id",
    "variable__key",
    "label",
    "is_default",
    "value",
    "text",
    "uncertainty",
    "bound",
    "origin",
    "source",
)


class History:
    """Everything that was recorded, and what follows from it."""

    def __init__(self):
        self.verdicts = {}
        for decision in Decision.objects.order_by("pk"):
            self.verdicts["run", decision.run_id] = decision.verdict
            if decision.value_id:
                self.verdicts["value", decision.value_id] = decision.verdict
        self.values = list(PropertyValue.objects.order_by("pk"))
        self.samples = {s.pk: s for s in Sample.objects.all()}
        self.measurements = {m.pk: m for m in Measurement.objects.all()}

    def verdict(self, kind, pk):
        return self.verdicts.get((kind, pk))

    def standing_runs(self):
        accepted = {
            value.run_id
            for value in self.values
            if self.verdict("value", value.pk) == "accepted"
        }
        groups = defaultdict(list)
        for run in AnalysisRun.objects.filter(state="done"):
            if self.verdict("run", run.pk) != "rejected":
                first = run.pk in accepted or self.verdict("run", run.pk) == "accepted"
                groups[run.measurement_id, run.analysis].append((first, run.pk))
        return {max(runs)[1] for runs in groups.values()}

    def current(self):
        runs = self.standing_runs()
        replaced = {value.supersedes_id for value in self.values}
        for value in self.values:
            measurement = self.measurements.get(value.measurement_id)
            if not (
                self.samples[value.sample_id].archived_at
                or (measurement and measurement.archived_at)
                or (value.run_id and value.run_id not in runs)
                or value.pk in replaced
                or self.verdict("value", value.pk) == "rejected"
            ):
                yield value, (measurement or value).subject_id

    def is_accepted(self, value):
        own = self.verdict("value", value.pk)
        whole = value.run_id and self.verdict("run", value.run_id) == "accepted"
        return own == "accepted" or (own != "rejected" and bool(whole))

    def facts(self):
        """What the values should say, as (subject, quantity, label) → (id, default)."""
        groups = defaultdict(list)
        for value, subject in self.current():
            groups[subject, value.quantity].append(value)
        facts = {}
        for (subject, quantity), values in groups.items():
            ordered = sorted(values, key=self.rank)
            marked = [v for v in ordered if v.is_default or v.label == ""]
            default = marked[0].label if marked else min(v.label for v in ordered)
            for value in reversed(ordered):
                facts[subject, quantity, value.label] = (
                    value.uuid,
                    value.label == default,
                )
        return facts

    def rank(self, value):
        error = value.uncertainty
        doubt = float("inf") if error is None else error / abs(value.value)
        return (
            not self.is_accepted(value),
            TRUST.index(value.origin),
            doubt,
            -value.pk,
        )


def stored_facts():
    return sorted(Fact.objects.values_list(*FACT_FIELDS), key=repr)


def recomputed():
    rows = compute_facts(list(Sample.objects.values_list("pk", flat=True)))
    return sorted(
        (
            (
                row.subject_id,
                row.variable.key,
                row.label,
                row.is_default,
                row.value,
                row.text,
                row.uncertainty,
                row.bound,
                str(row.origin),
                row.source,
            )
            for row in rows
        ),
        key=repr,
    )


class Lab:
    """Two samples, one made from the other, and the things people do to them."""

    def __init__(self, user):
        self.user = user
        self.project = factories.make_project(user)
        self.version = 1
        self.samples = [
            factories.make_sample(user, self.project, "S-1"),
            factories.make_sample(user, self.project, "S-2"),
        ]
        self.anneal = factories.make_process(
            user,
            self.project,
            "annealing",
            inputs=["S-1"],
            outputs=["S-1"],
            started_at="2026-01-05",
        )
        for number in range(2):
            measurement = make_measurement(user, self.samples[0], level=600.0 + number)
            done_run(user, measurement, scale=1.0)
            done_run(user, measurement, scale=2.0)
        for origin in ("manual", "reported"):
            services.record_value(
                user=user,
                sample=self.samples[1],
                quantity="pl.peak_wavelength",
                label="I",
                value=700.0,
                origin=origin,
            )

    def pick(self, rows, number):
        rows = list(rows)
        return rows[number % len(rows)] if rows else None

    def measure(self, number):
        sample = self.pick(Sample.objects.filter(archived_at=None), number)
        if sample:
            origin = "simulated" if number % 3 == 0 else "computed"
            make_measurement(self.user, sample, level=500.0 + number, origin=origin)

    def run(self, number):
        measurement = self.pick(Measurement.objects.filter(archived_at=None), number)
        if measurement:
            scale = 1.0 + number % 4
            done_run(self.user, measurement, scale=scale, peaks=1 + number % 2)

    def rerun(self, number):
        run = self.pick(AnalysisRun.objects.filter(state="done"), number)
        if run and not run.measurement.archived_at:
            self.version += 1
            with installed(self.version):
                execute(services.rerun(user=self.user, run=run))

    def record(self, number):
        sample = self.pick(Sample.objects.filter(archived_at=None), number)
        if sample is None:
            return
        typed = PropertyValue.objects.filter(
            run=None, superseded_by=None, sample=sample, label="I"
        )
        old = self.pick(typed, number) if number % 2 else None
        services.record_value(
            user=self.user,
            sample=sample,
            quantity="pl.peak_wavelength",
            label="I" if number % 2 else ["", "I", "II"][number % 3],
            value=600.0 + number,
            uncertainty=[None, 1.0, 5.0][number % 3],
            origin=["manual", "reported"][number % 2],
            supersedes=str(old.uuid) if old else None,
        )

    def judge_run(self, number):
        run = self.pick(AnalysisRun.objects.filter(state="done"), number // 3)
        if run:
            self._judge(run, number)

    def judge_value(self, number):
        value = self.pick(PropertyValue.objects.all(), number // 3)
        if value:
            self._judge(value, number)

    def _judge(self, about, number):
        verdict = ["accepted", "rejected", "withdrawn"][number % 3]
        services.decide(user=self.user, about=about, verdict=verdict, reason="so")

    def archive_measurement(self, number):
        measurement = self.pick(Measurement.objects.all(), number)
        if measurement:
            set_archived(
                user=self.user,
                measurement=measurement,
                archived=not measurement.archived_at,
            )

    def archive_sample(self, number):
        sample = self.pick(Sample.objects.all(), number)
        set_record_archived(
            user=self.user, record=sample, archived=not sample.archived_at
        )

    def archive_process(self, number):
        self.anneal.refresh_from_db()
        set_record_archived(
            user=self.user, record=self.anneal, archived=not self.anneal.archived_at
        )

    def edit_sample(self, number):
        sample = self.pick(Sample.objects.all(), number)
        text = ["", "CsPbI3", "(CsPbI3)0.25(agZIF-62)0.75"][number % 3]
        update_sample(
            user=self.user, sample=sample, composition=text, create_materials=True
        )

    def edit_state(self, number):
        measurement = self.pick(Measurement.objects.all(), number)
        if measurement:
            update_measurement(
                user=self.user,
                measurement=measurement,
                state="as made" if number % 2 else None,
            )


ACTS = sorted(name for name in vars(Lab) if not name.startswith("_") and name != "pick")
# What people decide is where the rules are; it is done more often than the rest.
OFTEN = [*ACTS, "judge_run", "judge_value", "judge_value", "record", "rerun"]
steps = st.lists(
    st.tuples(st.sampled_from(OFTEN), st.integers(0, 60)), min_size=6, max_size=10
)


def test_facts_equal_a_recomputation_from_history(draws):
    often = settings(
        max_examples=draws(8, 200),
        deadline=None,
        derandomize=True,
        # A failing sequence is short enough to read, and long to make shorter.
        phases=[Phase.generate],
    )

    often(given(steps)(act_and_recompute))()


def act_and_recompute(acts):
    with transaction.atomic():
        lab = Lab(factories.make_user())
        for name, number in acts:
            getattr(lab, name)(number)

            history = History()
            assert facts_of_values() == history.facts()
            current = PropertyValue.objects.current().values_list("pk", flat=True)
            assert set(current) == {value.pk for value, _ in history.current()}
        assert stored_facts() == recomputed()
        transaction.set_rollback(True)


def facts_of_values():
    rows = Fact.objects.filter(source__isnull=False).values_list(
        "subject_id", "variable__key", "label", "source", "is_default"
    )
    return {tuple(key): (source, default) for *key, source, default in rows}
