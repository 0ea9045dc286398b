"""Files as they were uploaded, byte for byte."""

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from labdata.common.api.views import RecordViewSet
from measurements import services
from measurements.api.answers import FileAnswer
from measurements.api.describe import FILE_PARTS, describe_files
from measurements.api.inputs import FileEdit, FileInput
from measurements.filtersets import FileFilterSet
from measurements.models import File
from measurements.store.raw import get_store
from samples.models import Process
from samples.services import resolve_sample

# What a browser may be told a download is: nothing that it would run or render.
PLAIN_TYPES = frozenset(
    {"text/plain", "text/csv", "application/json", "image/png", "image/jpeg"}
)


def file_response(file):
    """Stream a file's bytes as a download, whatever kind of content they claim."""
    kind = file.media_type if file.media_type in PLAIN_TYPES else ""
    response = StreamingHttpResponse(
        _pieces(file.blob.sha256),
        content_type=kind or "application/octet-stream",
    )
    response["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename=file.name
    )
    response["Content-Length"] = get_store().size(file.blob.sha256)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private"
    return response


def _pieces(sha256):
    # Opened when the first piece is asked for: an answer nobody reads opens nothing.
    yield from get_store().stream(sha256)


class FileViewSet(RecordViewSet):
    """Files of measurements, samples and processes; their bytes never change."""

    queryset = File.objects.select_related(*FILE_PARTS)
    serializer_class = FileAnswer
    input_class = FileEdit
    filterset_class = FileFilterSet
    takes_lists = False
    archivable = False
    ordering_fields = ("name", "created_at")

    def describe(self, rows):
        return describe_files(rows)

    @extend_schema(
        request={"multipart/form-data": FileInput},
        responses={201: FileAnswer(many=True)},
    )
    def create(self, request, *args, **kwargs):
        """Attach files to a sample or a process, unread."""
        if isinstance(request.data, list):
            raise ValidationError(
                {"non_field_errors": ["Send the files of one record in one form."]}
            )
        form = FileInput(data=request.data)
        form.is_valid(raise_exception=True)
        values = dict(form.validated_data)
        sample = process = None
        if code := values.pop("sample", None):
            sample = resolve_sample(request.user, code)
        if public_id := values.pop("process", None):
            process = self._process(public_id)
        rows = services.attach_files(
            user=request.user,
            files=values.pop("file"),
            sample=sample,
            process=process,
            **values,
        )
        return Response(self.describe(rows), status=status.HTTP_201_CREATED)

    def _process(self, public_id):
        process = (
            Process.objects.visible_to(self.request.user).filter(uuid=public_id).first()
        )
        if process is None:
            raise ValidationError({"process": [f"There is no process {public_id}."]})
        return process

    def perform_update(self, row, values):
        return services.update_file(user=self.request.user, file=row, **values)

    @extend_schema(
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
        filters=False,
    )
    @action(detail=True, methods=["get"], pagination_class=None)
    def download(self, request, *args, **kwargs):
        """The bytes as they were uploaded."""
        return file_response(self.get_object())
