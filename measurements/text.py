"""What all text readers share: encodings, tables, numbers, titles with units."""

from __future__ import annotations


class UnreadableFile(Exception):
    """The file, not the program, is why it cannot be read."""


def bytes_in_words(size: int) -> str:
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.4g} {unit}"
        size /= 1000
    return f"{size:.4g} GB"
