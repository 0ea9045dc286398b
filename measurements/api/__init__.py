"""Endpoints of measurements, their files and arrays."""

from measurements.api.datasets import DatasetViewSet
from measurements.api.files import FileViewSet
from measurements.api.instruments import InstrumentViewSet
from measurements.api.measurements import MeasurementViewSet
from measurements.api.registries import ReaderViewSet, TechniqueViewSet


def register(router):
    """Add this app's endpoints to the router of the API."""
    router.register("measurements", MeasurementViewSet, basename="measurement")
    router.register("files", FileViewSet, basename="file")
    router.register("datasets", DatasetViewSet, basename="dataset")
    router.register("instruments", InstrumentViewSet, basename="instrument")
    router.register("techniques", TechniqueViewSet, basename="technique")
    router.register("readers", ReaderViewSet, basename="reader")
