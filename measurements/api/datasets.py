"""Datasets: what they are, and their arrays in the formats tools read."""

import tempfile
from math import prod

from django.db.models import Prefetch
from django.http import FileResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.response import Response

from labdata.common.api.errors import TooLarge
from labdata.common.api.views import ReadOnlyViewSet
from measurements import services
from measurements.api import selection
from measurements.api.answers import (
    DataAnswer,
    DatasetAnswer,
    PreviewAnswer,
    RegionAnswer,
)
from measurements.api.describe import (
    DATASET_PARTS,
    describe_array,
    describe_datasets,
)
from measurements.api.inputs import RegionInput
from measurements.arrays.exports import WRITERS
from measurements.arrays.preview import downsample
from measurements.arrays.rows import (
    UnpackedTooLarge,
    load_dataset,
    load_preview,
    refuse_huge,
)
from measurements.filtersets import DatasetFilterSet
from measurements.models import Dataset, Region

MOST_JSON_NUMBERS = 1_000_000
IN_MEMORY = 8 * 1024**2
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "hdf5": "application/x-hdf5",
}
ENDINGS = {"csv": "csv", "parquet": "parquet", "hdf5": "nxs"}


class DatasetViewSet(ReadOnlyViewSet):
    """Arrays parsed from files or made by analyses; they never change."""

    queryset = Dataset.objects.without_arrays().select_related(
        *DATASET_PARTS, "measurement__sample", "file__blob"
    )
    serializer_class = DatasetAnswer
    filterset_class = DatasetFilterSet
    ordering_fields = ("created_at", "name", "technique")

    def get_queryset(self):
        queryset = super().get_queryset()
        # A superseded dataset keeps its address; lists leave it out.
        if self.action == "list" and "current" not in self.request.query_params:
            queryset = queryset.current()
        return queryset

    def describe(self, rows):
        return describe_datasets(rows)

    @extend_schema(
        filters=False,
        parameters=[
            OpenApiParameter("format", str, enum=selection.FORMATS),
            OpenApiParameter(
                "max_points", int, description="Fewer points, for drawing."
            ),
            OpenApiParameter(
                "slice",
                str,
                many=True,
                description="axis:index or axis:start:stop, by position; repeatable.",
            ),
            OpenApiParameter("channels", str, description="Names separated by commas."),
        ],
        responses=DataAnswer,
    )
    @action(detail=True, methods=["get"], pagination_class=None)
    def data(self, request, *args, **kwargs):
        """The arrays: exact, or fewer points for drawing if ``max_points`` is given.

        A curve is thinned so that no peak is lost; more dimensions are averaged over
        neighbours.
        """
        row, query = self.get_object(), request.query_params
        wanted = selection.read_format(query)
        max_points = selection.read_max_points(query)
        selected = selection.read_slices(query, row.axes)
        names = [channel["name"] for channel in row.channels]
        channels = selection.read_channels(query, names)
        if wanted == "json":
            _refuse_long(row, max_points, selected, channels or names)
        _refuse_huge(row, channels)
        dataset = load_dataset(row, channels)
        if selected:
            dataset = selection.select(dataset, selected)
        exact = dataset.shape
        if max_points:
            dataset = downsample(dataset, max_points)
        if wanted != "json":
            return _download(row, dataset, wanted)
        return Response(_told(row, dataset, is_downsampled=dataset.shape != exact))

    @extend_schema(filters=False, responses=PreviewAnswer)
    @action(detail=True, methods=["get"], pagination_class=None)
    def preview(self, request, *args, **kwargs):
        """What to draw first: a curve of about 2,000 points, an image, or both."""
        row, told = self.get_object(), {}
        for name, dataset in load_preview(row).items():
            thinned = list(dataset.shape) != row.shape
            told[name] = _told(row, dataset, is_downsampled=thinned)
        return Response(told)

    @extend_schema(methods=["get"], filters=False, responses=RegionAnswer(many=True))
    @extend_schema(methods=["post"], request=RegionInput, responses={201: RegionAnswer})
    @action(detail=True, methods=["get", "post"], pagination_class=None)
    def regions(self, request, *args, **kwargs):
        """Marked points, lines and boxes; each owns the mean over it as a dataset."""
        row = self.get_object()
        if request.method == "GET":
            return Response(_describe_regions(Region.objects.filter(dataset=row)))
        form = RegionInput(data=request.data)
        form.is_valid(raise_exception=True)
        _refuse_huge(row)
        region, _ = services.create_region(
            user=request.user, dataset=row, **form.validated_data
        )
        told = _describe_regions(Region.objects.filter(pk=region.pk))[0]
        return Response(told, status=status.HTTP_201_CREATED)


def _refuse_long(row, max_points, selected, channels):
    points = prod(selection.selected_shape(row.axes, selected))
    numbers = min(points, max_points or points) * len(channels)
    if numbers > MOST_JSON_NUMBERS:
        raise TooLarge(
            f"{numbers:,} numbers are too many for JSON (at most "
            f"{MOST_JSON_NUMBERS:,}). Add max_points=2000 to draw, "
            "slice=axis:index to take a part, or format=parquet, hdf5 or csv."
        )


def _refuse_huge(row, channels=None):
    try:
        refuse_huge(row, channels)
    except UnpackedTooLarge as error:
        raise TooLarge(str(error)) from error


def _told(row, dataset, *, is_downsampled):
    return {
        "id": row.uuid,
        "name": row.name,
        "full_shape": row.shape,
        "is_downsampled": is_downsampled,
        **describe_array(dataset),
    }


def provenance(row):
    """Where a dataset's numbers come from, to travel with every export."""
    measurement = row.measurement
    return {
        "labdata_dataset": str(row.uuid),
        "labdata_measurement": str(measurement.uuid),
        "sample": measurement.sample.code,
        "project": row.project.slug,
        "technique": row.technique,
        "origin": measurement.origin,
        "file": row.file.name if row.file else None,
        "file_sha256": row.file.blob.sha256 if row.file else None,
        "reader": f"{row.reader} {row.reader_version}" if row.reader else None,
        "container_sha256": row.sha256,
    }


def _download(row, dataset, wanted):
    file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - handed on
    WRITERS[wanted](dataset, file, provenance(row))
    size = file.tell() if wanted != "hdf5" else file.seek(0, 2)
    file.seek(0)
    name = f"{row.measurement.sample.code}_{row.technique}_{row.uuid.hex[:8]}"
    response = FileResponse(
        file,
        as_attachment=True,
        filename=f"{name}.{ENDINGS[wanted]}",
        content_type=MEDIA_TYPES[wanted],
    )
    response["Content-Length"] = size
    return response


def _describe_regions(queryset):
    owned = Prefetch("datasets", Dataset.objects.current().without_arrays())
    rows = queryset.select_related("created_by").prefetch_related(owned)
    return [
        {
            "id": row.uuid,
            "kind": row.kind,
            "label": row.label,
            "bounds": row.bounds,
            "datasets": [one.uuid for one in row.datasets.all()],
            "created_at": row.created_at,
            "created_by": row.created_by.get_username() if row.created_by else None,
        }
        for row in rows
    ]
