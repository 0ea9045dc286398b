"""A batch told: what varies between its samples, how good their cells are, how long."""

from dataclasses import dataclass, field

from analysis.contract.flags import find_flag
from analysis.named_quantities import EFFICIENCY, RETENTION, T80, T95
from analysis.numerics.statistics.group_tests import describe
from labdata.common.variables import split_key
from samples.models import Cell, Fact

LIFETIMES = (T80, T95, RETENTION)
DESCRIPTORS = ("layer", "device", "process", "composition", "ion", "cell")
MOST_VARIED = 4
MOST_GROUPS = 12

# Of the drawing, in pixels.
GROUP, HEIGHT, TOP, BOTTOM, LEFT = 84, 170, 12, 40, 44
BOX = 34
SHORT = 12


@dataclass(frozen=True, slots=True)
class Varied:
    """A descriptor that differs within the batch, with its text by sample."""

    key: str
    label: str
    unit: str
    texts: dict


@dataclass(slots=True)
class SampleRow:
    """A sample of the batch as the table shows it."""

    sample: object
    varied: list
    efficiencies: list = field(default_factory=list)
    lifetimes: dict = field(default_factory=dict)
    cells: int = 0
    flags: set = field(default_factory=set)

    @property
    def best(self):
        return max(self.efficiencies, key=lambda fact: fact.value, default=None)

    @property
    def median(self):
        if not self.efficiencies:
            return None
        return describe([fact.value for fact in self.efficiencies]).median

    @property
    def flag_words(self):
        return sorted(self.flags)

    @property
    def stability(self):
        return [self.lifetimes.get(key) for key in LIFETIMES]


def rows_of(samples):
    """The samples of a batch with what varies and what came out, in five queries.

    Parameters
    ----------
    samples : list of Sample

    Returns
    -------
    rows : list of SampleRow
    varied : list of Varied
    """
    ids = [sample.pk for sample in samples]
    varied = _varied(ids)
    rows = {
        sample.pk: SampleRow(sample, [one.texts.get(sample.pk, "") for one in varied])
        for sample in samples
    }
    cells = Cell.objects.filter(sample__in=ids, archived_at__isnull=True)
    for sample in cells.values_list("sample_id", flat=True):
        rows[sample].cells += 1
    facts = list(
        Fact.objects.filter(
            sample__in=ids,
            variable__key__in=(EFFICIENCY, *LIFETIMES),
            is_default=True,
            value__isnull=False,
        )
        .select_related("variable", "subject__cell")
        .order_by("pk")
    )
    for fact in facts:
        row = rows[fact.sample_id]
        row.flags |= {flag.word for flag in _doubts(fact)}
        if fact.variable.key != EFFICIENCY:
            _take_lifetime(row, fact)
    efficiencies = [one for one in facts if one.variable.key == EFFICIENCY]
    for fact in _best_by_cell(efficiencies):
        rows[fact.sample_id].efficiencies.append(fact)
    return list(rows.values()), varied


def _doubts(fact):
    found = (find_flag(key, quantity=fact.variable.key) for key in fact.flags)
    return [flag for flag in found if flag.severity != "note"]


def _best_by_cell(facts):
    """The highest value of each cell; a flagged one only where there is no other."""
    best = {}
    for fact in facts:
        held = best.get(fact.subject.cell_id or -fact.sample_id)
        rank = (not fact.flags, fact.value)
        if held is None or rank > (not held.flags, held.value):
            best[fact.subject.cell_id or -fact.sample_id] = fact
    return best.values()


def _take_lifetime(row, fact):
    """Of several cells the one that lived shortest speaks for the sample."""
    held = row.lifetimes.get(fact.variable.key)
    if held is None or fact.value < held.value:
        row.lifetimes[fact.variable.key] = fact


def _varied(ids):
    """What differs between the samples themselves, what was chosen first."""
    facts = Fact.objects.filter(
        sample__in=ids, is_default=True, subject__cell__isnull=True
    ).exclude(variable__key__startswith="sample.")
    found = {}
    for key, label, unit, sample, value, text in facts.order_by("pk").values_list(
        "variable__key",
        "variable__label",
        "variable__unit",
        "sample_id",
        "value",
        "text",
    ):
        if split_key(key)[0] in DESCRIPTORS:
            one = found.setdefault(key, Varied(key, label, unit, {}))
            one.texts.setdefault(sample, text or (f"{value:.6g}" if value else ""))
    differing = [
        one
        for one in found.values()
        if len({one.texts.get(sample, "") for sample in ids}) > 1
    ]
    differing.sort(key=lambda one: (_rank(one), -len(one.texts)))
    return differing[:MOST_VARIED]


def _rank(one):
    family = split_key(one.key)[0]
    return DESCRIPTORS.index(family), not one.key.endswith("material")


def boxes_of(rows, varied):
    """Efficiencies of cells as small box plots by what varies, each cell a point.

    Returns
    -------
    dict or None
        Coordinates as ``templates/batches/boxes.html`` draws them; None below two
        cells.
    """
    groups = {}
    for row in rows:
        name = row.varied[0] if varied else row.sample.code
        groups.setdefault(name or "not told", []).extend(
            fact.value for fact in row.efficiencies
        )
    groups = {name: values for name, values in groups.items() if values}
    everything = [value for values in groups.values() for value in values]
    if len(everything) < 2:
        return None
    low, high = min(everything), max(everything)
    spare = 0.08 * (high - low or abs(high) or 1)
    low, high = low - spare, high + spare

    def place(value):
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (high - value) / (high - low), 1)

    shown = list(groups.items())[:MOST_GROUPS]
    return {
        "width": LEFT + GROUP * len(shown) + 8,
        "height": HEIGHT,
        "left": LEFT,
        "top": TOP,
        "inner_width": GROUP * len(shown),
        "inner_height": HEIGHT - TOP - BOTTOM,
        "ticks": [
            {"y": place(value), "text": f"{value:.3g}"}
            for value in (min(everything), max(everything))
        ],
        "by": varied[0].label if varied else "Sample",
        "groups": [
            _box(name, values, LEFT + GROUP * (number + 0.5), place)
            for number, (name, values) in enumerate(shown)
        ],
        "left_out": len(groups) - len(shown),
    }


def _box(name, values, middle, place):
    told = describe(values)
    count = len(values)
    # One value has no spread: its box is a line.
    if count == 1:
        upper = lower = high = low = place(told.median)
    else:
        upper, lower = place(told.upper_quartile), place(told.lower_quartile)
        high, low = place(told.whisker_high), place(told.whisker_low)
    return {
        "name": name,
        "short": name if len(name) <= SHORT else f"{name[: SHORT - 1]}…",
        "count": count,
        "middle": middle,
        "x": middle - BOX / 2,
        "right": middle + BOX / 2,
        "width": BOX,
        "y": upper,
        "height": max(round(lower - upper, 1), 0.5),
        "median": place(told.median),
        "whiskers": (high, low),
        "points": [
            # Points at one height would hide each other.
            (round(middle + 7 * ((number % 5) - 2) / 2, 1), place(value))
            for number, value in enumerate(values)
        ],
        "words": f"{name}: {count} cell{'' if count == 1 else 's'}, median "
        f"{told.median:.3g} %",
    }
