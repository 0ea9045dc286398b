"""What a sample consists of, on a stated basis."""

from django.conf import settings
from django.db import models

from labdata.common.people.access import Project
from samples.models.materials import Material


class Basis(models.TextChoices):
    WEIGHT = "wt", "by weight"
    MOLE = "mol", "by amount of substance"
    VOLUME = "vol", "by volume"


class Composition(models.Model):
    """Components with amounts on a basis, or the formula of a single compound.

    Never edited: a sample whose composition changes gets a new one, so that its
    history shows both. ``text`` is what was typed, ``formula`` the canonical formula
    where the text was a compound and not a blend of materials.
    """

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    basis = models.CharField(max_length=3, choices=Basis)
    text = models.CharField(max_length=400)
    formula = models.CharField(max_length=400, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="composition_basis_known",
                condition=models.Q(basis__in=Basis.values),
            )
        ]

    def __str__(self):
        return self.text


class Component(models.Model):
    """One material of a composition; its amount may be unknown."""

    composition = models.ForeignKey(
        Composition, on_delete=models.CASCADE, related_name="components"
    )
    position = models.PositiveSmallIntegerField()
    material = models.ForeignKey(
        Material, on_delete=models.PROTECT, related_name="components"
    )
    amount = models.FloatField("fraction", null=True)

    class Meta:
        ordering = ["composition", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["composition", "position"], name="component_position_once"
            ),
            models.UniqueConstraint(
                fields=["composition", "material"], name="component_material_once"
            ),
            models.CheckConstraint(
                name="component_amount_is_fraction",
                condition=models.Q(amount__isnull=True)
                | models.Q(amount__gte=0, amount__lte=1),
            ),
        ]

    def __str__(self):
        return f"{self.material} {self.amount}"
