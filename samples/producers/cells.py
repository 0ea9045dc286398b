"""Facts from what is recorded of a device's cells."""

from labdata.common.variables import VariableSpec
from samples.producers.fields import stated

FIELDS = {
    "label": VariableSpec("cell.label", "Cell", None, "text"),
    "active_area": VariableSpec("cell.active_area", "Active area", "cm**2"),
    "mask_area": VariableSpec("cell.mask_area", "Mask area", "cm**2"),
}


def cell_facts(recorded):
    """Label and areas of the cells, in every state alike."""
    for subjects in recorded.subjects.values():
        for subject in subjects:
            if subject.cell_id is None:
                continue
            for name, spec in FIELDS.items():
                value = getattr(subject.cell, name)
                if value not in (None, ""):
                    yield stated(subject, spec, value)
