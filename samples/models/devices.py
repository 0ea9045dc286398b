"""What a device is built of, layer by layer, and the cells on its substrate."""

from django.db import models
from simple_history.models import HistoricalRecords

from labdata.common.people.access import ProjectScoped, ProjectScopedQuerySet
from labdata.common.record.history import ChangeSetLink
from samples.models.compositions import Composition
from samples.models.materials import Material
from samples.models.samples import Sample


class Architecture(models.TextChoices):
    PIN = "pin", "p-i-n (inverted)"
    NIP = "nip", "n-i-p (regular)"
    OTHER = "other", "Other"


class Stack(models.Model):
    """The layers of one sample, from the substrate up; half stacks have one too."""

    sample = models.OneToOneField(
        Sample, on_delete=models.CASCADE, related_name="stack"
    )
    architecture = models.CharField(max_length=5, choices=Architecture, blank=True)
    substrate_width = models.FloatField("substrate width [mm]", null=True, blank=True)
    substrate_height = models.FloatField("substrate height [mm]", null=True, blank=True)
    history = HistoricalRecords(bases=[ChangeSetLink])

    class Meta:
        constraints = [
            models.CheckConstraint(
                name=f"stack_{field}_positive",
                condition=models.Q(**{f"{field}__isnull": True})
                | models.Q(**{f"{field}__gt": 0}),
            )
            for field in ("substrate_width", "substrate_height")
        ]

    def __str__(self):
        return f"stack of {self.sample}"


class Layer(models.Model):
    """One layer, with how it was deposited and from what solution.

    ``steps`` are those of a coating in order, each with ``speed`` [rpm],
    ``acceleration`` [rpm/s], ``duration`` [s], ``antisolvent``, ``antisolvent_volume``
    [µL] and ``antisolvent_time`` [s]. ``solution`` holds ``solutes`` (name,
    ``concentration``, ``unit``), ``solvents`` (name, ``fraction``) and ``volume`` [µL].
    ``program`` is the annealing, as segments with the keys and units of
    :class:`samples.thermal.Segment`. What is not known is left out.
    """

    class Role(models.TextChoices):
        SUBSTRATE = "substrate", "Substrate"
        ELECTRODE = "electrode", "Transparent electrode"
        HOLE_TRANSPORT = "hole_transport", "Hole transport"
        ABSORBER = "absorber", "Absorber"
        INTERLAYER = "interlayer", "Interlayer"
        PASSIVATION = "passivation", "Passivation"
        ELECTRON_TRANSPORT = "electron_transport", "Electron transport"
        BUFFER = "buffer", "Buffer"
        CONTACT = "contact", "Metal contact"
        ENCAPSULATION = "encapsulation", "Encapsulation"
        OTHER = "other", "Other"

    class Method(models.TextChoices):
        SPIN_COATING = "spin_coating", "Spin coating"
        EVAPORATION = "evaporation", "Evaporation"
        SPUTTERING = "sputtering", "Sputtering"
        ATOMIC_LAYER_DEPOSITION = "atomic_layer_deposition", "Atomic layer deposition"
        BLADE_COATING = "blade_coating", "Blade coating"
        SLOT_DIE_COATING = "slot_die_coating", "Slot-die coating"
        DIP_COATING = "dip_coating", "Dip coating"
        SPRAY_COATING = "spray_coating", "Spray coating"
        SCREEN_PRINTING = "screen_printing", "Screen printing"
        BOUGHT = "bought", "Bought with the substrate"
        OTHER = "other", "Other"

    stack = models.ForeignKey(Stack, on_delete=models.CASCADE, related_name="layers")
    position = models.PositiveSmallIntegerField()
    role = models.CharField(max_length=20, choices=Role)
    material = models.ForeignKey(
        Material, on_delete=models.PROTECT, null=True, related_name="layers"
    )
    composition = models.ForeignKey(
        Composition, on_delete=models.PROTECT, null=True, related_name="layers"
    )
    thickness = models.FloatField("thickness [nm]", null=True)
    thickness_uncertainty = models.FloatField(null=True)
    method = models.CharField(max_length=30, choices=Method, blank=True)
    rate = models.FloatField("deposition rate [Å/s]", null=True)
    steps = models.JSONField(default=list, blank=True)
    solution = models.JSONField(default=dict, blank=True)
    program = models.JSONField(default=list, blank=True)
    notes = models.TextField(blank=True)
    history = HistoricalRecords(bases=[ChangeSetLink])

    class Meta:
        ordering = ["stack", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["stack", "position"], name="layer_position_once"
            ),
            models.CheckConstraint(
                name="layer_is_not_material_and_composition",
                condition=models.Q(material__isnull=True)
                | models.Q(composition__isnull=True),
            ),
            *(
                models.CheckConstraint(
                    name=f"layer_{field}_{word}",
                    condition=models.Q(**{f"{field}__isnull": True})
                    | models.Q(**{f"{field}__{operator}": 0}),
                )
                for field, operator, word in [
                    ("thickness", "gt", "positive"),
                    ("thickness_uncertainty", "gte", "not_negative"),
                    ("rate", "gt", "positive"),
                ]
            ),
        ]

    def __str__(self):
        return self.substance or self.get_role_display()

    @property
    def substance(self):
        """What the layer is of: the material's name or the composition as typed."""
        if self.material_id:
            return self.material.name
        return self.composition.text if self.composition_id else ""


class Cell(models.Model):
    """A pixel of a device: what current-voltage curves are measured on.

    ``x``, ``y`` are the lower left corner on the substrate and ``width``, ``height``
    the extent, in mm. A cell is put away, never deleted, once it was measured.
    """

    sample = models.ForeignKey(Sample, on_delete=models.CASCADE, related_name="cells")
    label = models.CharField(max_length=40)
    position = models.PositiveSmallIntegerField(default=0)
    active_area = models.FloatField("active area [cm²]", null=True, blank=True)
    mask_area = models.FloatField("mask area [cm²]", null=True, blank=True)
    x = models.FloatField("x [mm]", null=True, blank=True)
    y = models.FloatField("y [mm]", null=True, blank=True)
    width = models.FloatField("width [mm]", null=True, blank=True)
    height = models.FloatField("height [mm]", null=True, blank=True)
    notes = models.CharField(max_length=400, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    history = HistoricalRecords(bases=[ChangeSetLink])

    class Meta:
        ordering = ["sample", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["sample", "label"], name="cell_label_once_per_sample"
            ),
            *(
                models.CheckConstraint(
                    name=f"cell_{field}_positive",
                    condition=models.Q(**{f"{field}__isnull": True})
                    | models.Q(**{f"{field}__gt": 0}),
                )
                for field in ("active_area", "mask_area", "width", "height")
            ),
        ]

    def __str__(self):
        return self.label


class SavedStack(ProjectScoped):
    """A stack kept under a name, to start devices from.

    ``layers`` and ``cells`` are lists in the form the API takes them in.
    """

    name = models.CharField(max_length=200)
    architecture = models.CharField(max_length=5, choices=Architecture, blank=True)
    substrate_width = models.FloatField("substrate width [mm]", null=True, blank=True)
    substrate_height = models.FloatField("substrate height [mm]", null=True, blank=True)
    layers = models.JSONField(default=list, blank=True)
    cells = models.JSONField(default=list, blank=True)
    history = HistoricalRecords(bases=[ChangeSetLink])

    objects = ProjectScopedQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "name"], name="saved_stack_name_once_per_project"
            )
        ]

    def __str__(self):
        return self.name
