"""Substances, the names they go by, and the portions a lab holds of them."""

from django.db import models
from simple_history.models import HistoricalRecords

from labdata.common.people.access import Project, visible_project_ids
from labdata.common.record.history import ChangeSetLink
from labdata.common.record.records import Record, RecordQuerySet


class MaterialQuerySet(RecordQuerySet):
    def visible_to(self, user):
        """Shared materials, and those of a person's projects."""
        return self.filter(
            models.Q(project__isnull=True)
            | models.Q(project_id__in=visible_project_ids(user))
        )

    def usable_in(self, project):
        return self.filter(models.Q(project__isnull=True) | models.Q(project=project))


class Material(Record):
    """A substance; without a project it is shared by the whole lab.

    A material of a project keeps its name to that project: unpublished names appear
    in no variable, error or search of another.
    """

    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    name = models.CharField(max_length=200)
    formula = models.CharField(max_length=400, blank=True)
    molar_mass = models.FloatField("molar mass [g/mol]", null=True, blank=True)
    density = models.FloatField("density [g/cm³]", null=True, blank=True)
    cas_number = models.CharField("CAS number", max_length=20, blank=True)
    smiles = models.CharField("SMILES", max_length=1000, blank=True)
    inchi_key = models.CharField("InChIKey", max_length=27, blank=True)
    notes = models.TextField(blank=True)
    history = HistoricalRecords(bases=[ChangeSetLink])

    objects = MaterialQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                name="material_molar_mass_positive",
                condition=models.Q(molar_mass__isnull=True)
                | models.Q(molar_mass__gt=0),
            ),
            models.CheckConstraint(
                name="material_density_positive",
                condition=models.Q(density__isnull=True) | models.Q(density__gt=0),
            ),
        ]

    def __str__(self):
        return self.name


class MaterialName(models.Model):
    """A name by which a material is found; its own name is one of them.

    ``normalised`` is what is compared (subscripts, spaces and underscores folded,
    case kept): one meaning per project, and one among the shared names.
    """

    material = models.ForeignKey(
        Material, on_delete=models.CASCADE, related_name="names"
    )
    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, null=True, related_name="+"
    )
    name = models.CharField(max_length=200)
    normalised = models.CharField(max_length=200, db_index=True)
    history = HistoricalRecords(bases=[ChangeSetLink])

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "normalised"],
                condition=models.Q(project__isnull=False),
                name="material_name_once_per_project",
            ),
            models.UniqueConstraint(
                fields=["normalised"],
                condition=models.Q(project__isnull=True),
                name="material_name_once_shared",
            ),
        ]

    def __str__(self):
        return self.name


class LotQuerySet(RecordQuerySet):
    def visible_to(self, user):
        return self.filter(project_id__in=visible_project_ids(user))


class Lot(Record):
    """A bought or made portion of a material, as its bottle is labelled."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="lots")
    material = models.ForeignKey(
        Material, on_delete=models.PROTECT, related_name="lots"
    )
    code = models.CharField(max_length=60)
    supplier = models.CharField(max_length=200, blank=True)
    purity = models.CharField(max_length=100, blank=True)
    amount = models.CharField(max_length=100, blank=True)
    received_on = models.DateField(null=True, blank=True)
    opened_on = models.DateField(null=True, blank=True)
    notes = models.TextField(blank=True)
    history = HistoricalRecords(bases=[ChangeSetLink])

    objects = LotQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "code"], name="lot_code_once_per_project"
            )
        ]

    def __str__(self):
        return self.code
