"""What migrations of every app name: these names never move."""


def change_set_in_force():
    """The id of the ChangeSet that a row of history belongs to."""
    # The history's tables are made by migrations that name this function.
    from labdata.common.record.history import current_change_set_id

    return current_change_set_id()
