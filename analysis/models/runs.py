"""One execution of an analysis: what went in, which code, how it ended."""

import uuid

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.functional import cached_property

from analysis.choices import analysis_choices
from analysis.runs import current
from labdata.common.jobs.models import Job, JobQuerySet
from labdata.common.people.access import Project, visible_project_ids
from labdata.plugin import Result
from measurements.models import Dataset, Measurement
from samples.models import Cell


class AnalysisRunQuerySet(JobQuerySet):
    def visible_to(self, user):
        return self.filter(project_id__in=visible_project_ids(user))

    def current(self):
        """The runs whose values stand: see `analysis.runs.current`."""
        return self.filter(current.run_stands())


class AnalysisRun(Job):
    """Asked once for the same inputs, code and parameters; never edited.

    ``key`` is the hash of the analysis, its version, the parameters and the datasets
    (by their ids, so equal bytes never join projects). A run that errored or was
    cancelled may be asked for again.

    ``scope`` tells apart the runs of one analysis on one measurement that stand beside
    each other: the cell, or the dataset, they are of. ``conditions`` are those the
    analysis was given, by dataset. ``result`` is everything it found but numbers and
    arrays, as `labdata.plugin.Result` stores it; the distribution is the installed
    package its code came from.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    measurement = models.ForeignKey(
        Measurement, on_delete=models.PROTECT, related_name="runs"
    )
    analysis = models.CharField(max_length=60, choices=analysis_choices)
    version = models.PositiveIntegerField()
    parameters = models.JSONField(default=dict, blank=True)
    conditions = models.JSONField(default=dict, blank=True)
    cell = models.ForeignKey(
        Cell, on_delete=models.PROTECT, null=True, blank=True, related_name="runs"
    )
    scope = models.CharField(max_length=100, blank=True)
    key = models.CharField(max_length=64)
    datasets = models.ManyToManyField(Dataset, through="RunInput", related_name="runs")
    is_automatic = models.BooleanField(default=False)
    environment = models.JSONField(default=dict, blank=True)
    result = models.JSONField(default=dict, blank=True)
    distribution = models.CharField(max_length=200, blank=True)
    distribution_version = models.CharField(max_length=100, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = AnalysisRunQuerySet.as_manager()

    class Meta(Job.Meta):
        abstract = False
        ordering = ["-pk"]
        constraints = [
            *Job.Meta.constraints,
            models.UniqueConstraint(
                fields=["key"],
                condition=models.Q(state__in=["queued", "running", "done", "failed"]),
                name="run_asked_once",
            ),
        ]
        indexes = [
            *Job.Meta.indexes,
            models.Index(
                fields=["measurement", "analysis", "scope", "state"],
                name="run_of_measurement",
            ),
            models.Index(fields=["project", "-id"], name="run_list"),
        ]

    def __str__(self):
        return f"{self.get_analysis_display()} of {self.measurement}"

    def get_absolute_url(self):
        return reverse("site:run", args=[self.uuid])

    @cached_property
    def parts(self) -> Result:
        """What it found, typed; empty while it has not ended."""
        return Result.from_json(self.result)

    @property
    def remarks(self) -> list[str]:
        """Sentences of the analysis for the person at the bench."""
        return self.result.get("remarks", [])

    @property
    def brief_statistics(self) -> list[tuple[str, float]]:
        """What lists show of how good its fits are: names and numbers."""
        return [
            (one["label"], one["value"])
            for fit in self.result.get("fits", ())
            for one in fit.get("statistics", ())
            if one.get("brief")
        ]

    @property
    def raised_flags(self) -> list[dict[str, str]]:
        """Flags about the whole run, by ``key``, ``about`` and ``words``."""
        return self.result.get("flags", [])


class RunInput(models.Model):
    """A dataset that went into a run, with the hash of what it held."""

    run = models.ForeignKey(
        AnalysisRun, on_delete=models.CASCADE, related_name="inputs"
    )
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["run", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "dataset"], name="run_input_dataset_once"
            )
        ]

    def __str__(self):
        return f"{self.dataset}"


class RunDataset(models.Model):
    """A dataset that came out of a run: fitted curves, maps of parameters."""

    run = models.ForeignKey(
        AnalysisRun, on_delete=models.CASCADE, related_name="results"
    )
    dataset = models.OneToOneField(
        Dataset, on_delete=models.PROTECT, related_name="produced_by"
    )
    role = models.CharField(max_length=40)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["run", "role"], name="run_role_once")
        ]

    def __str__(self):
        return self.role
