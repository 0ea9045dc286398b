"""Writing measurements: files kept, conditions checked, readings asked for."""

from measurements.services.appending import append_to_track, set_test_state
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
from measurements.services.many import (
    archive_measurements,
    change_measurements,
    read_measurements_again,
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
    "append_to_track",
    "archive_measurements",
    "attach_files",
    "change_measurements",
    "create_instrument",
    "create_measurement",
    "create_region",
    "describe_intake_files",
    "keep_upload",
    "put_intake_away",
    "read_measurements_again",
    "reparse",
    "resolve_instrument",
    "set_archived",
    "set_test_state",
    "start_intake",
    "submit_intake",
    "update_file",
    "update_instrument",
    "update_measurement",
]
