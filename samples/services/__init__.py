"""Writing the record: every change of samples, processes and materials is here."""

from samples.services.compositions import create_composition
from samples.services.device_plan import plan_devices
from samples.services.devices import (
    change_saved_stack,
    create_device,
    create_planned,
    describe_saved_stack,
    describe_stack,
    describe_stacks,
    save_stack,
    set_stack,
)
from samples.services.fields import create_extra_field, update_extra_field
from samples.services.making import log_sample, split_sample
from samples.services.many import change_samples
from samples.services.materials import (
    archive_material,
    create_lot,
    create_material,
    update_lot,
    update_material,
)
from samples.services.processes import (
    create_process,
    mark_done,
    take_back_done,
    update_process,
)
from samples.services.protocols import create_protocol, update_protocol
from samples.services.references import (
    resolve_batch,
    resolve_material,
    resolve_project,
    resolve_sample,
    resolve_samples,
)
from samples.services.samples import (
    create_sample,
    delete_sample,
    set_archived,
    update_sample,
)
from samples.services.series import create_series, finish_batch, plan_series
from samples.services.stack_remarks import remarks_on_stack
from samples.services.times import InexactTime, parse_time, print_time
from samples.services.together import errors_of

__all__ = [
    "InexactTime",
    "archive_material",
    "change_samples",
    "change_saved_stack",
    "create_composition",
    "create_device",
    "create_extra_field",
    "create_lot",
    "create_material",
    "create_planned",
    "create_process",
    "create_protocol",
    "create_sample",
    "create_series",
    "delete_sample",
    "describe_saved_stack",
    "describe_stack",
    "describe_stacks",
    "errors_of",
    "finish_batch",
    "log_sample",
    "mark_done",
    "parse_time",
    "plan_devices",
    "plan_series",
    "print_time",
    "remarks_on_stack",
    "resolve_batch",
    "resolve_material",
    "resolve_project",
    "resolve_sample",
    "resolve_samples",
    "save_stack",
    "set_archived",
    "set_stack",
    "split_sample",
    "take_back_done",
    "update_extra_field",
    "update_lot",
    "update_material",
    "update_process",
    "update_protocol",
    "update_sample",
]
