"""What a file's bytes are: text in some encoding, a known binary kind, or nothing."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

from labdata.plugin import UnreadableFile

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
    (b"BM", "a bitmap image"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or an Office document"),
    (b"\xd0\xcf\x11\xe0", "an old Office document or an Origin project"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3\x00", "a SQLite database"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
)

UNIT_SIGNS = frozenset("°µ²³±·Å×".encode("cp1252"))
"""Bytes that, alone among ASCII, are western unit signs in cp1252 and latin-1."""

LEGACY_ENCODINGS = ["cp932", "gb18030", "cp1252", "cp1251"]


# Tab, line ends, form feed and the end-of-file sign of old systems are text.
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x19\x1b-\x1f]")


def bytes_in_words(size: float) -> str:
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.4g} {unit}"
        size /= 1000
    return f"{size:.4g} GB"


def signature(head: bytes) -> str | None:
    """Name the well-known kind of file these first bytes belong to, if any."""
    for sign, kind in SIGNATURES:
        # Two letters may also begin a text; a binary file has other bytes around.
        if head.startswith(sign) and (len(sign) > 2 or b"\x00" in head[:64]):
            return kind
    return None


def refuse_hollow(head: bytes, size: int) -> None:
    """Raise `UnreadableFile` for an empty file and for one that begins with zeros."""
    if size == 0:
        raise UnreadableFile("The file is empty (0 bytes).")
    if not head.strip(b"\x00"):
        raise UnreadableFile(
            f"The file holds {bytes_in_words(size)}, and the first"
            f" {len(head):,} bytes are all zero: nothing was ever written into it"
            " (an interrupted copy or a full disk)."
        )


def describe(head: bytes, decoded: str) -> str:
    """Say what an unrecognised file looks like."""
    if kind := signature(head):
        return f"The file is {kind}, whatever its name says."
    if not decoded:
        return "The file is binary, in a format no reader knows."
    if not decoded.strip():
        return "The file holds nothing but blank space."
    first = next(line.strip() for line in decoded.splitlines() if line.strip())
    return (
        "The file is text, but no table of at least two columns of numbers was found;"
        f" it begins with {first[:60]!r}."
    )


def decode(data: bytes) -> tuple[str, str]:
    """Turn a file's bytes into text.

    Parameters
    ----------
    data : bytes
        The file.

    Returns
    -------
    text : str
        Without byte order mark.
    encoding : str
        Python's name of it.

    Raises
    ------
    UnreadableFile
        If the bytes are no text, with what they are.

    Notes
    -----
    A byte order mark decides; then UTF-16 shows by its zeros and UTF-8 by being
    valid. What is left is a legacy code page. Where all the bytes above ASCII are
    signs such as ° and µ it is cp1252, because that few bytes tell a statistical
    guess nothing; else charset-normalizer chooses among the usual ones.
    """
    if kind := signature(data[:64]):
        raise UnreadableFile(f"The file is {kind}, whatever its name says.")
    encoding = _encoding(data)
    try:
        decoded = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableFile(
            f"The file looks like {encoding} text, but byte {error.start + 1:,} is not."
        ) from error
    if (place := decoded.find("\x00")) >= 0:
        if not decoded[place:].strip("\x00"):
            raise UnreadableFile(
                f"The text ends at line {decoded.count(chr(10), 0, place) + 1}; from"
                " there the file is zeros: it was cut off while being written."
            )
        raise UnreadableFile("The file is binary, not text.")
    if _CONTROL.search(decoded):
        raise UnreadableFile("The file is binary, not text.")
    return decoded.removeprefix("\ufeff"), encoding


def _encoding(data: bytes) -> str:
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return encoding
    head = data[:4096]
    if len(head) >= 4 and b"\x00" in head:
        for start, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
            zeros = head[start::2].count(0)
            others = head[1 - start :: 2].count(0)
            if zeros > 0.4 * len(head) / 2 and not others:
                return encoding
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return _legacy_encoding(data)
    return "utf-8"


def _legacy_encoding(data: bytes) -> str:
    foreign = {byte for byte in data if byte > 127}
    if not foreign <= UNIT_SIGNS:
        best = from_bytes(data[:65536], cp_isolation=LEGACY_ENCODINGS).best()
        if best is not None and _decodes(data, best.encoding):
            return best.encoding
    return "cp1252" if _decodes(data, "cp1252") else "latin-1"


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def decode_head(head: bytes, size: int) -> str:
    """Decode a file's beginning for detection; what is no text gives ``""``."""
    if signature(head):
        return ""
    whole = size <= len(head)
    # A cut inside a character would make UTF-8 look like a legacy code page.
    encoding = _encoding(head if whole else head[: head.rfind(b"\n") + 1] or head)
    try:
        decoded = codecs.getincrementaldecoder(encoding)().decode(head, whole)
    except UnicodeDecodeError:
        return ""
    return "" if _CONTROL.search(decoded) else decoded.removeprefix("\ufeff")
