"""A record's history as people read it: newest first, with what changed."""

ACTIONS = {"+": "created", "~": "changed", "-": "deleted"}
# Bookkeeping that changes with every edit says nothing about it.
UNTOLD = {"version", "updated_at"}


def describe_changes(row, limit=100):
    """List a record's changes with user, time, request, reason and differences."""
    versions = list(
        row.history.select_related("change_set__user").order_by(
            "-history_date", "-history_id"
        )[: limit + 1]
    )
    parts = _changes_of_parts(row, {version.change_set_id for version in versions})
    told = []
    for index, version in enumerate(versions[:limit]):
        earlier = versions[index + 1] if index + 1 < len(versions) else None
        change_set = version.change_set
        told.append(
            {
                "time": version.history_date,
                "user": change_set.user.get_username() if change_set.user else None,
                "request": change_set.request,
                "reason": change_set.reason,
                "action": ACTIONS[version.history_type],
                "changes": _differences(version, earlier)
                | parts.get(version.change_set_id, {}),
            }
        )
    return told


def _changes_of_parts(row, change_set_ids):
    """What each act took from and added to the rows a record consists of.

    A record names them in ``history_parts``: the steps of a programme, for instance,
    are rows of their own, and are replaced when it is edited.
    """
    changes = {}
    for name in getattr(row, "history_parts", ()):
        relation = row._meta.get_field(name)
        for part in relation.related_model.history.filter(
            change_set_id__in=change_set_ids, **{f"{relation.field.attname}": row.pk}
        ).order_by("history_id"):
            taken, added = changes.setdefault(part.change_set_id, {}).setdefault(
                name, ([], [])
            )
            (taken if part.history_type == "-" else added).append(str(part.instance))
    return {
        change_set_id: {
            name: [taken, added]
            for name, (taken, added) in told.items()
            if taken != added
        }
        for change_set_id, told in changes.items()
    }


def _differences(version, earlier):
    if earlier is None:
        return {}
    delta = version.diff_against(earlier)
    return {
        change.field: [_plain(change.old), _plain(change.new)]
        for change in delta.changes
        if change.field not in UNTOLD
    }


def _plain(value):
    if isinstance(value, str | int | float | bool | list | dict) or value is None:
        return value
    return str(value)
