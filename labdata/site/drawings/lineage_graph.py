"""The lineage of a sample as a graph: samples, acts and lots, folded to be read."""

from dataclasses import dataclass, field
from functools import lru_cache

from django.urls import reverse

from labdata.site.kit.tags.quantities import measured_text
from samples.formula import CompositionError, parse_composition, to_unicode

MOST_DRAWN = 60
NARROW, WIDE = 76, 176
MONO, SANS = 7.6, 6.4
# A subscript takes this part of the width of a letter.
SUBSCRIPT = 0.65
PADDING = 18
LINE = 16


@dataclass
class Node:
    """A box of the drawing, with the words in it and where they lead."""

    key: tuple
    kind: str
    lines: list[str]
    address: str = ""
    words: str = ""
    is_here: bool = False
    rank: int = 0
    x: float = 0.0
    y: float = 0.0

    def __post_init__(self):
        self.words = self.words or ", ".join(self.lines)
        self.lines = [_cut(text, MONO if n == 0 else SANS) for n, text in self._kept()]
        longest = max(
            _letters(text) * (MONO if place == 0 else SANS)
            for place, text in enumerate(self.lines)
        )
        least = 0 if self.kind == "more" else NARROW
        self.width = round(min(WIDE, max(least, longest + PADDING)))
        self.height = LINE * len(self.lines) + 12

    def _kept(self):
        return enumerate(text for text in self.lines if text)

    @property
    def texts(self):
        """The lines with their places."""
        return [
            {
                "text": text,
                "y": round(self.y + 18 + LINE * place),
                "is_first": not place,
            }
            for place, text in enumerate(self.lines)
        ]

    @property
    def middle(self):
        return self.x + self.width / 2

    @property
    def radius(self):
        return 10 if self.kind == "process" else 3


@dataclass
class Graph:
    """What is drawn, before it has a place."""

    nodes: dict = field(default_factory=dict)
    edges: list = field(default_factory=list)

    def add(self, node):
        return self.nodes.setdefault(node.key, node)

    def join(self, source, target):
        if (source.key, target.key) not in self.edges:
            self.edges.append((source.key, target.key))

    def before(self):
        found = {key: [] for key in self.nodes}
        for source, target in self.edges:
            found[target].append(source)
        return found

    def after(self):
        found = {key: [] for key in self.nodes}
        for source, target in self.edges:
            found[source].append(target)
        return found


def build_graph(family, *, most_inputs, most_outputs):
    """What is drawn of a family; acts with more around them than this are folded."""
    return _Builder(family, most_inputs, most_outputs).build()


def _cut(text, width):
    most = (WIDE - PADDING) / width
    if _letters(text) <= most:
        return text
    kept = len(text) - 1
    while _letters(text[:kept]) > most - 1:
        kept -= 1
    return text[:kept] + "…"


def _letters(text):
    """How many letters wide a text is, its subscripts being narrow."""
    return sum(SUBSCRIPT if "₀" <= one <= "₎" else 1 for one in text)


def _in_place(act):
    words = str(act)
    begin = "planned:" if act.state == "planned" else "then"
    return f"{begin} {words[:1].lower()}{words[1:]}"


def _folded(things, most):
    """The first of many; folding a single one away would save nothing."""
    return things if len(things) <= most + 1 else things[:most]


@lru_cache(maxsize=4096)
def _formula(text):
    try:
        return to_unicode(parse_composition(text))
    except CompositionError:
        return text


