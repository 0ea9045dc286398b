"""Fields a project adds to its records, which are variables like any other."""

from django.core.validators import RegexValidator
from django.db import models
from simple_history.models import HistoricalRecords

from labdata.common.people.access import ProjectScoped, ProjectScopedQuerySet
from labdata.common.record.history import ChangeSetLink


class ExtraField(ProjectScoped):
    """A typed field, with a unit, on the samples, processes or measurements."""

    class Target(models.TextChoices):
        SAMPLE = "sample", "Samples"
        PROCESS = "process", "Processes"
        MEASUREMENT = "measurement", "Measurements"

    class Kind(models.TextChoices):
        NUMBER = "number", "Number"
        TEXT = "text", "Text"
        CHOICE = "choice", "Choice"

    target = models.CharField(max_length=12, choices=Target)
    key = models.CharField(
        max_length=60, validators=[RegexValidator(r"^[a-z][a-z0-9_]*$")]
    )
    label = models.CharField(max_length=100)
    kind = models.CharField(max_length=8, choices=Kind)
    unit = models.CharField(max_length=30, blank=True)
    choices = models.JSONField(default=list, blank=True)
    history = HistoricalRecords(bases=[ChangeSetLink])

    objects = ProjectScopedQuerySet.as_manager()

    class Meta:
        ordering = ["target", "key"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "target", "key"], name="extra_field_once"
            ),
            models.CheckConstraint(
                name="extra_field_unit_on_numbers",
                condition=models.Q(unit="") | models.Q(kind="number"),
            ),
        ]

    def __str__(self):
        return self.label
