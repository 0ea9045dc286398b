"""One act of one technique on one sample, and the reading of its files."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from simple_history.models import HistoricalRecords

from labdata.common.jobs.models import Job
from labdata.common.people.access import (
    Project,
    ProjectScoped,
    ProjectScopedQuerySet,
    visible_project_ids,
)
from labdata.common.record.history import ChangeSetLink
from labdata.common.record.records import Record, RecordQuerySet
from measurements.choices import technique_choices
from samples.models import Origin, Sample, Subject, TimePrecision


class InstrumentQuerySet(RecordQuerySet):
    def visible_to(self, user):
        return self.filter(
            models.Q(project__isnull=True)
            | models.Q(project_id__in=visible_project_ids(user))
        )


class Instrument(Record):
    """A machine that measures; without a project it is shared by the lab."""

    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    name = models.CharField(max_length=200)
    manufacturer = models.CharField(max_length=200, blank=True)
    model = models.CharField(max_length=200, blank=True)
    serial_number = models.CharField(max_length=100, blank=True)
    notes = models.TextField(blank=True)
    history = HistoricalRecords(bases=[ChangeSetLink])

    objects = InstrumentQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "name"],
                condition=models.Q(project__isnull=False),
                name="instrument_name_once_per_project",
            ),
            models.UniqueConstraint(
                fields=["name"],
                condition=models.Q(project__isnull=True),
                name="instrument_name_once_shared",
            ),
        ]

    def __str__(self):
        return self.name


class MeasurementQuerySet(ProjectScopedQuerySet):
    def with_state(self):
        """Annotate the state people see, from the newest reading of the files."""
        parsing = models.F("parsing__state")
        return self.annotate(
            state_key=models.Case(
                models.When(parsing__isnull=True, then=models.Value("ready")),
                models.When(parsing__state="running", then=models.Value("parsing")),
                models.When(
                    parsing__state="done",
                    parsing__is_question=True,
                    then=models.Value("question"),
                ),
                models.When(parsing__state="done", then=models.Value("ready")),
                models.When(parsing__state="cancelled", then=models.Value("failed")),
                default=parsing,
                output_field=models.CharField(),
            )
        )


class Measurement(ProjectScoped):
    """One act of one technique on one sample in a state.

    ``subject`` names the state that was seen. ``parsing`` is the newest reading of the
    files; a measurement without files (typed values) has none and is ready.
    """

    sample = models.ForeignKey(
        Sample, on_delete=models.PROTECT, related_name="measurements"
    )
    subject = models.ForeignKey(
        Subject, on_delete=models.PROTECT, related_name="measurements"
    )
    technique = models.CharField(max_length=40, choices=technique_choices)
    conditions = models.JSONField(default=dict, blank=True)
    sources = models.JSONField(
        default=dict,
        blank=True,
        editable=False,
        help_text="Who said it, person or file: condition keys, measured_at, state.",
    )
    instrument = models.ForeignKey(
        Instrument,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="measurements",
    )
    operator = models.CharField(max_length=100, blank=True)
    measured_at = models.DateTimeField(null=True, blank=True)
    measured_precision = models.CharField(
        max_length=6, choices=TimePrecision, blank=True
    )
    measured_zone = models.CharField(max_length=40, blank=True)
    origin = models.CharField(max_length=10, choices=Origin, default=Origin.COMPUTED)
    reader = models.CharField(
        max_length=60, blank=True, help_text="The reader asked for; empty: detect."
    )
    analyse = models.BooleanField(default=True)
    parsing = models.OneToOneField(
        "measurements.Parsing",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    notes = models.TextField(blank=True)
    extra = models.JSONField(default=dict, blank=True)
    history = HistoricalRecords(bases=[ChangeSetLink], excluded_fields=["parsing"])

    objects = MeasurementQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="measurement_time_has_precision",
                condition=models.Q(measured_at__isnull=True, measured_precision="")
                | (
                    models.Q(measured_at__isnull=False)
                    & ~models.Q(measured_precision="")
                ),
            )
        ]
        indexes = [
            models.Index(
                fields=["project", "archived_at", "-created_at"],
                name="measurement_list",
            )
        ]

    def __str__(self):
        return f"{self.get_technique_display()} of {self.sample}"

    def get_absolute_url(self):
        return reverse("site:measurement", args=[self.uuid])

    @property
    def state(self):
        """The state people see: queued parsing question ready failed errored."""
        if self.parsing is None:
            return "ready"
        if self.parsing.state == Job.State.DONE:
            return "question" if self.parsing.is_question else "ready"
        return {"running": "parsing", "cancelled": "failed"}.get(
            self.parsing.state, self.parsing.state
        )

    @property
    def message(self):
        return self.parsing.message if self.parsing else ""


class Parsing(Job):
    """One reading of a measurement's files, as a job."""

    measurement = models.ForeignKey(
        Measurement, on_delete=models.CASCADE, related_name="parsings"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    reader = models.CharField(max_length=60, blank=True)
    reader_version = models.PositiveIntegerField(default=0)
    reason = models.TextField(blank=True, help_text="Why this reader was chosen.")
    is_question = models.BooleanField(default=False)
    candidates = models.JSONField(default=list)
    found = models.JSONField(
        default=dict, help_text="What the files say: conditions, measured_at."
    )
    notes = models.JSONField(default=list)

    class Meta(Job.Meta):
        abstract = False

    def __str__(self):
        return f"reading of {self.measurement}"
