"""Acts at the same moment, as two requests of two people are."""

import threading
import time
from contextlib import contextmanager

from django.db import connection, connections, transaction

LONGEST_WAIT = 3.0
# SQLite tells nobody who waits for it; its writers are at the door well within this.
ON_THE_WAY = 0.1


@contextmanager
def beginning_during(acts):
    """Begin ``acts`` while the caller's transaction holds what they need.

    The block is one transaction. What it locks or changes stands in the way of the
    acts, which begin at its end and wait; it commits when all of them do (or have
    ended without waiting). So every act has read what it reads without a lock before
    any of them can write.

    Yields
    ------
    list
        What each act answered, or the exception it ended with; filled after the block.
    """
    outcomes = [None] * len(acts)

    def run(index, act):
        try:
            outcomes[index] = act()
        except Exception as error:  # noqa: BLE001 - handed to the test
            outcomes[index] = error
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=run, args=(index, act), daemon=True)
        for index, act in enumerate(acts)
    ]
    with transaction.atomic():
        yield outcomes
        for thread in threads:
            thread.start()
        _wait_for(threads)
    for thread in threads:
        thread.join()


def at_once(record, acts):
    """Do all acts on one record at the same moment; answers what each answered."""
    with beginning_during(acts) as outcomes:
        rows = type(record)._base_manager.select_for_update()
        rows.get(pk=record.pk)
    return outcomes


def _wait_for(threads):
    """Until each thread waits for a lock, or has ended."""
    if connection.vendor == "sqlite":
        time.sleep(ON_THE_WAY)
        return
    until = time.monotonic() + LONGEST_WAIT
    while time.monotonic() < until:
        alive = sum(thread.is_alive() for thread in threads)
        with connection.cursor() as cursor:
            # Within a transaction the server shows the same moment again and again.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
                "AND datname = current_database()"
            )
            (waiting,) = cursor.fetchone()
        if waiting >= alive:
            return
        time.sleep(0.01)
