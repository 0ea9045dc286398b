"""The addresses of the pages of measurements and their files."""

from django.urls import path

from labdata.site.measurements.views import (
    curves,
    edit,
    intakes,
    measurements,
    photos,
    techniques,
    together,
)

pages = [
    path("measurements/", measurements.measurement_list, name="measurements"),
    path("measurements/new/", measurements.measurement_new, name="measurement-new"),
    path(
        "measurements/change/",
        together.measurements_change,
        name="measurements-change",
    ),
    path(
        "measurements/act/",
        together.measurements_act,
        name="measurements-act",
    ),
    path(
        "measurements/<uuid:uuid>/edit/",
        edit.measurement_edit,
        name="measurement-edit",
    ),
    path(
        "measurements/technique/",
        measurements.technique_part,
        name="measurement-technique",
    ),
    path("samples/<uuid:uuid>/files/", photos.sample_files, name="sample-files"),
    path("processes/<uuid:uuid>/files/", photos.process_files, name="process-files"),
    path("files/<uuid:uuid>/", photos.file_page, name="file"),
    path("files/<uuid:uuid>/describe/", photos.file_describe, name="file-describe"),
    path("files/<uuid:uuid>/thumbnail/", photos.file_thumbnail, name="file-thumbnail"),
    path("measurements/drop/", intakes.intake_new, name="intake-new"),
    path("measurements/drop/<uuid:uuid>/", intakes.intake, name="intake"),
    path("measurements/drop/<uuid:uuid>/files/", intakes.intake_add, name="intake-add"),
    path(
        "measurements/drop/<uuid:uuid>/files/<uuid:file>/",
        intakes.intake_row,
        name="intake-row",
    ),
    path(
        "measurements/drop/<uuid:uuid>/describe/",
        intakes.intake_describe,
        name="intake-describe",
    ),
    path(
        "measurements/drop/<uuid:uuid>/upload/",
        intakes.intake_submit,
        name="intake-submit",
    ),
    path(
        "measurements/drop/<uuid:uuid>/progress/",
        intakes.intake_progress,
        name="intake-progress",
    ),
    path(
        "measurements/drop/<uuid:uuid>/accept/",
        intakes.intake_accept,
        name="intake-accept",
    ),
    path(
        "measurements/drop/<uuid:uuid>/away/", intakes.intake_away, name="intake-away"
    ),
    path(
        "measurements/drop/<uuid:uuid>/codes/",
        intakes.intake_codes,
        name="intake-codes",
    ),
    path("measurements/<uuid:uuid>/", measurements.measurement, name="measurement"),
    path(
        "measurements/<uuid:uuid>/curves/",
        curves.measurement_curves,
        name="measurement-curves",
    ),
    path("samples/<uuid:uuid>/curves/", curves.device_curves, name="device-curves"),
    path("runs/<uuid:uuid>/curves/", curves.run_curves, name="run-curves"),
    path(
        "measurements/<uuid:uuid>/state/",
        measurements.measurement_state,
        name="measurement-state",
    ),
    path(
        "measurements/<uuid:uuid>/reader/",
        measurements.measurement_reader,
        name="measurement-reader",
    ),
    path(
        "measurements/<uuid:uuid>/archive/",
        measurements.measurement_archive,
        name="measurement-archive",
    ),
    path("measurements/<uuid:uuid>/runs/", measurements.run_new, name="run-new"),
    path("techniques/", techniques.technique_list, name="techniques"),
    path(
        "readers/<slug:key>/example/", techniques.reader_example, name="reader-example"
    ),
    path("techniques/<slug:key>/", techniques.technique, name="technique"),
    path(
        "techniques/<slug:key>/example/",
        techniques.technique_example,
        name="technique-example",
    ),
    path(
        "techniques/<slug:key>/<slug:analysis>/example/",
        techniques.analysis_example,
        name="analysis-example",
    ),
    path(
        "techniques/<slug:key>/<slug:analysis>/curves/",
        techniques.analysis_curves,
        name="analysis-curves",
    ),
]
