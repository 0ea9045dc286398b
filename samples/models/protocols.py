"""Protocols: how a lab usually does an act, to fill in a process from."""

from django.db import models
from django.urls import reverse
from simple_history.models import HistoricalRecords

from labdata.common.people.access import ProjectScoped, ProjectScopedQuerySet
from labdata.common.record.history import ChangeSetLink
from samples.models.processes import Process


class ProtocolQuerySet(ProjectScopedQuerySet):
    def with_use(self):
        """Count the processes that followed each one."""
        return self.annotate(
            use_count=models.Count(
                "processes", filter=models.Q(processes__archived_at__isnull=True)
            )
        )


class Protocol(ProjectScoped):
    """Conditions and programme of a kind of act, as a template of processes.

    A process keeps which version of its protocol it followed; what that version said
    is in the history. ``program`` is a list of segments with the keys and units of
    :class:`samples.thermal.Segment`.
    """

    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=Process.Kind)
    description = models.TextField(blank=True)
    parameters = models.JSONField(default=dict, blank=True)
    program = models.JSONField(default=list, blank=True)
    state = models.CharField(
        "logged as", max_length=8, choices=Process.State, default=Process.State.DONE
    )
    notes = models.TextField("notes for each process", blank=True)
    history = HistoricalRecords(bases=[ChangeSetLink])

    objects = ProtocolQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "name"], name="protocol_name_once_per_project"
            ),
            models.CheckConstraint(
                name="protocol_state_known",
                condition=models.Q(state__in=["planned", "done"]),
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("site:protocol", args=[self.uuid])

    def at_version(self, version):
        """The protocol as it stood at an earlier version, or None."""
        if version == self.version:
            return self
        return self.history.filter(version=version).order_by("history_id").last()
