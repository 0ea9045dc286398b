"""Runs, values and decisions for administrators to look at; nobody edits them."""

from django.contrib import admin

from analysis.models import AnalysisRun, Decision, PropertyValue
from labdata.common.admin import ReadOnlyAdmin


@admin.register(AnalysisRun)
class AnalysisRunAdmin(ReadOnlyAdmin):
    list_display = ("uuid", "analysis", "version", "state", "project", "created_at")
    list_filter = ("state", "analysis")
    list_select_related = ("project",)
    search_fields = ("uuid", "measurement__sample__code")
    exclude = ("datasets",)


@admin.register(PropertyValue)
class PropertyValueAdmin(ReadOnlyAdmin):
    list_display = ("quantity", "label", "value", "uncertainty", "origin", "sample")
    list_filter = ("origin", "quantity")
    list_select_related = ("sample",)
    search_fields = ("uuid", "sample__code")


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    list_display = ("verdict", "run", "value", "user", "time", "reason")
    list_filter = ("verdict",)
    list_select_related = ("run__measurement__sample", "value", "user")
