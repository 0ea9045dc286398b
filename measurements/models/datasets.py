"""Parsed arrays as rows: what they are, where their bytes lie, how they look."""

import uuid

from django.conf import settings
from django.db import models

from labdata.common.people.access import Project, visible_project_ids
from measurements.models.files import Blob, File
from measurements.models.measurements import Measurement
from samples.models import Cell


class DatasetQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(project_id__in=visible_project_ids(user))

    def current(self):
        return self.filter(superseded_at__isnull=True)

    def without_arrays(self):
        """Leave the bytes in the database: lists want what a dataset is."""
        return self.defer("container", "preview")


class Region(models.Model):
    """A marked point, line or box of a dataset, which may own datasets."""

    class Kind(models.TextChoices):
        POINT = "point", "Point"
        LINE = "line", "Line"
        BOX = "box", "Box"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    dataset = models.ForeignKey(
        "measurements.Dataset", on_delete=models.CASCADE, related_name="regions"
    )
    kind = models.CharField(max_length=5, choices=Kind)
    label = models.CharField(max_length=100)
    bounds = models.JSONField(
        help_text="Axis name to value, or to [low, high] or [start, end]."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return self.label


class Dataset(models.Model):
    """An immutable array container: small ones in this row, larger in the store.

    ``identity`` is the hash of where the arrays come from (raw bytes, reader and
    version, or run), never of compressed bytes. ``sha256`` guards the container and
    is verified on every read.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    measurement = models.ForeignKey(
        Measurement, on_delete=models.PROTECT, related_name="datasets"
    )
    file = models.ForeignKey(
        File, on_delete=models.PROTECT, null=True, related_name="datasets"
    )
    region = models.ForeignKey(
        Region, on_delete=models.PROTECT, null=True, related_name="datasets"
    )
    cell = models.ForeignKey(
        Cell,
        on_delete=models.PROTECT,
        null=True,
        related_name="datasets",
        help_text="The cell it was measured on, where the sample has cells.",
    )
    name = models.CharField(max_length=100)
    technique = models.CharField(max_length=40)
    reader = models.CharField(max_length=60, blank=True)
    reader_version = models.PositiveIntegerField(default=0)
    is_result = models.BooleanField(
        default=False, help_text="Made by an analysis, not parsed from a file."
    )
    identity = models.CharField(max_length=64, db_index=True)
    axes = models.JSONField()
    channels = models.JSONField()
    coordinates = models.JSONField(default=list)
    metadata = models.JSONField(default=dict)
    shape = models.JSONField()
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    container = models.BinaryField(null=True)
    blob = models.ForeignKey(
        Blob, on_delete=models.PROTECT, null=True, related_name="datasets"
    )
    preview = models.BinaryField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    superseded_at = models.DateTimeField(null=True)

    objects = DatasetQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="dataset_bytes_in_one_place",
                condition=models.Q(container__isnull=False, blob__isnull=True)
                | models.Q(container__isnull=True, blob__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["measurement", "identity"],
                condition=models.Q(superseded_at__isnull=True),
                name="dataset_identity_once",
            ),
        ]
        indexes = [
            models.Index(fields=["project", "-created_at"], name="dataset_list"),
        ]

    def __str__(self):
        return self.name
