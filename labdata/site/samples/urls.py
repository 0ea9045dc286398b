"""The addresses of the pages of samples, batches, series and materials."""

from django.urls import path

from labdata.site.kit.acts import understood
from labdata.site.samples.views import (
    batches,
    compare,
    edit,
    lists,
    logging,
    materials,
    pieces,
    sample,
    series,
    together,
)

pages = [
    path("samples/", lists.sample_list, name="samples"),
    path("samples/list.csv", lists.sample_csv, name="samples-csv"),
    path("samples/compare/", compare.samples_compare, name="compare"),
    path("samples/change/", together.samples_change, name="samples-change"),
    path("samples/process/", together.samples_process, name="samples-process"),
    path("samples/new/", logging.sample_new, name="sample-new"),
    path("samples/series/", series.series_new, name="series-new"),
    path("samples/series/preview/", series.series_preview, name="series-preview"),
    path("samples/batch/done/", series.batch_done, name="batch-done"),
    path("batches/<uuid:uuid>/", batches.batch, name="batch"),
    path("samples/composition/", understood.composition, name="composition"),
    path("samples/merge/", pieces.samples_merge, name="samples-merge"),
    path("samples/<uuid:uuid>/", sample.sample, name="sample"),
    path("samples/<uuid:uuid>/split/", pieces.sample_split, name="sample-split"),
    path(
        "samples/<uuid:uuid>/measurements/",
        sample.sample_measurements,
        name="sample-measurements",
    ),
    path("samples/<uuid:uuid>/edit/", edit.sample_edit, name="sample-edit"),
    path(
        "samples/<uuid:uuid>/archive/",
        edit.sample_archive,
        name="sample-archive",
    ),
    path("materials/", materials.material_list, name="materials"),
    path("materials/new/", materials.material_new, name="material-new"),
    path("materials/<uuid:uuid>/", materials.material, name="material"),
    path("materials/<uuid:uuid>/edit/", materials.material_edit, name="material-edit"),
    path(
        "materials/<uuid:uuid>/archive/",
        materials.material_archive,
        name="material-archive",
    ),
]
