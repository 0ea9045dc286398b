"""Importing a table of cells by API: the preview of the page, and the same at once."""

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from analysis import services
from analysis.cell_tables.meanings import AS_MADE, STATES, TARGETS, ColumnUse, guess
from analysis.cell_tables.plan import plan_cells
from analysis.cell_tables.reading import read_cells
from labdata.common.api.forms import InputSerializer, refuse_fields
from labdata.common.api.parsers import JSONParser
from labdata.common.api.views import IdempotentMixin
from labdata.common.people.access import require_write
from labdata.plugin import UnreadableFile
from samples.models import Origin
from samples.services import resolve_project
from samples.services.references import as_uuid

ROWS_SHOWN = 50


class ReferenceInput(InputSerializer):
    doi = serializers.CharField(max_length=200, allow_blank=True, required=False)
    locator = serializers.CharField(max_length=200, allow_blank=True, required=False)


class ColumnInput(InputSerializer):
    column = serializers.CharField(
        allow_blank=True, help_text="Its title, or its number from 1."
    )
    to = serializers.CharField(
        help_text=f"A quantity such as jv.pce, or one of {', '.join(TARGETS)}."
    )
    state = serializers.ChoiceField(list(STATES), default=AS_MADE)
    label = serializers.CharField(max_length=60, allow_blank=True, default="")
    unit = serializers.CharField(max_length=40, allow_blank=True, default="")


class AgeingInput(InputSerializer):
    duration = serializers.CharField(max_length=40, help_text="Such as 150 h.")
    temperature = serializers.CharField(max_length=40, allow_blank=True, required=False)
    humidity = serializers.CharField(max_length=40, allow_blank=True, required=False)
    atmosphere = serializers.CharField(max_length=100, allow_blank=True, required=False)
    load = serializers.CharField(max_length=100, allow_blank=True, required=False)
    light_source = serializers.CharField(
        max_length=100, allow_blank=True, required=False
    )


class CellTableInput(InputSerializer):
    project = serializers.CharField(help_text="Slug or id.")
    table = serializers.CharField(
        trim_whitespace=False,
        help_text="The table as text: a row of titles, and a row for each cell.",
    )
    columns = ColumnInput(
        many=True, required=False, help_text="Guessed from the titles unless given."
    )
    batch = serializers.CharField(max_length=60, allow_blank=True, default="")
    code = serializers.CharField(
        max_length=200,
        allow_blank=True,
        default="",
        help_text="Pattern of codes where no column has them: {batch}-{n:04}.",
    )
    ageing = AgeingInput(required=False, allow_null=True)
    decimal = serializers.ChoiceField([".", ","], required=False, allow_null=True)
    create_materials = serializers.BooleanField(default=False)
    origin = serializers.ChoiceField(
        [Origin.REPORTED, Origin.MANUAL, Origin.SIMULATED], default=Origin.MANUAL
    )
    reference = ReferenceInput(required=False, allow_null=True)
    note = serializers.CharField(max_length=400, allow_blank=True, default="")
    dry_run = serializers.BooleanField(
        default=False, help_text="Answer what would be made, and save nothing."
    )


class CellRowAnswer(serializers.Serializer):
    line = serializers.IntegerField()
    code = serializers.CharField()
    cell = serializers.CharField()
    errors = serializers.DictField()


class CellPlanAnswer(serializers.Serializer):
    sound = serializers.BooleanField()
    devices = serializers.IntegerField()
    cells = serializers.IntegerField()
    values = serializers.IntegerField()
    columns = ColumnInput(many=True)
    notes = serializers.ListField(child=serializers.CharField())
    errors = serializers.DictField()
    rows = CellRowAnswer(many=True)


class CellTableAnswer(serializers.Serializer):
    import_id = serializers.UUIDField(help_text="To archive what came with it.")
    devices = serializers.IntegerField(help_text="New ones.")
    cells = serializers.IntegerField()
    values = serializers.IntegerField()


class ArchivedAnswer(serializers.Serializer):
    archived = serializers.IntegerField()


class CellTableViewSet(IdempotentMixin, GenericViewSet):
    """Many cells from one table in one act: everything of it, or nothing."""

    serializer_class = CellTableAnswer
    parser_classes = (JSONParser,)
    filter_backends = ()
    pagination_class = None
    lookup_value_regex = "[^/]+"

    @extend_schema(
        request=CellTableInput,
        responses={
            200: OpenApiResponse(CellPlanAnswer, description="Of a dry run."),
            201: CellTableAnswer,
        },
    )
    def create(self, request, *args, **kwargs):
        """Make devices and cells of a table's rows, with their values.

        Errors stand under their fields, those of single rows under ``rows`` by line.
        With ``dry_run`` they come with the rows, and nothing is saved.
        """
        form = CellTableInput(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        told = dict(form.validated_data)
        project = resolve_project(request.user, told["project"])
        require_write(request.user, project)
        try:
            table = read_cells(told["table"], decimal=told.get("decimal"))
        except UnreadableFile as error:
            raise ValidationError({"table": [str(error)]}) from error
        uses = _uses(table, told["columns"]) if "columns" in told else guess(table)
        plan = plan_cells(
            project=project,
            table=table,
            uses=uses,
            batch=told["batch"],
            code=told["code"],
            ageing=told.get("ageing"),
            create_materials=told["create_materials"],
        )
        if told["dry_run"]:
            return Response(_describe(plan))
        made = services.import_cells(
            user=request.user,
            project=project,
            plan=plan,
            origin=told["origin"],
            reference=told.get("reference"),
            note=told["note"],
        )
        answer = {
            "import_id": made.act,
            "devices": len(made.samples),
            "cells": len(made.cells),
            "values": made.values,
        }
        return Response(answer, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=ArchivedAnswer)
    @action(detail=True, methods=["post"])
    def archive(self, request, pk=None):
        """Put away the devices that came with an import."""
        refuse_fields(request)
        act = as_uuid(pk)
        count = services.archive_import(user=request.user, act=act) if act else 0
        return Response({"archived": count})


def _uses(table, columns):
    """The columns named by title or number, in the order of the table."""
    titles = [title.text for title in table.titles]
    uses, errors = [], {}
    for place, entry in enumerate(columns):
        name = entry["column"].strip()
        if name in titles:
            index = titles.index(name)
        elif name.isascii() and name.isdigit() and 0 < int(name) <= len(titles):
            index = int(name) - 1
        else:
            known = ", ".join(filter(None, titles[:20]))
            errors[place] = {"column": [f"There is no column {name!r} ({known})."]}
            continue
        more = {key: entry[key] for key in ("to", "state", "label", "unit")}
        uses.append(ColumnUse(index, **more))
    if errors:
        raise ValidationError({"columns": errors})
    return uses


def _describe(plan):
    shown = plan.wrong_rows[:ROWS_SHOWN] or plan.rows[:ROWS_SHOWN]
    return {
        "sound": plan.is_sound,
        "devices": len(plan.devices),
        "cells": len(plan.rows),
        "values": plan.value_count,
        "columns": [
            {
                "column": plan.table.titles[use.column].text or str(use.column + 1),
                "to": use.to,
                "state": use.state,
                "label": use.label,
                "unit": use.unit,
            }
            for use in plan.uses
        ],
        "notes": plan.notes,
        "errors": plan.errors,
        "rows": [
            {"line": r.line, "code": r.code, "cell": r.cell, "errors": r.errors}
            for r in shown
        ],
    }
