"""Endpoints of the record."""

from samples.api.devices import DeviceViewSet, SavedStackViewSet
from samples.api.fields import ExtraFieldViewSet
from samples.api.materials import LotViewSet, MaterialViewSet
from samples.api.processes import ProcessViewSet
from samples.api.protocols import ProtocolViewSet
from samples.api.samples import BatchViewSet, SampleViewSet


def register(router):
    """Add this app's endpoints to the router of the API."""
    router.register("materials", MaterialViewSet, basename="material")
    router.register("lots", LotViewSet, basename="lot")
    router.register("samples", SampleViewSet, basename="sample")
    router.register("devices", DeviceViewSet, basename="device")
    router.register("saved-stacks", SavedStackViewSet, basename="saved-stack")
    router.register("batches", BatchViewSet, basename="batch")
    router.register("processes", ProcessViewSet, basename="process")
    router.register("protocols", ProtocolViewSet, basename="protocol")
    router.register("extra-fields", ExtraFieldViewSet, basename="extra-field")
