"""The record for administrators to look at."""

from django.contrib import admin

from labdata.common.admin import ReadOnlyAdmin
from samples.models import (
    Cell,
    ExtraField,
    Layer,
    Lot,
    Material,
    Process,
    Protocol,
    Sample,
    SavedStack,
    Stack,
    Variable,
)


@admin.register(Material)
class MaterialAdmin(ReadOnlyAdmin):
    list_display = ("name", "formula", "project", "archived_at")
    list_select_related = ("project",)
    search_fields = ("names__name", "formula")


@admin.register(Lot)
class LotAdmin(ReadOnlyAdmin):
    list_display = ("code", "material", "project", "supplier")
    list_select_related = ("material", "project")
    search_fields = ("code",)


@admin.register(Sample)
class SampleAdmin(ReadOnlyAdmin):
    list_display = ("code", "kind", "project", "composition", "created_at")
    list_select_related = ("project", "composition")
    list_filter = ("kind",)
    search_fields = ("code", "name", "uuid")


@admin.register(Stack)
class StackAdmin(ReadOnlyAdmin):
    list_display = ("sample", "architecture", "substrate_width", "substrate_height")
    list_select_related = ("sample",)
    list_filter = ("architecture",)
    search_fields = ("sample__code",)


@admin.register(Layer)
class LayerAdmin(ReadOnlyAdmin):
    list_display = ("stack", "position", "role", "substance", "thickness", "method")
    list_select_related = ("stack__sample", "material", "composition")
    list_filter = ("role", "method")
    search_fields = ("stack__sample__code", "material__name")


@admin.register(Cell)
class CellAdmin(ReadOnlyAdmin):
    list_display = ("sample", "label", "active_area", "mask_area", "archived_at")
    list_select_related = ("sample",)
    search_fields = ("sample__code", "label")


@admin.register(SavedStack)
class SavedStackAdmin(ReadOnlyAdmin):
    list_display = ("name", "architecture", "project", "archived_at")
    list_select_related = ("project",)
    search_fields = ("name",)


@admin.register(Process)
class ProcessAdmin(ReadOnlyAdmin):
    list_display = ("kind", "name", "state", "project", "started_at")
    list_select_related = ("project",)
    list_filter = ("kind", "state")
    search_fields = ("name", "uuid")


@admin.register(Protocol)
class ProtocolAdmin(ReadOnlyAdmin):
    list_display = ("name", "kind", "project", "archived_at")
    list_select_related = ("project",)
    list_filter = ("kind",)
    search_fields = ("name",)


@admin.register(ExtraField)
class ExtraFieldAdmin(ReadOnlyAdmin):
    list_display = ("label", "key", "target", "kind", "unit", "project")
    list_select_related = ("project",)


@admin.register(Variable)
class VariableAdmin(ReadOnlyAdmin):
    list_display = ("key", "label", "unit", "kind")
    search_fields = ("key", "label")
