"""What was measured."""

from django.apps import AppConfig


class MeasurementsConfig(AppConfig):
    name = "measurements"

    def ready(self):
        from measurements.registry import readers, techniques

        techniques.load("measurements.techniques")
        readers.load("measurements.readers")
