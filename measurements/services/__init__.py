"""Writing measurements: files kept, conditions checked, readings asked for."""

from measurements.services.files import (
    KeptFile,
    attach_files,
    keep_upload,
    update_file,
)
from measurements.services.instruments import (
    create_instrument,
    resolve_instrument,
    update_instrument,
)
from measurements.services.intakes import (
    add_intake_file,
    describe_intake_files,
    put_intake_away,
    start_intake,
    submit_intake,
)
from measurements.services.measurements import (
    create_measurement,
    set_archived,
    update_measurement,
)
from measurements.services.readings import answer_question, reparse
from measurements.services.regions import create_region

__all__ = [
    "KeptFile",
    "add_intake_file",
    "answer_question",
    "attach_files",
    "create_instrument",
    "create_measurement",
    "create_region",
    "describe_intake_files",
    "keep_upload",
    "put_intake_away",
    "reparse",
    "resolve_instrument",
    "set_archived",
    "start_intake",
    "submit_intake",
    "update_file",
    "update_instrument",
    "update_measurement",
]
