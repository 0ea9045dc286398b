"""Writing what things mean: runs, typed values, and what people decide about them."""

from analysis.services.cell_imports import archive_import, import_cells
from analysis.services.comparison import compare_runs
from analysis.services.decisions import decide, decide_many, undo_decisions
from analysis.services.run_requests import (
    cancel_run,
    request_default_runs,
    request_run,
    request_runs,
    rerun,
    rerun_many,
)
from analysis.services.typed_values import record_value, understand_value
from analysis.stability.ageing_series import create_ageing_series

__all__ = [
    "archive_import",
    "cancel_run",
    "compare_runs",
    "create_ageing_series",
    "decide",
    "decide_many",
    "import_cells",
    "record_value",
    "request_default_runs",
    "request_run",
    "request_runs",
    "rerun",
    "rerun_many",
    "understand_value",
    "undo_decisions",
]
