"""What this app knows of samples, as facts."""

from samples.facts import register_producer
from samples.producers.cells import cell_facts
from samples.producers.compositions import composition_facts
from samples.producers.fields import sample_facts
from samples.producers.layers import layer_facts
from samples.producers.processes import process_facts


def register():
    """Register this app's producers; called once when the process starts."""
    register_producer("samples.fields", sample_facts)
    register_producer("samples.cells", cell_facts)
    register_producer("samples.compositions", composition_facts)
    register_producer("samples.processes", process_facts)
    register_producer("samples.layers", layer_facts)
