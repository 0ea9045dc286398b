"""The lineage of a sample drawn: every box and arrow with its place."""

from dataclasses import dataclass

from labdata.site.drawings.lineage_graph import Node, build_graph

GAP, RANK_GAP, MARGIN = 12, 34, 4
SWEEPS = 4
# Across there is room for a column of boxes, downwards for a narrow row.
ROOM = {
    "across": {"most_inputs": 6, "most_outputs": 6},
    "down": {"most_inputs": 2, "most_outputs": 2},
}


@dataclass
class Drawing:
    """Boxes and arrows with their places, for the template to write down."""

    nodes: list[Node]
    arrows: list[str]
    width: int
    height: int
    direction: str


def draw_lineage(family):
    """Drawings of a family, left to right and downwards; None of a lone sample."""
    graphs = {way: build_graph(family, **room) for way, room in ROOM.items()}
    if len(graphs["across"].nodes) < 2:
        return None
    return {way: _placed(graph, way) for way, graph in graphs.items()}


def _rank(graph):
    """Columns by the longest way; what came from a shelf stands next to its use."""
    before, after = graph.before(), graph.after()
    ranks = {}

    def rank(key):
        if key not in ranks:
            ranks[key] = 1 + max((rank(one) for one in before[key]), default=-1)
        return ranks[key]

    for key in graph.nodes:
        rank(key)
    for key in graph.nodes:
        if not before[key] and after[key]:
            ranks[key] = min(ranks[one] for one in after[key]) - 1
    for key, node in graph.nodes.items():
        node.rank = ranks[key]


def _placed(graph, direction):
    _rank(graph)
    across = direction == "across"
    columns = {}
    for node in graph.nodes.values():
        columns.setdefault(node.rank, []).append(node)
    columns = [columns[rank] for rank in sorted(columns)]
    neighbours = graph.before(), graph.after()
    for sweep in range(SWEEPS):
        near = neighbours[sweep % 2]
        for column in columns if sweep % 2 == 0 else reversed(columns):
            places = _places(columns)
            column.sort(
                key=lambda node: _mean(
                    [places[one] for one in near[node.key]], places[node.key]
                )
            )
    size = "height" if across else "width"
    for column in columns:
        _stack(column, size, [0.0] * len(column))
    for sweep in range(SWEEPS):
        near = neighbours[sweep % 2]
        for column in columns if sweep % 2 == 0 else reversed(columns):
            wanted = [
                _mean([_centre(graph.nodes[one], across) for one in near[node.key]])
                for node in column
            ]
            _stack(column, size, wanted)
    _shift(columns, across)
    along = MARGIN
    for column in columns:
        thickest = max(node.width if across else node.height for node in column)
        for node in column:
            place = along + (thickest - (node.width if across else node.height)) / 2
            if across:
                node.x = place
            else:
                node.y = place
        along += thickest + RANK_GAP
    nodes = [node for column in columns for node in column]
    return Drawing(
        nodes=nodes,
        arrows=[
            _arrow(graph.nodes[source], graph.nodes[target], across)
            for source, target in graph.edges
        ],
        width=round(max(node.x + node.width for node in nodes) + MARGIN),
        height=round(max(node.y + node.height for node in nodes) + MARGIN),
        direction=direction,
    )


def _places(columns):
    return {
        node.key: place / max(len(column) - 1, 1) if len(column) > 1 else 0.5
        for column in columns
        for place, node in enumerate(column)
    }


def _mean(numbers, otherwise=None):
    return sum(numbers) / len(numbers) if numbers else otherwise


def _centre(node, across):
    return node.y + node.height / 2 if across else node.x + node.width / 2


def _stack(column, size, wanted):
    """Put the boxes of a column one after the other, as near as may be to wishes."""
    starts, end, wishes = [], None, []
    for node, wish in zip(column, wanted, strict=True):
        length = getattr(node, size)
        start = end if wish is None else wish - length / 2
        if start is None:
            start = 0.0
        if end is not None:
            start = max(start, end)
        starts.append(start)
        if wish is not None:
            wishes.append(wish - length / 2 - start)
        end = start + length + GAP
    shift = _mean(wishes, 0.0)
    for node, start in zip(column, starts, strict=True):
        if size == "height":
            node.y = start + shift
        else:
            node.x = start + shift


def _shift(columns, across):
    nodes = [node for column in columns for node in column]
    low = min(node.y if across else node.x for node in nodes) - MARGIN
    for node in nodes:
        if across:
            node.y -= low
        else:
            node.x -= low


def _arrow(source, target, across):
    if across:
        x1, y1 = source.x + source.width, source.y + source.height / 2
        x2, y2 = target.x - 5, target.y + target.height / 2
        bend = (x2 - x1) / 2
        return (
            f"M{x1:.0f},{y1:.0f} C{x1 + bend:.0f},{y1:.0f} "
            f"{x2 - bend:.0f},{y2:.0f} {x2:.0f},{y2:.0f}"
        )
    x1, y1 = source.x + source.width / 2, source.y + source.height
    x2, y2 = target.x + target.width / 2, target.y - 5
    bend = (y2 - y1) / 2
    return (
        f"M{x1:.0f},{y1:.0f} C{x1:.0f},{y1 + bend:.0f} "
        f"{x2:.0f},{y2 - bend:.0f} {x2:.0f},{y2:.0f}"
    )
