"""What analyses make of the examples of techniques, for the pages that show them."""

import logging
from dataclasses import dataclass
from functools import lru_cache

from analysis.contract.registry import analyses
from labdata.common.measures.quantities import quantities
from labdata.plugin import Analysis, AnalysisError, Estimate, Result, Technique
from labdata.site.kit.results.curve_figures import caption_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ExampleValue:
    """A number an example gave, as pages write values."""

    name: str
    quantity: str
    label: str
    unit: str
    estimate: Estimate

    def __getattr__(self, name):
        return getattr(self.estimate, name)


@lru_cache(maxsize=128)
def result_of(technique: Technique, analysis: Analysis) -> Result:
    """What an analysis makes of the example of a technique, computed once a process.

    Raises
    ------
    AnalysisError
        The example does not bear this analysis, or the analysis is broken.
    """
    try:
        return analysis.apply(technique.example())
    except AnalysisError:
        raise
    except Exception as error:
        origin = analyses.origin(analysis.key)
        logger.exception("%s of %s is broken", analysis.key, origin)
        raise AnalysisError(f"{analysis.key} of {origin} is broken: {error}") from error


def told_example(technique, analysis):
    """The example's values and its picture, or why there are none.

    Returns
    -------
    dict
        ``values``, ``drawing`` with the drawings ``below`` it and its ``caption``;
        ``problem`` where the analysis refuses the example.
    """
    try:
        result = result_of(technique, analysis)
    except AnalysisError as error:
        return {"problem": str(error)}
    drawing = result.drawings[0] if result.drawings else None
    below = [one for one in result.drawings if drawing and one.under == drawing.key]
    return {
        "values": [
            ExampleValue(
                name=quantities[item.quantity].label,
                quantity=item.quantity,
                label=item.label,
                unit=quantities[item.quantity].unit,
                estimate=item.estimate,
            )
            for item in result.estimates
        ],
        "intervals": result.intervals,
        "drawing": drawing,
        "below": below,
        "caption": caption_of(technique.figure, drawing) if drawing else "",
        "is_map": bool(drawing) and any(one.kind == "image" for one in drawing.layers),
    }
