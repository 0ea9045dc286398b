"""For administrators: projects and their members, and the record of who did what.

Records are edited through the services alone, which keep facts and history true; the
administration shows them and changes none.
"""

from django.contrib import admin
from simple_history.admin import SimpleHistoryAdmin

from labdata.common.models import ChangeSet, Membership, Project
from labdata.common.record.edits import hold, save_edit


class ReadOnlyAdmin(admin.ModelAdmin):
    """Shows rows and changes none."""

    show_full_result_count = False

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class RecordAdmin(SimpleHistoryAdmin):
    """Edits records nothing is derived from; none is deleted."""

    def get_object(self, request, *args, **kwargs):
        row = super().get_object(request, *args, **kwargs)
        if row is not None and request.method == "POST":
            hold(row)
        return row

    def save_model(self, request, row, form, change):
        row.created_by = row.created_by or request.user
        if change:
            save_edit(row)
        else:
            super().save_model(request, row, form, change)

    def has_delete_permission(self, request, obj=None):
        return False


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 0
    autocomplete_fields = ("user",)


@admin.register(Project)
class ProjectAdmin(RecordAdmin):
    """Who works together: the one place an administrator can let people in."""

    list_display = ("slug", "name", "created_by", "created_at", "archived_at")
    list_select_related = ("created_by",)
    search_fields = ("slug", "name")
    inlines = (MembershipInline,)


@admin.register(ChangeSet)
class ChangeSetAdmin(ReadOnlyAdmin):
    list_display = ("time", "user", "request", "reason")
    list_select_related = ("user",)
    search_fields = ("request", "reason", "user__username")
    date_hierarchy = "time"
