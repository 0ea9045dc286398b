"""Edits of records, one after the other: none is made of a row that has gone stale.

Between the moment a request reads a row and the moment it saves it, another may have
saved it too; the row saved last then takes back what the first one changed. Whoever
changes a record therefore begins with `hold` and ends with `save_edit`.
"""

from django.db import transaction
from django.db.models import F
from django.http import Http404

from labdata.common.api.errors import Conflict


def hold(record):
    """Lock a record until the transaction ends; what others saved of it is read anew.

    Raises
    ------
    Http404
        If it was deleted since it was read.
    """
    if _lock(record) != record.version:
        record.refresh_from_db()


def held(record, queryset):
    """Lock a record, then read it as ``queryset`` does.

    The lock comes first and alone: PostgreSQL looks at the rows a locking query joins
    only once, before it waits, and would show the references others changed as empty.

    Raises
    ------
    Http404
        If it was deleted since it was read.
    """
    _lock(record)
    return queryset.get(pk=record.pk)


def hold_many(queryset):
    """Lock the records a queryset finds; answers a queryset of them, to be read now."""
    records = queryset.model._base_manager
    # Always in one order, lest two wait for each other.
    wanted = records.filter(pk__in=list(queryset.values_list("pk", flat=True)))
    ids = _locking(wanted).order_by("pk").values_list("pk", flat=True)
    return queryset.model._default_manager.filter(pk__in=list(ids))


def _locking(rows):
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError(
            "A lock ends with its transaction: begin one around the edit."
        )
    # Rows that refer to these may be added meanwhile.
    return rows.select_for_update(no_key=True)


def _lock(record):
    """Lock a record's row; answers the version it has now."""
    rows = _locking(type(record)._base_manager.all())
    version = rows.filter(pk=record.pk).values_list("version", flat=True).first()
    if version is None:
        raise Http404(f"{record} was deleted meanwhile.")
    return version


def save_edit(record):
    """Save a changed record as its next version.

    Raises
    ------
    Conflict
        If the row in hand is not of the newest version. `hold` keeps that from
        happening; without it, saving would take back what others changed.
    """
    newest = type(record)._base_manager.filter(pk=record.pk, version=record.version)
    if not newest.update(version=F("version") + 1):
        raise Conflict(
            f"{record} was changed at the same moment. Nothing was saved: read it "
            "again and repeat your change."
        )
    record.version += 1
    record.save()
