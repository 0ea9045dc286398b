"""Samples and batches."""

from django.db.models import Count
from rest_framework import serializers

from labdata.common.api.answers import RecordAnswer, bookkeeping
from labdata.common.api.forms import AnyField, InputSerializer
from labdata.common.api.views import ReadOnlyViewSet, RecordViewSet
from samples import services
from samples.api.series import SeriesMixin
from samples.filtersets import BatchFilterSet, SampleFilterSet
from samples.models import Ancestry, Batch, Component, Composition, Sample
from samples.producers.compositions import effective_compositions


class SampleInput(InputSerializer):
    project = serializers.CharField(help_text="Slug or id.")
    code = serializers.CharField(max_length=60)
    kind = serializers.ChoiceField(Sample.Kind.choices)
    name = serializers.CharField(max_length=200, allow_blank=True, required=False)
    composition = AnyField(
        required=False,
        allow_null=True,
        help_text='Text such as "(CsPbI3)0.25(agZIF-62)0.75", or '
        "{basis, components: [{material, amount}]}.",
    )
    create_materials = serializers.BooleanField(
        required=False, help_text="Add materials the composition names and none has."
    )
    batch = serializers.CharField(
        max_length=60, allow_blank=True, allow_null=True, required=False
    )
    control = serializers.CharField(
        allow_blank=True, allow_null=True, required=False, help_text="Code or id."
    )
    owner = serializers.CharField(
        allow_blank=True, allow_null=True, required=False, help_text="User name."
    )
    location = serializers.CharField(max_length=200, allow_blank=True, required=False)
    notes = serializers.CharField(allow_blank=True, required=False)
    tags = serializers.ListField(
        child=serializers.CharField(max_length=60), required=False
    )
    extra = serializers.DictField(required=False)


class ComponentAnswer(serializers.Serializer):
    material = serializers.CharField()
    material_id = serializers.UUIDField()
    amount = serializers.FloatField(allow_null=True)


class CompositionAnswer(serializers.Serializer):
    text = serializers.CharField()
    basis = serializers.CharField()
    formula = serializers.CharField(allow_null=True)
    components = ComponentAnswer(many=True)


class SampleAnswer(RecordAnswer):
    id = serializers.UUIDField()
    code = serializers.CharField()
    project = serializers.CharField()
    kind = serializers.CharField()
    name = serializers.CharField()
    composition = CompositionAnswer(allow_null=True)
    inherited_composition = CompositionAnswer(allow_null=True)
    batch = serializers.CharField(allow_null=True)
    control = serializers.CharField(allow_null=True)
    owner = serializers.CharField(allow_null=True)
    location = serializers.CharField()
    notes = serializers.CharField()
    tags = serializers.ListField(child=serializers.CharField())
    extra = serializers.DictField()
    parents = serializers.ListField(child=serializers.CharField())
    children = serializers.ListField(child=serializers.CharField())


def describe_compositions(composition_ids):
    """Compositions as the API tells them, by row id, in two queries."""
    told = {
        row["pk"]: {
            "text": row["text"],
            "basis": row["basis"],
            "formula": row["formula"] or None,
            "components": [],
        }
        for row in Composition.objects.filter(pk__in=composition_ids).values(
            "pk", "text", "basis", "formula"
        )
    }
    rows = Component.objects.filter(composition_id__in=told).values_list(
        "composition_id", "material__name", "material__uuid", "amount"
    )
    for composition_id, name, material_id, amount in rows.order_by(
        "composition_id", "position"
    ):
        told[composition_id]["components"].append(
            {"material": name, "material_id": material_id, "amount": amount}
        )
    return told


class SampleViewSet(SeriesMixin, RecordViewSet):
    """What was made: log samples, look them up by id or code, filter and page."""

    queryset = Sample.objects.select_related("project", "batch", "control", "owner")
    serializer_class = SampleAnswer
    input_class = SampleInput
    filterset_class = SampleFilterSet
    code_field = "code"
    ordering_fields = ("code", "kind", "created_at", "updated_at")

    def describe(self, rows):
        ids = [row.pk for row in rows]
        inherited = effective_compositions(
            [row.pk for row in rows if row.composition_id is None]
        )
        compositions = describe_compositions(
            {row.composition_id for row in rows} | set(inherited.values())
        )
        tags = _tags(ids)
        parents, children = _neighbours(ids, self.request.user)
        return [
            {
                "id": row.uuid,
                "code": row.code,
                "project": row.project.slug,
                "kind": row.kind,
                "name": row.name,
                "composition": compositions.get(row.composition_id),
                "inherited_composition": compositions.get(inherited.get(row.pk)),
                "batch": row.batch.code if row.batch else None,
                "control": row.control.code if row.control else None,
                "owner": row.owner.get_username() if row.owner else None,
                "location": row.location,
                "notes": row.notes,
                "tags": tags.get(row.pk, []),
                "extra": row.extra,
                "parents": parents.get(row.pk, []),
                "children": children.get(row.pk, []),
                **bookkeeping(row),
            }
            for row in rows
        ]

    def perform_create(self, values):
        user = self.request.user
        project = services.resolve_project(user, values.pop("project"))
        return services.create_sample(user=user, project=project, **values)

    def perform_update(self, row, values):
        return services.update_sample(user=self.request.user, sample=row, **values)

    def perform_archive(self, row, archived):
        return services.set_archived(
            user=self.request.user, record=row, archived=archived
        )

    def perform_destroy(self, row):
        services.delete_sample(user=self.request.user, sample=row)


def _tags(sample_ids):
    tags = {}
    for sample_id, name in (
        Sample.tags.through.objects.filter(sample_id__in=sample_ids)
        .order_by("tag__name")
        .values_list("sample_id", "tag__name")
    ):
        tags.setdefault(sample_id, []).append(name)
    return tags


def _neighbours(sample_ids, user):
    """Codes one step up and down the lineage; what one may not see is "hidden"."""
    visible = Sample.objects.visible_to(user)
    parents, children = {}, {}
    up = Ancestry.objects.filter(descendant_id__in=sample_ids, depth=1)
    down = Ancestry.objects.filter(ancestor_id__in=sample_ids, depth=1)
    links = list(up.values_list("descendant_id", "ancestor_id"))
    drops = list(down.values_list("ancestor_id", "descendant_id"))
    codes = dict(
        visible.filter(pk__in={pk for _, pk in links + drops}).values_list("pk", "code")
    )
    for told, pairs in ((parents, links), (children, drops)):
        for sample_id, other in pairs:
            told.setdefault(sample_id, []).append(codes.get(other, "hidden"))
    return (
        {pk: sorted(codes) for pk, codes in parents.items()},
        {pk: sorted(codes) for pk, codes in children.items()},
    )


class BatchAnswer(serializers.Serializer):
    id = serializers.UUIDField()
    code = serializers.CharField()
    project = serializers.CharField()
    notes = serializers.CharField()
    samples = serializers.IntegerField()
    created_at = serializers.DateTimeField()


class BatchViewSet(ReadOnlyViewSet):
    """Samples made together; a batch begins when a sample first names it."""

    queryset = (
        Batch.objects.select_related("project")
        .annotate(sample_count=Count("samples"))
        .order_by("code", "pk")
    )
    serializer_class = BatchAnswer
    filterset_class = BatchFilterSet
    code_field = "code"
    ordering_fields = ("code", "created_at")

    def describe(self, rows):
        return [
            {
                "id": row.uuid,
                "code": row.code,
                "project": row.project.slug,
                "notes": row.notes,
                "samples": row.sample_count,
                "created_at": row.created_at,
            }
            for row in rows
        ]
