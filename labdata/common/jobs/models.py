"""What every piece of background work has in common: the row is the truth."""

from datetime import timedelta

from django.db import models, transaction
from django.db.models.functions import Now

LONGEST_GRACE = timedelta(minutes=15)


def seconds_from_now(seconds: float) -> models.ExpressionWrapper:
    """A moment on the database's clock, the only one that all workers share."""
    return models.ExpressionWrapper(
        Now() + timedelta(seconds=seconds), output_field=models.DateTimeField()
    )


class State(models.TextChoices):
    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    ERRORED = "errored", "Errored"
    CANCELLED = "cancelled", "Cancelled"


OPEN_STATES = (State.QUEUED, State.RUNNING)


class JobQuerySet(models.QuerySet):
    """Every change of state is one conditional UPDATE, the same on both databases."""

    def open(self):
        return self.filter(finished_at=None)

    def held(self, *, pk, attempt):
        """The job while this attempt still owns it."""
        return self.filter(pk=pk, attempt=attempt, state=State.RUNNING)

    def lapsed(self):
        """Running jobs of whose worker nothing was heard for a whole lease."""
        return self.open().filter(state=State.RUNNING, lease_until__lt=Now())

    def overdue(self, first_grace):
        """Queued jobs that no worker picked up, with more patience at each dispatch."""
        waited = models.Q(dispatches=0, created_at__lt=_ago(first_grace))
        waited |= models.Q(dispatches=0, attempt__gt=0)
        grace, dispatches = first_grace, 1
        while grace < LONGEST_GRACE:
            waited |= models.Q(dispatches=dispatches, dispatched_at__lt=_ago(grace))
            grace, dispatches = 2 * grace, dispatches + 1
        waited |= models.Q(
            dispatches__gte=dispatches, dispatched_at__lt=_ago(LONGEST_GRACE)
        )
        return self.open().filter(waited, state=State.QUEUED)

    def claim(self, *, pk, worker, lease_seconds):
        """Make a queued job this worker's own; ``None`` if it is not to be had."""
        with transaction.atomic(using=self.db):
            claimed = self.filter(pk=pk, state=State.QUEUED).update(
                state=State.RUNNING,
                attempt=models.F("attempt") + 1,
                worker=worker,
                lease_until=seconds_from_now(lease_seconds),
                heartbeat_at=Now(),
                started_at=Now(),
                progress={},
            )
            return self.get(pk=pk) if claimed else None


def _ago(span: timedelta) -> models.ExpressionWrapper:
    return seconds_from_now(-span.total_seconds())


class Job(models.Model):
    """Work done outside the request, by any worker, whose result is kept once.

    ``attempt`` counts the claims and fences them: a worker that lost its lease can
    write nothing any more. ``deaths`` counts the attempts that killed their process.
    """

    State = State

    state = models.CharField(
        max_length=10, choices=State, default=State.QUEUED, editable=False
    )
    attempt = models.PositiveIntegerField(default=0, editable=False)
    deaths = models.PositiveSmallIntegerField(default=0, editable=False)
    worker = models.CharField(max_length=200, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    heartbeat_at = models.DateTimeField(null=True, editable=False)
    dispatched_at = models.DateTimeField(null=True, editable=False)
    dispatches = models.PositiveIntegerField(default=0, editable=False)
    cancel_requested = models.BooleanField(default=False, editable=False)
    progress = models.JSONField(default=dict, editable=False)
    message = models.TextField(blank=True, editable=False)
    traceback = models.TextField(blank=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    started_at = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)

    objects = JobQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_state_known",
                condition=models.Q(state__in=State.values),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_running_has_lease",
                condition=models.Q(
                    state=State.RUNNING, lease_until__isnull=False, attempt__gt=0
                )
                | models.Q(~models.Q(state=State.RUNNING), lease_until__isnull=True),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_end_has_time",
                condition=models.Q(state__in=OPEN_STATES, finished_at__isnull=True)
                | models.Q(~models.Q(state__in=OPEN_STATES), finished_at__isnull=False),
            ),
        ]
        indexes = [
            # Serves the reaper however long the history grows.
            models.Index(
                fields=["state", "lease_until"],
                condition=models.Q(finished_at__isnull=True),
                name="%(app_label)s_%(class)s_open",
            ),
        ]

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES
