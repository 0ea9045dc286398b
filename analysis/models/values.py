"""Values of quantities: append-only, accepted or rejected by decisions."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce

from analysis.models.runs import AnalysisRun
from analysis.runs import current
from labdata.common.people.access import Project, visible_project_ids
from measurements.models import Measurement
from samples.models import Origin, Sample, Subject


class PropertyValueQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(project_id__in=visible_project_ids(user))

    def current(self):
        """The values that stand: see `analysis.runs.current`."""
        return self.filter(current.value_stands())

    def with_standing(self):
        """Annotate whether a value stands and whether it was accepted."""
        return self.annotate(
            is_current=_as_boolean(current.value_stands()),
            is_accepted=_as_boolean(current.value_is_accepted()),
        )

    def with_state(self):
        """Annotate the subject a value is about.

        A run's values follow its measurement when people mend which state it saw:
        those of a cell to that cell in the state.
        """
        of_cell = Subject.objects.filter(
            models.Q(process=models.OuterRef("measurement__subject__process"))
            | models.Q(process__isnull=True),
            cell=models.OuterRef("run__cell"),
            relation=models.OuterRef("measurement__subject__relation"),
        )
        return self.annotate(
            state_id=models.Case(
                models.When(
                    run__cell__isnull=False,
                    then=Coalesce(models.Subquery(of_cell.values("pk")[:1]), "subject"),
                ),
                default=Coalesce("measurement__subject_id", "subject_id"),
            )
        )


def _as_boolean(condition):
    return models.Case(
        models.When(condition, then=True),
        default=False,
        output_field=models.BooleanField(),
    )


class PropertyValue(models.Model):
    """One quantity of one sample in a state, never edited.

    A run's values stand and fall with the run. A reported or manual value is replaced
    by another one that names it in ``supersedes``.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    sample = models.ForeignKey(
        Sample, on_delete=models.PROTECT, related_name="property_values"
    )
    subject = models.ForeignKey(
        Subject, on_delete=models.PROTECT, related_name="property_values"
    )
    run = models.ForeignKey(
        AnalysisRun,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="values",
    )
    measurement = models.ForeignKey(
        Measurement,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="values",
    )
    quantity = models.CharField(max_length=80, db_index=True)
    label = models.CharField(max_length=60, blank=True)
    is_default = models.BooleanField(
        default=False, help_text="The label that answers when none is named."
    )
    value = models.FloatField()
    uncertainty = models.FloatField(null=True, blank=True)
    low = models.FloatField(null=True, blank=True)
    high = models.FloatField(null=True, blank=True)
    bound = models.CharField(max_length=1, default="=")
    flags = models.JSONField(default=list, blank=True)
    origin = models.CharField(max_length=10, choices=Origin)
    reference_doi = models.CharField(max_length=200, blank=True)
    reference_locator = models.CharField(max_length=200, blank=True)
    note = models.CharField(max_length=400, blank=True)
    supersedes = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="superseded_by",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = PropertyValueQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "quantity", "label"],
                condition=models.Q(run__isnull=False),
                name="value_once_per_run",
            ),
            models.CheckConstraint(
                name="value_computed_has_run",
                condition=~models.Q(origin="computed") | models.Q(run__isnull=False),
            ),
            models.CheckConstraint(
                name="value_bound_known",
                condition=models.Q(bound__in=["=", ">", "<", "~"]),
            ),
            models.CheckConstraint(
                name="value_uncertainty_not_negative",
                condition=models.Q(uncertainty__isnull=True)
                | models.Q(uncertainty__gte=0),
            ),
        ]
        indexes = [
            models.Index(fields=["sample", "quantity"], name="value_of_sample"),
            models.Index(fields=["project", "quantity", "-id"], name="value_list"),
        ]

    def __str__(self):
        return f"{self.quantity}[{self.label}] = {self.value}"


class DecisionQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(project_id__in=visible_project_ids(user))


class Decision(models.Model):
    """Somebody accepted or rejected a run or a value, or withdrew that, and why.

    The newest decision about a thing counts; none is ever edited.
    """

    class Verdict(models.TextChoices):
        ACCEPTED = "accepted", "Accepted"
        REJECTED = "rejected", "Rejected"
        WITHDRAWN = "withdrawn", "Withdrawn"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    run = models.ForeignKey(
        AnalysisRun,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="decisions",
    )
    value = models.ForeignKey(
        PropertyValue,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="decisions",
    )
    verdict = models.CharField(max_length=9, choices=Verdict)
    reason = models.CharField(max_length=400, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    time = models.DateTimeField(auto_now_add=True)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="decision_about_one_thing",
                condition=models.Q(run__isnull=False, value__isnull=True)
                | models.Q(run__isnull=True, value__isnull=False),
            ),
            models.CheckConstraint(
                name="decision_rejection_has_reason",
                condition=~models.Q(verdict="rejected") | ~models.Q(reason=""),
            ),
        ]

    def __str__(self):
        return f"{self.verdict}: {self.reason}"
