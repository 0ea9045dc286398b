"""What is asked of a population: of which quantity, grouped by what, within which."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

from django.core.exceptions import ValidationError

from analysis.relations.bins import Bins, read_bins
from analysis.relations.question import Question, read_question
from labdata.common.measures.quantities import quantities

PARAMETERS = ("y", "by", "filter", "origin", "project", "bins", "best", "y_unit")
BEST = ("highest", "lowest")


@dataclass(frozen=True, slots=True)
class PopulationQuestion:
    """A relation of y to itself, grouped by its colour."""

    relation: Question
    bins: Bins | None
    best: str

    @property
    def y(self):
        return self.relation.y

    @property
    def by(self):
        return self.relation.color


def read_population(parameters, projects) -> PopulationQuestion:
    """Check the parameters of an address and look their variables up.

    Parameters
    ----------
    parameters : dict of str to list of str
    projects : dict of int to str
        Ids and slugs of the projects the person may see.

    Raises
    ------
    ValidationError
        By parameter, all of them at once.
    """
    errors = {}
    for name in parameters:
        if name not in PARAMETERS:
            near = get_close_matches(name, PARAMETERS, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            errors[name] = [f"There is no parameter {name!r} here.{hint}"]
    bins = best = None
    try:
        bins = _bins(_one(parameters, "bins"))
        best = _one(parameters, "best")
        if best and best not in BEST:
            raise ValueError(f"{best!r} is not one of {', '.join(BEST)}")
    except ValueError as error:
        errors["best" if best else "bins"] = [f"{error}."]
    if not _one(parameters, "y"):
        errors["y"] = ["A population needs y: name a quantity."]
    asked = {
        name: parameters[name]
        for name in ("y", "y_unit", "filter", "origin", "project")
        if name in parameters
    }
    if by := parameters.get("by"):
        asked["color"] = by
    try:
        relation = read_question({"x": asked.get("y", []), **asked}, projects)
    except ValidationError as error:
        for name, texts in error.message_dict.items():
            if name != "x":
                errors.setdefault("by" if name == "color" else name, texts)
        relation = None
    if relation and not relation.y.is_number:
        errors["y"] = [f"{relation.y.asked} is text: a population needs numbers."]
    if bins and relation and not (relation.color and relation.color.is_number):
        errors["bins"] = ["Bins are made of a variable that is a number."]
    if errors:
        raise ValidationError(errors)
    spec = quantities.get(relation.y.asked.key)
    lower = spec is not None and spec.better == "lower"
    return PopulationQuestion(relation, bins, best or BEST[lower])


def _one(parameters, name):
    values = [value for value in parameters.get(name, []) if value.strip()]
    return values[0] if values else ""


def _bins(text):
    """``5`` or ``by:5`` are quantiles, ``by:5:width`` equal widths."""
    if not text:
        return None
    return read_bins(text if ":" in text else f"by:{text}")
