"""The record for administrators to look at."""

from django.contrib import admin

from labdata.common.admin import ReadOnlyAdmin
from samples.models import (
    ExtraField,
    Lot,
    Material,
    Process,
    Protocol,
    Sample,
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
