#!/usr/bin/env python
"""Command line of labdata."""

import os
import sys
from pathlib import Path

VAR = Path(__file__).resolve().parent / "var"


def choose_lab(command: str, var: Path = VAR) -> Path:
    """The data folder a command means where LABDATA_DATA_DIR names none.

    The demo and a lab of one's own lie side by side. A command that starts neither
    means the one that is running, else the one that is there.
    """
    own, demo = var / "lab", var / "demo"
    if command in ("demo", "serve"):
        return demo if command == "demo" else own
    there = [lab for lab in (own, demo) if (lab / "labdata.sqlite3").exists()]
    running = [lab for lab in there if _is_running(lab)]
    return (running or there or [own])[0]


def _is_running(lab: Path) -> bool:
    """Whether a supervisor holds the folder; the kernel forgets dead holders."""
    import fcntl

    try:
        with (lab / "supervisor.lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "labdata.settings")
    if "LABDATA_DATA_DIR" not in os.environ:
        command = sys.argv[1] if len(sys.argv) > 1 else ""
        os.environ["LABDATA_DATA_DIR"] = str(choose_lab(command))
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
