"""The one store of raw files and large arrays, as the settings name it."""

import hashlib
from functools import lru_cache

from django.conf import settings

from measurements.store.storage import StoreError, open_store

_open = lru_cache(maxsize=4)(open_store)


def get_store():
    """The store in force; opened once a process, and again if the setting changes."""
    return _open(settings.LABDATA_STORE_URL)


class DamagedBytes(StoreError):
    """The store gave other bytes than were put into it."""


def read_bytes(sha256):
    """All the bytes of that name, verified.

    Raises
    ------
    DamagedBytes
        If the disk or the service changed them.
    """
    with get_store().open(sha256) as file:
        data = file.read()
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise DamagedBytes(
            f"the bytes stored as {sha256[:12]}… have the SHA-256 {found[:12]}… now"
        )
    return data
