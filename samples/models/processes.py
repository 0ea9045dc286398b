"""Acts that make samples out of samples and lots, or change them in place."""

from django.db import models
from django.urls import reverse
from simple_history.models import HistoricalRecords

from labdata.common.people.access import ProjectScoped, ProjectScopedQuerySet
from labdata.common.record.history import ChangeSetLink
from samples.models.materials import Lot
from samples.models.samples import Batch, Sample


class TimePrecision(models.TextChoices):
    YEAR = "year", "Year"
    MONTH = "month", "Month"
    DAY = "day", "Day"
    MINUTE = "minute", "Minute"
    SECOND = "second", "Second"


class ProcessQuerySet(ProjectScopedQuerySet):
    def done(self):
        return self.filter(state=Process.State.DONE)


class Process(ProjectScoped):
    """One act, planned or done, with what went in and what came out.

    A process in place (ageing, in-situ heating, annealing a film on its substrate)
    has inputs and no outputs: the sample keeps its code and gains a state.
    """

    class Kind(models.TextChoices):
        SYNTHESIS = "synthesis", "Synthesis"
        MIXING = "mixing", "Mixing"
        SINTERING = "sintering", "Sintering"
        ANNEALING = "annealing", "Annealing"
        MELT_QUENCHING = "melt_quenching", "Melt quenching"
        SPIN_COATING = "spin_coating", "Spin coating"
        EVAPORATION = "evaporation", "Evaporation"
        WASHING = "washing", "Washing"
        SPLITTING = "splitting", "Splitting"
        MERGING = "merging", "Merging"
        AGEING = "ageing", "Ageing"
        HEATING = "heating", "In-situ heating"
        GENERAL = "general", "General"

    class State(models.TextChoices):
        PLANNED = "planned", "Planned"
        DONE = "done", "Done"

    kind = models.CharField(max_length=20, choices=Kind)
    name = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.DONE)
    in_place = models.BooleanField(default=False)
    batch = models.ForeignKey(
        Batch, on_delete=models.PROTECT, null=True, blank=True, related_name="processes"
    )
    protocol = models.ForeignKey(
        "Protocol",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="processes",
    )
    protocol_version = models.PositiveIntegerField(
        null=True, blank=True, help_text="The version of the protocol it followed."
    )
    started_at = models.DateTimeField(null=True, blank=True)
    started_precision = models.CharField(
        max_length=6, choices=TimePrecision, blank=True
    )
    started_zone = models.CharField(max_length=40, blank=True)
    operator = models.CharField(max_length=100, blank=True)
    parameters = models.JSONField(default=dict, blank=True)
    notes = models.TextField(blank=True)
    extra = models.JSONField(default=dict, blank=True)
    history = HistoricalRecords(bases=[ChangeSetLink])
    history_parts = ("program", "inputs", "outputs")

    objects = ProcessQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-pk"]
        verbose_name_plural = "processes"
        constraints = [
            models.CheckConstraint(
                name="process_state_known",
                condition=models.Q(state__in=["planned", "done"]),
            ),
            models.CheckConstraint(
                name="process_protocol_has_version",
                condition=models.Q(protocol__isnull=True, protocol_version__isnull=True)
                | models.Q(protocol__isnull=False, protocol_version__isnull=False),
            ),
            models.CheckConstraint(
                name="process_time_has_precision",
                condition=models.Q(started_at__isnull=True, started_precision="")
                | (
                    models.Q(started_at__isnull=False) & ~models.Q(started_precision="")
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["project", "archived_at", "kind"], name="process_list")
        ]

    def __str__(self):
        return self.name or self.get_kind_display()

    def get_absolute_url(self):
        return reverse("site:process", args=[self.uuid])


class ProcessInput(models.Model):
    """A sample or a lot that went into a process."""

    process = models.ForeignKey(
        Process, on_delete=models.CASCADE, related_name="inputs"
    )
    sample = models.ForeignKey(
        Sample, on_delete=models.PROTECT, null=True, related_name="uses"
    )
    lot = models.ForeignKey(
        Lot, on_delete=models.PROTECT, null=True, related_name="uses"
    )
    amount = models.FloatField(null=True)
    unit = models.CharField(max_length=20, blank=True)
    history = HistoricalRecords(bases=[ChangeSetLink])

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="process_input_is_sample_or_lot",
                condition=models.Q(sample__isnull=False, lot__isnull=True)
                | models.Q(sample__isnull=True, lot__isnull=False),
            ),
            models.CheckConstraint(
                name="process_input_amount_positive",
                condition=models.Q(amount__isnull=True) | models.Q(amount__gt=0),
            ),
            models.UniqueConstraint(
                fields=["process", "sample"],
                condition=models.Q(sample__isnull=False),
                name="process_input_sample_once",
            ),
            models.UniqueConstraint(
                fields=["process", "lot"],
                condition=models.Q(lot__isnull=False),
                name="process_input_lot_once",
            ),
        ]

    def __str__(self):
        return str(self.sample or self.lot)


