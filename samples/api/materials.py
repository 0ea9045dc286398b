"""Materials, their aliases, and lots."""

from rest_framework import serializers

from labdata.common.api.answers import RecordAnswer, bookkeeping
from labdata.common.api.forms import InputSerializer
from labdata.common.api.views import RecordViewSet
from samples import services
from samples.filtersets import LotFilterSet, MaterialFilterSet
from samples.formula import normalise_name
from samples.models import Lot, Material


class MaterialInput(InputSerializer):
    project = serializers.CharField(
        required=False,
        allow_null=True,
        help_text="Slug or id; none: shared by the whole lab.",
    )
    name = serializers.CharField(max_length=200)
    aliases = serializers.ListField(
        child=serializers.CharField(max_length=200), required=False
    )
    formula = serializers.CharField(max_length=400, allow_blank=True, required=False)
    molar_mass = serializers.FloatField(
        required=False, allow_null=True, help_text="g/mol"
    )
    density = serializers.FloatField(required=False, allow_null=True, help_text="g/cm³")
    cas_number = serializers.CharField(max_length=20, allow_blank=True, required=False)
    smiles = serializers.CharField(max_length=1000, allow_blank=True, required=False)
    inchi_key = serializers.CharField(max_length=27, allow_blank=True, required=False)
    notes = serializers.CharField(allow_blank=True, required=False)


class MaterialAnswer(RecordAnswer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    aliases = serializers.ListField(child=serializers.CharField())
    project = serializers.CharField(allow_null=True)
    formula = serializers.CharField()
    molar_mass = serializers.FloatField(allow_null=True)
    density = serializers.FloatField(allow_null=True)
    cas_number = serializers.CharField()
    smiles = serializers.CharField()
    inchi_key = serializers.CharField()
    notes = serializers.CharField()


class MaterialViewSet(RecordViewSet):
    """Substances, found by id, name or alias."""

    queryset = Material.objects.select_related("project").prefetch_related("names")
    serializer_class = MaterialAnswer
    input_class = MaterialInput
    filterset_class = MaterialFilterSet
    code_field = "names__normalised"
    ordering_fields = ("name", "created_at", "updated_at")

    def lookup(self, queryset, value):
        return super().lookup(queryset, normalise_name(value))

    def describe(self, rows):
        return [
            {
                "id": row.uuid,
                "name": row.name,
                "aliases": [n.name for n in row.names.all() if n.name != row.name],
                "project": row.project.slug if row.project else None,
                "formula": row.formula,
                "molar_mass": row.molar_mass,
                "density": row.density,
                "cas_number": row.cas_number,
                "smiles": row.smiles,
                "inchi_key": row.inchi_key,
                "notes": row.notes,
                **bookkeeping(row),
            }
            for row in rows
        ]

    def perform_create(self, values):
        user, slug = self.request.user, values.pop("project", None)
        project = services.resolve_project(user, slug) if slug else None
        row = services.create_material(user=user, project=project, **values)
        return self.get_queryset().get(pk=row.pk)

    def perform_update(self, row, values):
        services.update_material(user=self.request.user, material=row, **values)
        return self.get_queryset().get(pk=row.pk)

    def perform_archive(self, row, archived):
        return services.archive_material(
            user=self.request.user, material=row, archived=archived
        )


class LotInput(InputSerializer):
    project = serializers.CharField()
    material = serializers.CharField(help_text="Name, alias or id.")
    code = serializers.CharField(max_length=60)
    supplier = serializers.CharField(max_length=200, allow_blank=True, required=False)
    purity = serializers.CharField(max_length=100, allow_blank=True, required=False)
    amount = serializers.CharField(max_length=100, allow_blank=True, required=False)
    received_on = serializers.DateField(required=False, allow_null=True)
    opened_on = serializers.DateField(required=False, allow_null=True)
    notes = serializers.CharField(allow_blank=True, required=False)


class LotAnswer(RecordAnswer):
    id = serializers.UUIDField()
    code = serializers.CharField()
    project = serializers.CharField()
    material = serializers.CharField()
    supplier = serializers.CharField()
    purity = serializers.CharField()
    amount = serializers.CharField()
    received_on = serializers.DateField(allow_null=True)
    opened_on = serializers.DateField(allow_null=True)
    notes = serializers.CharField()


class LotViewSet(RecordViewSet):
    """Bought or made portions of materials."""

    queryset = Lot.objects.select_related("project", "material")
    serializer_class = LotAnswer
    input_class = LotInput
    filterset_class = LotFilterSet
    code_field = "code"
    ordering_fields = ("code", "created_at")

    def describe(self, rows):
        return [
            {
                "id": row.uuid,
                "code": row.code,
                "project": row.project.slug,
                "material": row.material.name,
                "supplier": row.supplier,
                "purity": row.purity,
                "amount": row.amount,
                "received_on": row.received_on,
                "opened_on": row.opened_on,
                "notes": row.notes,
                **bookkeeping(row),
            }
            for row in rows
        ]

    def perform_create(self, values):
        user = self.request.user
        project = services.resolve_project(user, values.pop("project"))
        material = services.resolve_material(project, values.pop("material"))
        return services.create_lot(
            user=user, project=project, material=material, **values
        )

    def perform_update(self, row, values):
        for fixed in ("project", "material"):
            if fixed in values:
                raise serializers.ValidationError({fixed: ["This cannot change."]})
        return services.update_lot(user=self.request.user, lot=row, **values)

    def perform_archive(self, row, archived):
        return services.set_archived(
            user=self.request.user, record=row, archived=archived
        )
