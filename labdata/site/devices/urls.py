"""The addresses of the pages of devices and tables of cells."""

from django.urls import path

from labdata.site.devices.views import cell_tables, lists, plan, stacks

pages = [
    path("devices/", lists.device_list, name="devices"),
    path("devices/new/", stacks.device_new, name="device-new"),
    path("devices/preview/", stacks.device_preview, name="device-preview"),
    path("devices/cells/", stacks.device_cells, name="device-cells"),
    path("devices/starts/", stacks.device_starts, name="device-starts"),
    path("devices/substances/", stacks.device_substances, name="device-substances"),
    path("devices/plan/", plan.device_plan, name="device-plan"),
    path(
        "devices/plan/preview/",
        plan.device_plan_preview,
        name="device-plan-preview",
    ),
    path("devices/<uuid:uuid>/stack/", stacks.device_stack, name="device-stack"),
    path("cells/import/", cell_tables.cell_table, name="cell-table"),
    path("cells/import/undo/", cell_tables.cell_table_undo, name="cell-table-undo"),
]
