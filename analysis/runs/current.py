"""Which runs and values stand, as one SQL expression usable in any filter.

A value stands while nothing speaks against it: neither it nor its run was rejected,
its sample and measurement were not put away, no other value replaced it, and its run
is the one that counts. Of the done runs of one measurement, analysis and scope (a
cell, or a dataset among several) that is the newest accepted one, or the newest of all
where none was accepted. A run is accepted when somebody accepted it or one of its
values. A run of data that were since read anew, and read differently, counts no longer.

The conditions are the same for ever, and Django copies an expression where it uses it:
each is put together once.
"""

from functools import cache

from django.apps import apps
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact

from labdata.common.jobs.models import State

ACCEPTED, REJECTED = "accepted", "rejected"


def verdict_of(kind, reference):
    """The newest decision about the run or value ``reference`` names, or ``""``."""
    decisions = apps.get_model("analysis", "Decision").objects
    newest = decisions.filter(**{kind: OuterRef(reference)}).order_by("-pk")
    return Coalesce(Subquery(newest.values("verdict")[:1]), Value(""))


def has_verdict(kind, reference, verdict):
    return Q(Exact(verdict_of(kind, reference), Value(verdict)))


def is_accepted_run():
    """Whether a run, or one of its values, was accepted last."""
    decisions = apps.get_model("analysis", "Decision").objects
    later = decisions.filter(value=OuterRef("value"), pk__gt=OuterRef("pk"))
    of_values = decisions.filter(
        ~Exists(later), value__run=OuterRef("pk"), verdict=ACCEPTED
    )
    return has_verdict("run", "pk", ACCEPTED) | Q(Exists(of_values))


def _inputs_read_anew():
    inputs = apps.get_model("analysis", "RunInput").objects
    return inputs.filter(run=OuterRef("pk"), dataset__superseded_at__isnull=False)


def standing_run(measurement, analysis, scope):
    """Id of the run that counts for the measurement, analysis and scope referred to."""
    runs = apps.get_model("analysis", "AnalysisRun").objects
    candidates = (
        runs.filter(
            measurement=OuterRef(measurement),
            analysis=OuterRef(analysis),
            scope=OuterRef(scope),
            state=State.DONE,
        )
        .exclude(has_verdict("run", "pk", REJECTED))
        .exclude(Exists(_inputs_read_anew()))
        .order_by(Case(When(is_accepted_run(), then=0), default=1), "-pk")
    )
    return Subquery(candidates.values("pk")[:1])


@cache
def run_stands():
    """Condition on runs: this one's values are the ones that count."""
    return Q(Exact(F("pk"), standing_run("measurement", "analysis", "scope"))) & Q(
        measurement__archived_at__isnull=True,
        measurement__sample__archived_at__isnull=True,
    )


@cache
def value_stands():
    """Condition on property values, as the module says."""
    values = apps.get_model("analysis", "PropertyValue").objects
    replaced = Exists(values.filter(supersedes=OuterRef("pk")))
    counts = standing_run("run__measurement", "run__analysis", "run__scope")
    return (
        Q(sample__archived_at__isnull=True)
        & (Q(measurement__isnull=True) | Q(measurement__archived_at__isnull=True))
        & (Q(run__isnull=True) | Q(Exact(F("run_id"), counts)))
        & ~Q(replaced)
        & ~has_verdict("value", "pk", REJECTED)
    )


@cache
def value_is_accepted():
    """Condition on property values: they, or their run as a whole, were accepted."""
    return has_verdict("value", "pk", ACCEPTED) | (
        has_verdict("run", "run", ACCEPTED) & ~has_verdict("value", "pk", REJECTED)
    )
