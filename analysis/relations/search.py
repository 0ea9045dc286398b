"""Finding a variable to ask about: by words, with how much there is of it."""

from dataclasses import dataclass

from django.db.models import Count, Exists, Max, Min, OuterRef, Q

from analysis.relations.variables import visible_variables
from labdata.common.measures.quantities import quantities
from labdata.common.variables import VariableName, split_key
from measurements.registry import techniques
from samples.models import Fact, Variable

FAMILIES = {
    "composition": "Composition",
    "process": "Processes",
    "measurement": "Measurement conditions",
    "ion": "Ions",
    "element": "Elements",
    "layer": "Layers",
    "device": "Devices",
    "cell": "Cells",
    "sample": "Samples",
}
MOST = 60


@dataclass(frozen=True, slots=True)
class Choice:
    """A variable, or one label of it, with its coverage.

    ``together`` counts the samples that have it and all that is chosen already; None
    where nothing is.
    """

    name: str
    label: str
    unit: str
    is_number: bool
    family: str
    count: int
    together: int | None
    minimum: float | None
    maximum: float | None


def family_title(family):
    """What a family of variables is called in a list."""
    if family in FAMILIES:
        return FAMILIES[family]
    return techniques[family].label if family in techniques else family


def search_variables(
    text, project_ids, *, together=(), numbers_only=False, properties_first=False
):
    """Variables whose key, label, family or labelled form has all the words.

    Parameters
    ----------
    text : str
        Words in any order; none find everything.
    together : iterable of VariableName
        What is chosen already.
    properties_first : bool
        Whether what was measured comes before what was done.

    Returns
    -------
    choices : list of Choice
        At most `MOST`, family by family.
    left_out : int
        How many more variables there are.
    """
    words = text.casefold().split()
    rows = visible_variables(project_ids)
    if numbers_only:
        rows = rows.filter(kind=Variable.Kind.NUMBER)
    rows = sorted(rows, key=lambda row: _order(row.key, properties_first))
    if words:
        rows = [row for row in rows if any(word in _told(row) for word in words)]
        # A word that no variable has in its name may be the label of a few.
        whole = [row for row in rows if all(word in _told(row) for word in words)]
        rows = whole or rows
    shown = _cut(rows, fair=not words)
    counts = _counts([row.pk for row in shown], project_ids, together)
    choices = [
        choice
        for row in shown
        for choice in _choices(row, counts.get(row.pk, []), bool(together))
        if all(word in f"{_told(row)} {choice.label.casefold()}" for word in words)
    ]
    return choices, len(rows) - len(shown)


def _order(key, properties_first):
    family = split_key(key)[0]
    known = list(FAMILIES)
    place = known.index(family) + 1 if family in known else 0
    measured = key in quantities or family not in FAMILIES
    return (measured != properties_first, place, family_title(family), key)


def _told(row):
    return f"{row.key} {row.label} {family_title(split_key(row.key)[0])}".casefold()


def _cut(rows, *, fair):
    """The first `MOST`; of a list nobody narrowed yet, some of each family."""
    if len(rows) <= MOST or not fair:
        return rows[:MOST]
    families = {}
    for row in rows:
        families.setdefault(split_key(row.key)[0], []).append(row)
    each = max(3, MOST // len(families))
    return [row for members in families.values() for row in members[:each]][:MOST]


def _counts(ids, project_ids, together):
    """Coverage by variable and label, in one query."""
    facts = Fact.objects.filter(variable_id__in=ids, project_id__in=project_ids)
    beside = Q()
    for name in together:
        same = Fact.objects.filter(
            subject=OuterRef("subject"), variable__key=name.key
        ).exclude(text="", value=None)
        answers = {"is_default": True} if name.label is None else {"label": name.label}
        beside &= Q(Exists(same.filter(**answers)))
    groups = (
        facts.values("variable_id", "label")
        .order_by("variable_id", "label")
        .annotate(
            values_count=Count("pk"),
            subjects=Count("pk", filter=Q(is_default=True)),
            values_beside=Count("pk", filter=beside) if together else Count("pk"),
            subjects_beside=Count("pk", filter=beside & Q(is_default=True)),
            low=Min("value"),
            high=Max("value"),
        )
    )
    found = {}
    for group in groups:
        found.setdefault(group["variable_id"], []).append(group)
    return found


def _choices(row, groups, has_others):
    """The variable itself and, where it is labelled, each of its labels."""

    def choice(name, label, of, count, beside):
        ends = [end for group in of for end in (group["low"], group["high"])]
        known = [end for end in ends if end is not None]
        return Choice(
            name=str(name),
            label=label,
            unit=row.unit,
            is_number=row.kind == Variable.Kind.NUMBER,
            family=split_key(row.key)[0],
            count=count,
            together=beside if has_others else None,
            minimum=min(known, default=None),
            maximum=max(known, default=None),
        )

    yield choice(
        VariableName(row.key),
        row.label,
        groups,
        sum(group["subjects"] for group in groups),
        sum(group["subjects_beside"] for group in groups),
    )
    for group in groups:
        if group["label"]:
            yield choice(
                VariableName(row.key, group["label"]),
                f"{row.label} [{group['label']}]",
                [group],
                group["values_count"],
                group["values_beside"],
            )
