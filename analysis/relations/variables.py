"""What can be asked about: the variables a person's projects have facts of."""

from dataclasses import dataclass
from difflib import get_close_matches

from django.conf import settings
from django.db.models import Count, Exists, Max, Min, OuterRef, Q

from labdata.common.measures.quantities import quantities
from labdata.common.measures.units import UnitError, accepted_units
from labdata.common.people.access import Project
from labdata.common.variables import split_key
from measurements.registry import techniques
from samples.models import Fact, Variable
from samples.models.facts import PROMOTED_COLUMNS

MOST_SUGGESTIONS = 5


@dataclass(frozen=True, slots=True)
class Known:
    """A variable a person may ask about; without ``id`` it has no facts yet."""

    id: int | None
    key: str
    label: str
    unit: str
    kind: str

    @property
    def is_number(self):
        return self.kind == Variable.Kind.NUMBER

    @property
    def default_pick(self):
        """The stated rule by which one label answers when none is named."""
        quantity = quantities.get(self.key)
        return quantity.default_pick if quantity else ""


def visible_projects(user):
    """Ids and slugs of the projects whose facts a person may read."""
    return dict(Project.objects.visible_to(user).values_list("pk", "slug"))


def promoted_columns():
    """Keys of the variables that facts carry themselves, with their columns."""
    keys = settings.LABDATA_PROMOTED_DESCRIPTORS
    return dict(zip(keys, PROMOTED_COLUMNS, strict=False))


def visible_variables(project_ids):
    """Variables with a fact in one of these projects; the others do not exist.

    The name of a variable may be somebody's unpublished material.
    """
    facts = Fact.objects.filter(variable=OuterRef("pk"), project_id__in=project_ids)
    return Variable.objects.filter(Exists(facts))


def find_variables(keys, project_ids):
    """Map keys to what is known of them; a key that means nothing is left out."""
    rows = visible_variables(project_ids).filter(key__in=keys)
    found = {
        row.key: Known(row.pk, row.key, row.label, row.unit, row.kind) for row in rows
    }
    for key in set(keys) - set(found):
        if declared := _declared(key):
            found[key] = declared
    return found


def suggest(key, project_ids):
    """The visible keys nearest to one that means nothing."""
    keys = visible_variables(project_ids).values_list("key", flat=True)
    return get_close_matches(key, list(keys), n=MOST_SUGGESTIONS, cutoff=0.5)


def describe_variables(rows, project_ids):
    """Tell variables with their coverage in some projects, in one query more."""
    covered = _coverage([row.pk for row in rows], project_ids)
    promoted = promoted_columns()
    return [
        {
            "key": row.key,
            "label": row.label,
            "unit": row.unit or None,
            "units": _units(row),
            "kind": row.kind,
            "family": split_key(row.key)[0],
            "symbol": _of_quantity(row.key, "symbol"),
            "default_pick": _of_quantity(row.key, "default_pick") or None,
            "promoted": row.key in promoted,
            **covered[row.pk],
        }
        for row in rows
    ]


def _coverage(ids, project_ids):
    """How many subjects have the variable, over which range, under which labels."""
    covered = {
        pk: {"count": 0, "minimum": None, "maximum": None, "labels": []} for pk in ids
    }
    groups = (
        Fact.objects.filter(variable_id__in=ids, project_id__in=project_ids)
        .values("variable_id", "label")
        .order_by("variable_id", "label")
        .annotate(
            values_count=Count("pk"),
            subjects=Count("pk", filter=Q(is_default=True)),
            low=Min("value"),
            high=Max("value"),
        )
    )
    for group in groups:
        entry = covered[group["variable_id"]]
        entry["count"] += group["subjects"]
        ends = [entry["minimum"], entry["maximum"], group["low"], group["high"]]
        known = [end for end in ends if end is not None]
        if known:
            entry["minimum"], entry["maximum"] = min(known), max(known)
        if group["label"]:
            entry["labels"].append(
                {"label": group["label"], "count": group["values_count"]}
            )
    return covered


def _units(row):
    if row.kind != Variable.Kind.NUMBER:
        return []
    try:
        return list(accepted_units(row.unit or "1"))
    except UnitError:
        return [row.unit]


def _of_quantity(key, attribute):
    quantity = quantities.get(key)
    return getattr(quantity, attribute) if quantity else ""


def _declared(key):
    """What plug-ins declare may be asked for before anybody measured it."""
    if quantity := quantities.get(key):
        return Known(None, key, quantity.label, quantity.unit, Variable.Kind.NUMBER)
    family, *parts = split_key(key)
    if family != "measurement" or len(parts) != 2 or parts[0] not in techniques:
        return None
    for condition in techniques[parts[0]].conditions:
        if condition.key == parts[1]:
            is_number = condition.kind == "number"
            kind = Variable.Kind.NUMBER if is_number else Variable.Kind.TEXT
            return Known(None, key, condition.label, condition.unit or "", kind)
    return None