class _Builder:
    """Walks up and down from a sample, folding what would not be read anyway."""

    def __init__(self, family, most_inputs, most_outputs):
        self.family = family
        self.most_inputs, self.most_outputs = most_inputs, most_outputs
        self.consumers = family.consumers()
        self.graph = Graph()
        self.drawn = 0

    @property
    def is_full(self):
        return self.drawn >= MOST_DRAWN

    def sample(self, pk):
        if ("sample", pk) not in self.graph.nodes:
            self.drawn += 1
        sample = self.family.visible.get(pk)
        if sample is None:
            words = "A sample you may not see"
            return self.graph.add(Node(("sample", pk), "hidden", ["hidden"], "", words))
        what = sample.get_kind_display()
        if sample.composition:
            what = _formula(sample.composition.text)
        acts = [_in_place(act) for act in self.family.acts.get(pk, ())]
        more = [f"{acts[0]} …" if len(acts) > 1 else acts[0]] if acts else []
        node = Node(
            ("sample", pk),
            "sample",
            [sample.code, what, *more],
            sample.get_absolute_url(),
            ", ".join([sample.code, what, *acts]),
            is_here=pk == self.family.sample.pk,
        )
        return self.graph.add(node)

    def process(self, act):
        peak = "" if act.peak is None else measured_text(act.peak, None, "°C")
        when = f"{act.started_at:%Y-%m-%d}" if act.started_at else ""
        if act.state == "planned":
            when = "planned"
        lines = [str(act), " · ".join(filter(None, (peak, when)))]
        return self.graph.add(
            Node(("process", act.pk), "process", lines, act.get_absolute_url())
        )

    def lot(self, entry):
        lot = entry.lot
        return self.graph.add(
            Node(
                ("lot", lot.pk),
                "lot",
                [f"lot {lot.code}", _formula(lot.material.name)],
                reverse("site:material", args=[lot.material.uuid]),
            )
        )

    def more(self, act, side, count):
        words = f"{count} more"
        address = reverse("site:samples") + f"?ancestor={self.family.sample.uuid}"
        if side == "in":
            address = act.get_absolute_url()
        return self.graph.add(Node((side, act.pk), "more", [words], address))

    def inputs(self, act, *, first=()):
        """Draw what went into an act; answers the samples newly met."""
        node = self.process(act)
        entries = sorted(act.inputs.all(), key=lambda one: one.sample_id not in first)
        met = []
        shown = _folded(entries, self.most_inputs)
        for entry in shown:
            if entry.lot_id:
                self.graph.join(self.lot(entry), node)
                continue
            if ("sample", entry.sample_id) not in self.graph.nodes:
                met.append(entry.sample_id)
            self.graph.join(self.sample(entry.sample_id), node)
        if len(shown) < len(entries):
            rest = len(entries) - len(shown)
            self.graph.join(self.more(act, "in", rest), node)
        return met

    def outputs(self, act):
        node = self.process(act)
        ids = [entry.sample_id for entry in act.outputs.all()]
        met = []
        shown = _folded(ids, self.most_outputs)
        for pk in shown:
            if ("sample", pk) not in self.graph.nodes:
                met.append(pk)
            self.graph.join(node, self.sample(pk))
        if len(shown) < len(ids):
            self.graph.join(node, self.more(act, "out", len(ids) - len(shown)))
        return met

    def build(self):
        here = self.family.sample.pk
        self.sample(here)
        waiting = [here]
        while waiting and not self.is_full:
            pk = waiting.pop(0)
            act = self.family.makers.get(pk)
            if act is not None:
                waiting += self.inputs(act)
                self.graph.join(self.process(act), self.sample(pk))
        waiting = [here]
        while waiting and not self.is_full:
            pk = waiting.pop(0)
            for act in self.consumers.get(pk, ()):
                if self.is_full:
                    break
                self.inputs(act, first={pk})
                waiting += self.outputs(act)
        self._mark_unread(waiting)
        return self.graph

    def _mark_unread(self, waiting):
        """Say where the lineage goes on beyond what is drawn."""
        for pk in waiting:
            acts = self.consumers.get(pk, ())
            for act in acts[:1]:
                more = Node(
                    ("on", pk),
                    "more",
                    ["goes on"],
                    self.family.visible[pk].get_absolute_url()
                    if pk in self.family.visible
                    else "",
                    f"More was made from it, by {act}",
                )
                self.graph.join(self.sample(pk), self.graph.add(more))
