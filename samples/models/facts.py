"""What is known of each sample, one row a variable: derived, and rebuilt at will.

Facts are the one place composition-property questions are answered from. They carry
the project for access, and a few promoted descriptors of their subject so that the
commonest questions are answered by one index.
"""

from django.db import models

from labdata.common.people.access import Project, visible_project_ids
from samples.choices import Origin
from samples.models.devices import Cell
from samples.models.processes import Process
from samples.models.samples import Sample

PROMOTED_COLUMNS = ("descriptor_1", "descriptor_2", "descriptor_3", "descriptor_4")


class Relation(models.TextChoices):
    AS_MADE = "as_made", "as made"
    BEFORE = "before", "before"
    DURING = "during", "during"
    AFTER = "after", "after"


class Subject(models.Model):
    """A sample, or a cell of it, in a state.

    The state is as made, or before, during or after a process on the sample.
    """

    sample = models.ForeignKey(
        Sample, on_delete=models.CASCADE, related_name="subjects"
    )
    cell = models.ForeignKey(
        Cell, on_delete=models.CASCADE, null=True, related_name="subjects"
    )
    process = models.ForeignKey(
        Process, on_delete=models.CASCADE, null=True, related_name="+"
    )
    relation = models.CharField(
        max_length=8, choices=Relation, default=Relation.AS_MADE
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sample"],
                condition=models.Q(process__isnull=True, cell__isnull=True),
                name="subject_as_made_once",
            ),
            models.UniqueConstraint(
                fields=["sample", "process", "relation"],
                condition=models.Q(process__isnull=False, cell__isnull=True),
                name="subject_state_once",
            ),
            models.UniqueConstraint(
                fields=["cell"],
                condition=models.Q(process__isnull=True, cell__isnull=False),
                name="subject_cell_as_made_once",
            ),
            models.UniqueConstraint(
                fields=["cell", "process", "relation"],
                condition=models.Q(process__isnull=False, cell__isnull=False),
                name="subject_cell_state_once",
            ),
            models.CheckConstraint(
                name="subject_state_names_process",
                condition=models.Q(process__isnull=True, relation="as_made")
                | (models.Q(process__isnull=False) & ~models.Q(relation="as_made")),
            ),
        ]

    def __str__(self):
        thing = f"{self.sample}/{self.cell}" if self.cell_id else str(self.sample)
        if self.process_id is None:
            return thing
        return f"{thing} {self.get_relation_display()} {self.process}"


class Variable(models.Model):
    """Anything that can be an axis, a filter or a colour, once it has a fact."""

    class Kind(models.TextChoices):
        NUMBER = "number", "Number"
        TEXT = "text", "Text"

    key = models.CharField(max_length=300, unique=True)
    label = models.CharField(max_length=300)
    unit = models.CharField(max_length=30, blank=True)
    kind = models.CharField(max_length=6, choices=Kind)

    class Meta:
        ordering = ["key"]

    def __str__(self):
        return self.key


class FactQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(project_id__in=visible_project_ids(user))


class Fact(models.Model):
    """The value of one variable for one subject and label.

    ``is_default`` marks the label that answers when a question names none. ``source``
    is the public id of the property value a fact was taken from, where there is one.
    """

    # The indexes below begin with these: of their own they would cost every insert.
    subject = models.ForeignKey(
        Subject, on_delete=models.CASCADE, related_name="facts", db_index=False
    )
    sample = models.ForeignKey(
        Sample, on_delete=models.CASCADE, related_name="facts", db_index=False
    )
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    variable = models.ForeignKey(
        Variable, on_delete=models.PROTECT, related_name="facts", db_index=False
    )
    label = models.CharField(max_length=60, blank=True)
    is_default = models.BooleanField(default=True)
    value = models.FloatField(null=True)
    text = models.CharField(max_length=300, blank=True)
    uncertainty = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    bound = models.CharField(max_length=1, default="=")
    flags = models.JSONField(default=list)
    origin = models.CharField(max_length=10, choices=Origin)
    source = models.UUIDField(null=True, default=None)
    descriptor_1 = models.FloatField(null=True)
    descriptor_2 = models.FloatField(null=True)
    descriptor_3 = models.FloatField(null=True)
    descriptor_4 = models.FloatField(null=True)

    objects = FactQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "variable", "label"], name="fact_once"
            ),
            models.UniqueConstraint(
                fields=["subject", "variable"],
                condition=models.Q(is_default=True),
                name="fact_default_once",
            ),
            models.CheckConstraint(
                name="fact_bound_known",
                condition=models.Q(bound__in=["=", ">", "<", "~"]),
            ),
            models.CheckConstraint(
                name="fact_uncertainty_not_negative",
                condition=models.Q(uncertainty__isnull=True)
                | models.Q(uncertainty__gte=0),
            ),
        ]
        # The value columns stand at the end of the key, not in INCLUDE, so that the
        # same index covers the question on SQLite too.
        indexes = [
            models.Index(
                fields=[
                    "variable",
                    "is_default",
                    "descriptor_1",
                    "descriptor_2",
                    "value",
                    "uncertainty",
                    "project",
                    "subject",
                ],
                name="fact_promoted",
            ),
            models.Index(
                fields=["variable", "is_default", "subject", "value", "project"],
                name="fact_pair",
            ),
            models.Index(
                fields=["variable", "is_default", "value", "subject", "project"],
                name="fact_value",
            ),
            # Statistics ask which of their values are limits: few are.
            models.Index(
                fields=["variable", "is_default", "subject"],
                condition=~models.Q(bound="="),
                name="fact_bounded",
            ),
            models.Index(
                fields=["variable", "is_default", "subject"],
                condition=models.Q(origin="simulated"),
                name="fact_simulated",
            ),
            models.Index(fields=["project", "variable"], name="fact_coverage"),
            models.Index(fields=["sample"], name="fact_sample"),
        ]

    def __str__(self):
        return f"{self.subject_id} {self.variable_id}[{self.label}] = {self.value}"
