"""What was measured."""

from django.apps import AppConfig


class MeasurementsConfig(AppConfig):
    name = "measurements"

    def ready(self):
        # Importing the module adds the kind of job that reads files.
        from measurements.measurement_facts import measurement_facts
        from measurements.reading import parsing  # noqa: F401
        from measurements.registry import readers, techniques
        from samples.facts import register_producer

        techniques.load("measurements.techniques")
        readers.load("measurements.readers")
        register_producer("measurements", measurement_facts)
