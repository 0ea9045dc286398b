"""The quantities a lab knows, by their keys."""

from labdata.common.registry import Registry
from labdata.plugin import Quantity

quantities: Registry[Quantity] = Registry("quantity", Quantity)
