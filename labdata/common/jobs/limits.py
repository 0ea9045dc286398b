"""A ceiling on the memory that one piece of work may take."""

import contextlib
import re
from pathlib import Path

try:
    import resource
except ImportError:  # not a Unix
    resource = None


@contextlib.contextmanager
def memory(limit_bytes: int | None):
    """Let the process's writable memory grow by at most ``limit_bytes``.

    What the process holds already is measured and added, so loaded libraries and
    compiled kernels cost the work nothing. Where the system does not say what a
    process holds, there is no limit.
    """
    held = _held_bytes()
    if limit_bytes is None or resource is None or held is None:
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    ceiling = held + limit_bytes
    for bound in (soft, hard):
        if bound != resource.RLIM_INFINITY:
            ceiling = min(ceiling, bound)
    resource.setrlimit(resource.RLIMIT_DATA, (ceiling, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _held_bytes() -> int | None:
    """What Linux holds against ``RLIMIT_DATA``: private writable memory."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    found = re.search(r"^VmData:\s+(\d+) kB", status, re.MULTILINE)
    return int(found[1]) * 1024 if found else None


def describe_bytes(size: int) -> str:
    if size >= 1024**3:
        return f"{size / 1024**3:.3g} GB"
    return f"{size / 1024**2:.3g} MB"


def describe_seconds(seconds: float) -> str:
    if seconds >= 120:
        return f"{seconds / 60:.3g} minutes"
    return f"{seconds:.3g} seconds"
