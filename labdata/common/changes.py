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
                "changes": _differences(version, earlier),
            }
        )
    return told


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
