"""Physical things with a code, the batches they were made in, and their descent."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse
from simple_history.models import HistoricalRecords

from labdata.common.people.access import Project, ProjectScoped, ProjectScopedQuerySet
from labdata.common.record.history import ChangeSetLink
from samples.models.compositions import Composition

CODE_PATTERN = r"^[A-Za-z0-9_-]+$"
code_validator = RegexValidator(
    CODE_PATTERN, "A code is made of A-Z a-z 0-9 _ and -, at most 60 of them."
)


class Batch(ProjectScoped):
    """Samples made together."""

    code = models.CharField(max_length=60, validators=[code_validator])
    notes = models.TextField(blank=True)
    history = HistoricalRecords(bases=[ChangeSetLink])

    objects = ProjectScopedQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "code"], name="batch_code_once_per_project"
            )
        ]

    def __str__(self):
        return self.code


class Tag(models.Model):
    """A word by which a project groups its samples."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(max_length=60)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "name"], name="tag_once_per_project"
            )
        ]

    def __str__(self):
        return self.name


class SampleQuerySet(ProjectScopedQuerySet):
    def descendants_of(self, sample):
        return self.filter(
            pk__in=Ancestry.objects.filter(ancestor=sample).values("descendant_id")
        )

    def ancestors_of(self, sample):
        return self.filter(
            pk__in=Ancestry.objects.filter(descendant=sample).values("ancestor_id")
        )


class Sample(ProjectScoped):
    """A physical thing that can be carried to an instrument.

    What it was made of and how is the process graph's to say; a sample without a
    composition of its own has that of the sample it was taken from.
    """

    class Kind(models.TextChoices):
        POWDER = "powder", "Powder"
        MIXTURE = "mixture", "Mixture"
        GLASS = "glass", "Glass"
        COMPOSITE = "composite", "Composite"
        CRYSTAL = "crystal", "Crystal"
        FILM = "film", "Film"
        HALF_STACK = "half_stack", "Half stack"
        SOLUTION = "solution", "Solution"
        DEVICE = "device", "Device"
        LAMELLA = "lamella", "Lamella"
        PELLET = "pellet", "Pellet"
        SUBSTRATE = "substrate", "Substrate"
        OTHER = "other", "Other"

    code = models.CharField(
        max_length=60,
        validators=[code_validator],
        help_text="Label written on the sample, such as PSK-0412-B3.",
    )
    kind = models.CharField(max_length=20, choices=Kind)
    name = models.CharField(max_length=200, blank=True)
    composition = models.ForeignKey(
        Composition,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="samples",
    )
    batch = models.ForeignKey(
        Batch, on_delete=models.PROTECT, null=True, blank=True, related_name="samples"
    )
    control = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="controlled",
        help_text="The sample this one is compared with.",
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="samples",
    )
    location = models.CharField(max_length=200, blank=True)
    notes = models.TextField(blank=True)
    tags = models.ManyToManyField(Tag, blank=True, related_name="samples")
    extra = models.JSONField(default=dict, blank=True)
    history = HistoricalRecords(bases=[ChangeSetLink], m2m_fields=[tags])

    objects = SampleQuerySet.as_manager()

    class Meta:
        ordering = ["code", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "code"], name="sample_code_once_per_project"
            ),
            models.CheckConstraint(
                name="sample_code_pattern",
                condition=models.Q(code__regex=CODE_PATTERN),
            ),
            models.CheckConstraint(
                name="sample_is_not_its_own_control",
                condition=models.Q(control__isnull=True)
                | ~models.Q(control=models.F("id")),
            ),
        ]
        indexes = [
            models.Index(fields=["project", "archived_at", "code"], name="sample_list"),
            models.Index(
                fields=["project", "archived_at", "-created_at"], name="sample_recent"
            ),
        ]

    def __str__(self):
        return self.code

    def get_absolute_url(self):
        return reverse("site:sample", args=[self.uuid])


class Ancestry(models.Model):
    """Every sample with every sample it descends from, itself included at depth 0.

    The check on depth makes a cycle impossible: a sample among its own makers would
    need itself at a depth above zero.
    """

    ancestor = models.ForeignKey(Sample, on_delete=models.CASCADE, related_name="+")
    descendant = models.ForeignKey(
        Sample, on_delete=models.CASCADE, related_name="ancestry"
    )
    depth = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["descendant", "ancestor"], name="ancestry_once"
            ),
            models.CheckConstraint(
                name="ancestry_has_no_cycle",
                condition=models.Q(ancestor=models.F("descendant"), depth=0)
                | (~models.Q(ancestor=models.F("descendant")) & models.Q(depth__gt=0)),
            ),
        ]

    def __str__(self):
        return f"{self.ancestor_id} → {self.descendant_id} ({self.depth})"
