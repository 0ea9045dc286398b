"""Raw bytes, stored once, and the named files that refer to them."""

from django.db import models
from simple_history.models import HistoricalRecords

from labdata.common.people.access import ProjectScoped, ProjectScopedQuerySet
from labdata.common.record.history import ChangeSetLink


class Blob(models.Model):
    """Bytes in the content-addressed store; never handed out by their hash."""

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.PositiveBigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="blob_sha256_is_hex",
                condition=models.Q(sha256__regex=r"^[0-9a-f]{64}$"),
            )
        ]

    def __str__(self):
        return self.sha256


class File(ProjectScoped):
    """A file as a person knows it: name, type, and what it belongs to."""

    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=255)
    media_type = models.CharField(max_length=100, blank=True)
    measurement = models.ForeignKey(
        "measurements.Measurement",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="files",
    )
    sample = models.ForeignKey(
        "samples.Sample",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="files",
    )
    process = models.ForeignKey(
        "samples.Process",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="files",
    )
    description = models.CharField(max_length=400, blank=True)
    history = HistoricalRecords(bases=[ChangeSetLink])

    objects = ProjectScopedQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["project", "-created_at"], name="file_list"),
        ]

    def __str__(self):
        return self.name
