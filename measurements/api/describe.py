"""Measurements, files and datasets as the API tells them, a set at a time."""

from django.db.models import F

from measurements.models import Dataset, File
from measurements.reading.conditions import PERSON
from measurements.run_descriptions import describe_runs
from samples.services import print_time

FILE_PARTS = ("project", "blob", "measurement", "sample", "process", "created_by")
DATASET_PARTS = ("project", "measurement", "file", "region", "cell")

MOST_TWINS = 10


def describe_measurements(rows):
    ids = [row.pk for row in rows]
    files, datasets, runs, twins = (
        _grouped(
            File.objects.filter(measurement_id__in=ids).select_related(*FILE_PARTS)
        ),
        _grouped(
            Dataset.objects.current()
            .without_arrays()
            .filter(measurement_id__in=ids, is_result=False)
            .select_related(*DATASET_PARTS)
        ),
        describe_runs(ids),
        _twins(ids),
    )
    return [
        {
            **_describe_measurement(row),
            "files": describe_files(files.get(row.pk, [])),
            "datasets": describe_datasets(datasets.get(row.pk, [])),
            "runs": runs.get(row.pk, []),
            "duplicate_of": twins.get(row.pk, []),
        }
        for row in rows
    ]


def _grouped(queryset):
    grouped = {}
    for row in queryset.order_by("pk"):
        grouped.setdefault(row.measurement_id, []).append(row)
    return grouped


def _twins(ids):
    """The first earlier measurements of a sample and technique with an equal file."""
    pairs = (
        File.objects.filter(
            measurement_id__in=ids,
            blob__files__measurement__sample=F("measurement__sample"),
            blob__files__measurement__technique=F("measurement__technique"),
            blob__files__measurement__archived_at__isnull=True,
            blob__files__measurement__lt=F("measurement"),
        )
        .order_by("blob__files__measurement")
        .values_list("measurement_id", "blob__files__measurement__uuid")
        .distinct()
    )
    twins = {}
    for pk, twin in pairs:
        found = twins.setdefault(pk, [])
        if len(found) < MOST_TWINS:
            found.append(twin)
    return twins


def _describe_measurement(row):
    parsing, sources = row.parsing, row.sources
    return {
        "id": row.uuid,
        "project": row.project.slug,
        "sample": row.sample.code,
        "sample_id": row.sample.uuid,
        "cell": row.subject.cell.label if row.subject.cell_id else None,
        "technique": row.technique,
        "state": row.state,
        "message": row.message,
        "progress": parsing.progress if parsing else {},
        "reader": (parsing.reader or None) if parsing else None,
        "reader_version": (parsing.reader_version or None) if parsing else None,
        "reader_asked": row.reader or None,
        "reason": parsing.reason if parsing else "",
        "reader_notes": parsing.notes if parsing else [],
        "candidates": parsing.candidates if parsing else [],
        "conditions": row.conditions,
        "condition_sources": {
            key: sources[key] for key in row.conditions if key in sources
        },
        "measured_at": print_time(
            row.measured_at, row.measured_precision, row.measured_zone
        ),
        "measured_precision": row.measured_precision or None,
        "measured_zone": row.measured_zone or None,
        "measured_source": sources.get("measured_at"),
        "sample_state": {
            "relation": row.subject.get_relation_display(),
            "process": row.subject.process.uuid if row.subject.process_id else None,
            "source": PERSON if sources.get("state") == PERSON else "assumed",
        },
        "instrument": (
            {"id": row.instrument.uuid, "name": row.instrument.name}
            if row.instrument
            else None
        ),
        "operator": row.operator,
        "origin": row.origin,
        "analyse": row.analyse,
        "notes": row.notes,
        "extra": row.extra,
        "version": row.version,
        "created_at": row.created_at,
        "created_by": row.created_by.get_username() if row.created_by else None,
        "updated_at": row.updated_at,
        "archived_at": row.archived_at,
    }


def describe_files(rows):
    return [
        {
            "id": row.uuid,
            "name": row.name,
            "project": row.project.slug,
            "size": row.blob.size,
            "sha256": row.blob.sha256,
            "media_type": row.media_type,
            "description": row.description,
            "measurement": row.measurement.uuid if row.measurement else None,
            "sample": row.sample.code if row.sample else None,
            "process": row.process.uuid if row.process else None,
            "download": f"/api/v1/files/{row.uuid}/download/",
            "version": row.version,
            "created_at": row.created_at,
            "created_by": row.created_by.get_username() if row.created_by else None,
            "archived_at": row.archived_at,
        }
        for row in rows
    ]


def describe_datasets(rows):
    return [
        {
            "id": row.uuid,
            "name": row.name,
            "project": row.project.slug,
            "measurement": row.measurement.uuid,
            "cell": row.cell.label if row.cell_id else None,
            "technique": row.technique,
            "file": row.file.uuid if row.file else None,
            "region": row.region.uuid if row.region else None,
            "reader": row.reader or None,
            "reader_version": row.reader_version or None,
            "is_result": row.is_result,
            "shape": row.shape,
            "axes": row.axes,
            "channels": row.channels,
            "coordinates": row.coordinates,
            "metadata": row.metadata,
            "sha256": row.sha256,
            "size": row.size,
            "created_at": row.created_at,
            "superseded_at": row.superseded_at,
            "data": f"/api/v1/datasets/{row.uuid}/data/",
        }
        for row in rows
    ]


def describe_array(dataset):
    """Axes, channels and coordinates of a pure dataset as plain JSON values."""
    return {
        "shape": list(dataset.shape),
        "axes": [
            {
                "name": one.name,
                "unit": one.unit,
                "label": one.label,
                "kind": one.kind,
                "values": one.values.tolist(),
            }
            for one in dataset.axes
        ],
        "channels": [
            {
                "name": one.name,
                "unit": one.unit,
                "label": one.label,
                "values": one.values.tolist(),
            }
            for one in dataset.channels
        ],
        "coordinates": [
            {
                "name": one.name,
                "unit": one.unit,
                "axis": one.axis,
                "values": one.values.tolist(),
            }
            for one in dataset.coordinates
        ],
        "metadata": dataset.metadata,
    }
