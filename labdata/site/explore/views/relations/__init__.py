"""The explorer: one question, its picture, its table, its files, its address."""

from labdata.site.explore.views.relations.page import relation, relation_points
from labdata.site.explore.views.relations.variables import relation_variables

__all__ = ["relation", "relation_points", "relation_variables"]
