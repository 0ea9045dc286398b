"""The embedded message broker: a folder of small files, each put there in one step."""

from __future__ import annotations

import contextlib
import logging
import os
import time
import uuid
from collections import deque
from pathlib import Path
from queue import Empty

from kombu.transport import TRANSPORT_ALIASES, virtual
from kombu.utils.json import dumps, loads

logger = logging.getLogger(__name__)

SCHEME = "local"


def register() -> None:
    """Let broker addresses begin with ``local://``."""
    TRANSPORT_ALIASES[SCHEME] = f"{__name__}:Transport"


class Channel(virtual.Channel):
    """One folder per queue, one file per message, named by its time.

    Kombu's own file transport shows files that are still being written and loses
    what it reads half. Here a message appears by renaming a complete, flushed file
    and is taken by renaming it away, which only one reader can do. A file that is no
    message is put aside for a person to look at, and the next one is read.
    """

    def __init__(self, connection, **kwargs):
        super().__init__(connection, **kwargs)
        self._known: dict[str, deque[str]] = {}

    def _put(self, queue, message, **kwargs):
        name = f"{time.time_ns():020d}-{uuid.uuid4().hex}"
        draft = self._folder("drafts") / name
        with draft.open("w", encoding="utf-8") as file:
            file.write(dumps(message))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._folder("queues", queue) / f"{name}.msg")

    def _get(self, queue, timeout=None):
        while True:
            taken = self._take(queue)
            try:
                message = _decode(taken.read_bytes())
            except ValueError:
                aside = self._folder("undecodable") / taken.name
                taken.replace(aside)
                logger.error("a file in the broker is no message, see %s", aside)
                continue
            taken.unlink()
            return message

    def _take(self, queue) -> Path:
        """Move the oldest message that nobody else takes out of the queue."""
        folder = self._folder("queues", queue)
        known = self._known.setdefault(queue, deque())
        if not known:
            known.extend(self._names(queue))
        while known:
            name = known.popleft()
            taken = self._folder("taken") / name
            with contextlib.suppress(FileNotFoundError):
                (folder / name).replace(taken)
                return taken
        raise Empty

    def _names(self, queue) -> list[str]:
        names = os.listdir(self._folder("queues", queue))  # noqa: PTH208 - no Path each
        return sorted(name for name in names if name.endswith(".msg"))

    def _size(self, queue):
        return len(self._names(queue))

    def _purge(self, queue):
        purged = 0
        for name in self._names(queue):
            with contextlib.suppress(FileNotFoundError):
                (self._folder("queues", queue) / name).unlink()
                purged += 1
        return purged

    def _folder(self, *parts: str) -> Path:
        folder = Path(self.connection.client.transport_options["folder"], *parts)
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def _decode(content: bytes) -> dict:
    message = loads(content.decode("utf-8"))
    if not (isinstance(message, dict) and {"body", "properties"} <= message.keys()):
        raise ValueError("not a message")
    return message


class Transport(virtual.Transport):
    """Point-to-point queues only; binding tables, which can tear, are not kept."""

    Channel = Channel
    driver_type = SCHEME
    driver_name = SCHEME
    default_connection_params = {}
    polling_interval = 0.1
    longest_wait = 0.3
    implements = virtual.Transport.implements.extend(
        asynchronous=False, exchange_type=frozenset(["direct"])
    )

    def drain_events(self, connection, timeout=None):
        # A worker looks whether it shall stop only between two waits.
        if timeout is not None:
            timeout = min(timeout, self.longest_wait)
        return super().drain_events(connection, timeout=timeout)

    def driver_version(self):
        return "1"
