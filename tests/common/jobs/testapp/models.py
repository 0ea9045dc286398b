"""A job that does what its row says, and the results it leaves."""

from django.db import models

from labdata.common.jobs import Job


class Errand(Job):
    action = models.CharField(max_length=40, default="sleep")
    seconds = models.FloatField(default=0.0)
    notes = models.JSONField(default=list)

    class Meta(Job.Meta):
        abstract = False

    def __str__(self):
        return f"errand {self.pk}"


class Result(models.Model):
    """No uniqueness on purpose: a second result of one errand must be seen."""

    errand = models.ForeignKey(Errand, on_delete=models.CASCADE, related_name="results")
    attempt = models.PositiveIntegerField()

    def __str__(self):
        return f"result of {self.errand}, attempt {self.attempt}"
