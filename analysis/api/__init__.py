"""Endpoints of what things mean."""

from analysis.api.ageing_series import AgeingSeriesViewSet
from analysis.api.cell_tables import CellTableViewSet
from analysis.api.populations import PopulationViewSet
from analysis.api.properties import PropertyViewSet
from analysis.api.registries import AnalysisViewSet, PluginViewSet, QuantityViewSet
from analysis.api.relations import RelationViewSet, VariableViewSet
from analysis.api.runs import RunViewSet
from analysis.api.stability import StabilityViewSet
from analysis.api.survival import SurvivalViewSet


def register(router):
    """Add this app's endpoints to the router of the API."""
    router.register("runs", RunViewSet, basename="run")
    router.register("properties", PropertyViewSet, basename="property")
    router.register("analyses", AnalysisViewSet, basename="analysis")
    router.register("quantities", QuantityViewSet, basename="quantity")
    router.register("plugins", PluginViewSet, basename="plugin")
    router.register("variables", VariableViewSet, basename="variable")
    router.register("relations", RelationViewSet, basename="relation")
    router.register("stability", StabilityViewSet, basename="stability")
    router.register("survival", SurvivalViewSet, basename="survival")
    router.register(
        r"devices/(?P<code>[^/]+)/ageing-series",
        AgeingSeriesViewSet,
        basename="ageing-series",
    )
    router.register("populations", PopulationViewSet, basename="population")
    router.register("cell-tables", CellTableViewSet, basename="cell-table")
