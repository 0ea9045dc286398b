"""Files dropped together on their way to becoming measurements."""

import uuid

from django.db import models
from django.db.models import Q
from django.urls import reverse

from labdata.common.people.access import (
    ProjectScoped,
    ProjectScopedQuerySet,
    visible_project_ids,
)
from measurements.models.files import Blob, File
from measurements.models.measurements import Measurement
from samples.models import Batch, Sample


class IntakeQuerySet(ProjectScopedQuerySet):
    def unfinished(self):
        """What somebody dropped and has not brought to its end yet."""
        files = IntakeFile.objects.filter(intake=models.OuterRef("pk"))
        under_way = models.Exists(files.filter(measurement__isnull=False))
        return self.current().filter(
            models.Exists(files.waiting()) | Q(under_way, finished_at__isnull=True)
        )

    def with_counts(self):
        """Annotate how many files there are, wait, and have become measurements."""
        kept = Q(files__is_left_out=False)
        measured = Q(files__measurement__isnull=False)
        return self.annotate(
            file_count=models.Count("files", filter=kept),
            measured_count=models.Count("files", filter=kept & measured),
        )


class Intake(ProjectScoped):
    """Files dropped at one time; ``sample`` or ``batch`` narrow whose they may be.

    ``technique`` is taken where the files themselves do not tell. It is finished when
    everything computed from what was uploaded so far is in.
    """

    sample = models.ForeignKey(
        Sample, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    batch = models.ForeignKey(
        Batch, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    technique = models.CharField(max_length=40, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = IntakeQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["created_by", "finished_at"], name="intake_of_person")
        ]

    def __str__(self):
        return f"files of {self.created_at:%Y-%m-%d %H:%M}"

    def get_absolute_url(self):
        return reverse("site:intake", args=[self.uuid])


class IntakeFileQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(intake__project_id__in=visible_project_ids(user))

    def waiting(self):
        """Those that are to become measurements and have not."""
        return self.filter(measurement__isnull=True, is_left_out=False)

    def with_twins(self):
        """Annotate which measurement, or which file before, holds the same bytes."""
        same = models.OuterRef("blob")
        elsewhere = File.objects.filter(
            blob=same,
            project=models.OuterRef("intake__project"),
            measurement__isnull=False,
            measurement__archived_at__isnull=True,
        )
        before = IntakeFile.objects.filter(
            blob=same,
            intake=models.OuterRef("intake"),
            pk__lt=models.OuterRef("pk"),
            is_left_out=False,
        )
        return self.annotate(
            twin_measurement=models.Subquery(
                elsewhere.order_by("pk").values("measurement__uuid")[:1]
            ),
            twin_name=models.Subquery(before.order_by("pk").values("name")[:1]),
        )


class IntakeFile(models.Model):
    """A dropped file, safe in the store, and what is known of it so far.

    ``values`` is what a person said (conditions, measured_at, state, instrument,
    operator), as the services take it. ``match``, ``detection``, ``found`` and
    ``preview`` are what the name and the bytes say: they may be computed again.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    intake = models.ForeignKey(Intake, on_delete=models.CASCADE, related_name="files")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=255)
    media_type = models.CharField(max_length=100, blank=True)
    sample = models.ForeignKey(
        Sample, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    folder = models.CharField(max_length=400, blank=True)
    match = models.JSONField(
        default=dict, help_text="How the sample was found: reason, text, candidates."
    )
    technique = models.CharField(max_length=40, blank=True)
    technique_reason = models.CharField(max_length=200, blank=True)
    reader = models.CharField(
        max_length=60, blank=True, help_text="Asked for by a person; empty: detected."
    )
    detection = models.JSONField(
        default=dict, help_text="Reader, reason, candidates, or the problem."
    )
    found = models.JSONField(
        default=dict, help_text="What the file says: conditions, measured_at, notes."
    )
    preview = models.JSONField(default=dict, help_text="Few points to draw.")
    values = models.JSONField(default=dict)
    is_wanted_twice = models.BooleanField(default=False)
    is_left_out = models.BooleanField(default=False)
    errors = models.JSONField(
        default=list, help_text="Why it did not become a measurement."
    )
    measurement = models.OneToOneField(
        Measurement,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="intake_file",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = IntakeFileQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return self.name


class Thumbnail(models.Model):
    """A picture made small, upright and harmless, so that it is made once."""

    blob = models.ForeignKey(Blob, on_delete=models.CASCADE, related_name="thumbnails")
    side = models.PositiveIntegerField(help_text="Longest side asked for [pixel].")
    data = models.BinaryField(help_text="JPEG; empty where no picture can be made.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["blob", "side"], name="thumbnail_once")
        ]

    def __str__(self):
        return f"{self.blob} at {self.side}"
