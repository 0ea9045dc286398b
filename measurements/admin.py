"""Measurements for administrators: what was measured may be looked at, not edited.

Edits go through the services, which keep facts and history; the admin only shows,
and looks after the instruments the lab shares.
"""

from django.contrib import admin

from labdata.common.admin import ReadOnlyAdmin, RecordAdmin
from measurements.models import (
    Blob,
    Dataset,
    File,
    Instrument,
    Intake,
    IntakeFile,
    Measurement,
    Parsing,
    Region,
    Thumbnail,
)


@admin.register(Instrument)
class InstrumentAdmin(RecordAdmin):
    list_display = ("name", "project", "manufacturer", "model", "archived_at")
    list_select_related = ("project",)
    search_fields = ("name", "serial_number")


@admin.register(Measurement)
class MeasurementAdmin(ReadOnlyAdmin):
    list_display = ("sample", "technique", "project", "state", "created_at")
    list_select_related = ("sample", "project", "parsing")
    list_filter = ("technique",)
    search_fields = ("sample__code", "uuid")


@admin.register(Parsing)
class ParsingAdmin(ReadOnlyAdmin):
    list_display = ("measurement", "state", "reader", "attempt", "finished_at")
    list_select_related = ("measurement__sample",)
    list_filter = ("state",)


@admin.register(File)
class FileAdmin(ReadOnlyAdmin):
    list_display = ("name", "project", "blob", "created_at")
    list_select_related = ("project", "blob")
    search_fields = ("name",)


@admin.register(Blob)
class BlobAdmin(ReadOnlyAdmin):
    list_display = ("sha256", "size", "created_at")
    search_fields = ("sha256",)


@admin.register(Dataset)
class DatasetAdmin(ReadOnlyAdmin):
    list_display = ("name", "technique", "project", "reader", "size", "superseded_at")
    list_select_related = ("project",)
    list_filter = ("technique", "is_result")
    exclude = ("container", "preview")

    def get_queryset(self, request):
        return super().get_queryset(request).without_arrays()


@admin.register(Region)
class RegionAdmin(ReadOnlyAdmin):
    list_display = ("label", "kind", "dataset")
    list_select_related = ("dataset",)


@admin.register(Intake)
class IntakeAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "created_by", "project", "finished_at")
    list_select_related = ("created_by", "project")


@admin.register(IntakeFile)
class IntakeFileAdmin(ReadOnlyAdmin):
    list_display = ("name", "sample", "technique", "is_left_out")
    list_select_related = ("sample",)
    search_fields = ("name",)


@admin.register(Thumbnail)
class ThumbnailAdmin(ReadOnlyAdmin):
    list_display = ("blob", "side", "created_at")
    list_select_related = ("blob",)
    exclude = ("data",)
