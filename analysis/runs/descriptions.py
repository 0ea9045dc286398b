"""Runs as a measurement lists them: enough to follow each, and to ask for more."""

from analysis.models import AnalysisRun


def describe_runs(measurement_ids):
    """Map row ids of measurements to their runs, newest first, in two queries."""
    runs = AnalysisRun.objects.filter(measurement_id__in=measurement_ids)
    current = set(runs.current().values_list("pk", flat=True))
    told = {}
    runs = runs.select_related("cell").order_by("-pk")
    for run in runs.defer("environment", "result", "traceback"):
        told.setdefault(run.measurement_id, []).append(
            {
                "id": run.uuid,
                "analysis": run.analysis,
                "label": run.get_analysis_display(),
                "version": run.version,
                "cell": run.cell.label if run.cell_id else None,
                "scope": run.scope,
                "parameters": run.parameters,
                "state": run.state,
                "progress": run.progress,
                "message": run.message,
                "automatic": run.is_automatic,
                "current": run.pk in current,
                "created_at": run.created_at,
                "finished_at": run.finished_at,
            }
        )
    return told