class ProcessOutput(models.Model):
    """A sample that came out of a process; a sample is made once."""

    process = models.ForeignKey(
        Process, on_delete=models.CASCADE, related_name="outputs"
    )
    sample = models.OneToOneField(
        Sample, on_delete=models.PROTECT, related_name="made_by"
    )
    history = HistoricalRecords(bases=[ChangeSetLink])

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return str(self.sample)


class Segment(models.Model):
    """One ordered step of a thermal programme; what is not known is null."""

    class Cooling(models.TextChoices):
        RAMP = "ramp", "Ramp"
        QUENCH = "quench", "Quench"

    process = models.ForeignKey(
        Process, on_delete=models.CASCADE, related_name="program"
    )
    position = models.PositiveSmallIntegerField()
    start_temperature = models.FloatField("start temperature [°C]", null=True)
    end_temperature = models.FloatField("end temperature [°C]", null=True)
    ramp = models.FloatField("ramp [°C/min]", null=True)
    dwell = models.FloatField("dwell [min]", null=True)
    atmosphere = models.CharField(max_length=60, blank=True)
    gas_flow = models.FloatField("gas flow [mL/min]", null=True)
    pressure = models.FloatField("pressure [Pa]", null=True)
    cooling = models.CharField(max_length=6, choices=Cooling, blank=True)
    history = HistoricalRecords(bases=[ChangeSetLink])

    class Meta:
        ordering = ["process", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["process", "position"], name="segment_position_once"
            ),
            *(
                models.CheckConstraint(
                    name=f"segment_{field}_{word}",
                    condition=models.Q(**{f"{field}__isnull": True})
                    | models.Q(**{f"{field}__{operator}": bound}),
                )
                for field, operator, bound, word in [
                    ("start_temperature", "gte", -273.15, "above_zero_kelvin"),
                    ("end_temperature", "gte", -273.15, "above_zero_kelvin"),
                    ("ramp", "gt", 0, "positive"),
                    ("dwell", "gte", 0, "not_negative"),
                    ("gas_flow", "gte", 0, "not_negative"),
                    ("pressure", "gte", 0, "not_negative"),
                ]
            ),
            models.CheckConstraint(
                name="segment_cooling_known",
                condition=models.Q(cooling__in=["", "ramp", "quench"]),
            ),
        ]

    def __str__(self):
        """The step in words, leaving out what is not known."""
        words = [
            f"{_known(self.start_temperature)} → {_known(self.end_temperature)} °C"
        ]
        for value, unit in (
            (self.ramp, "°C/min"),
            (self.dwell, "min"),
            (self.gas_flow, "mL/min"),
            (self.pressure, "Pa"),
        ):
            if value is not None:
                words.append(f"{value:g} {unit}")
        return ", ".join([*words, *filter(None, (self.atmosphere, self.cooling))])


def _known(number):
    return "?" if number is None else f"{number:g}"
