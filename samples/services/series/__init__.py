"""Series: many samples varied together, planned, shown and saved at once."""

from samples.services.series.create import Series, create_series
from samples.services.series.finish import finish_batch, planned_of
from samples.services.series.plan import plan_series

__all__ = ["Series", "create_series", "finish_batch", "plan_series", "planned_of"]
