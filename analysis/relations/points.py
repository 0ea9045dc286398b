"""What a picture of a relation needs: columns of numbers instead of rows of detail."""

from analysis.relations import aggregate, answer, sql

# What a picture can still show, and a browser still hold.
MOST_POINTS = 50_000
SPREADS = {"mean": "mean_uncertainty", "weighted_mean": "weighted_mean_uncertainty"}
DETAILS = ("uncertainty", "bound", "label")


def collect_points(question, *, limit=MOST_POINTS):
    """Columns of an answer, one entry a point, in the order of x.

    Returns
    -------
    dict
        ``count`` of all matches, ``shown`` of them here, and under ``points`` one list
        a column: ``x``, ``y``, ``color``, ``facet`` with ``x_uncertainty`` and so on
        where any is known, ``sample``, ``sample_id``, ``state``, ``origin``,
        ``simulated`` and, where there are any, ``cell``; of groups ``count``,
        ``bounded`` and ``simulated``.
    """
    if question.aggregates:
        return _collect_groups(question, limit)
    rows = list(answer.answer_all(question, limit=limit))
    count = len(rows)
    if count == limit:
        count = sql.count(question).rows()[0][0]
    points = {
        "sample": [row["sample"] for row in rows],
        "sample_id": [str(row["sample_id"]) for row in rows],
        "state": [row["state"] for row in rows],
        "origin": [row["y_origin"] for row in rows],
        "simulated": [_is_simulated(row, question) for row in rows],
    }
    cells = [row["cell"] for row in rows]
    if any(cells):
        points["cell"] = cells
    for column in question.drawn:
        points[column.name] = [row[column.name] for row in rows]
        for detail in DETAILS:
            name = f"{column.name}_{detail}"
            entries = [row[name] for row in rows]
            if any(entry not in (None, "=") for entry in entries):
                points[name] = entries
    return {"count": count, "shown": len(rows), "points": points}


def _is_simulated(row, question):
    return int(
        any(row[f"{column.name}_origin"] == "simulated" for column in question.drawn)
    )


def _collect_groups(question, limit):
    """Groups as points: their first statistic is y."""
    rows, _ = aggregate.answer_groups(question)
    function = question.aggregates[0]
    rows = [row for row in rows if row.get("x") is not None]
    rows = [row for row in rows if row[function] is not None]
    shown = rows[:limit]
    points = {
        name: [row.get(name) for row in shown]
        for name in ("x", "color", "facet", "count", "bounded", "simulated")
        if any(name in row for row in shown)
    }
    points["y"] = [row[function] for row in shown]
    if function in SPREADS:
        points["y_uncertainty"] = [row[SPREADS[function]] for row in shown]
    return {"count": len(rows), "shown": len(shown), "points": points}
