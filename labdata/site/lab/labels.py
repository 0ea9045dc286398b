"""Labels: sheets and label printers, the code that is scanned, what stands beside it.

Geometry in millimetres is in ``static/css/pages/labels.css``, one class per format; the
numbers here say how many labels a page takes and what each has room for.
"""

import re
from dataclasses import dataclass
from uuid import UUID

import segno

# Crockford's base 32: no letter looks like a digit, case does not matter.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LOOKALIKES = str.maketrans("ILO", "110")
SHORT_LENGTH = 12
_BITS = 5 * SHORT_LENGTH
_REST = 128 - _BITS
QUIET_ZONE = 4
# A monospaced letter of size 10 is this wide, and its lines are this far apart.
LETTER_WIDTH = 6
LINE_HEIGHT = 11.5
BASELINE = 8.5


@dataclass(frozen=True, slots=True)
class LabelFormat:
    """A sheet of labels, or a single label of a label printer.

    ``text_width`` and ``text_height`` are the room for the code that people read, in
    millimetres.
    """

    key: str
    name: str
    paper: str
    columns: int
    rows: int
    text_width: float
    text_height: float

    @property
    def per_page(self):
        return self.columns * self.rows

    @property
    def is_sheet(self):
        return self.per_page > 1


FORMATS = {
    one.key: one
    for one in (
        LabelFormat("a4-65", "A4, 65 of 38.1 × 21.2 mm (L7651)", "a4", 5, 13, 19, 7.5),
        LabelFormat("a4-24", "A4, 24 of 70 × 37 mm (3474)", "a4", 3, 8, 39, 11),
        LabelFormat("a4-21", "A4, 21 of 63.5 × 38.1 mm (L7160)", "a4", 3, 7, 32, 11),
        LabelFormat(
            "a4-189", "A4, 189 of 25.4 × 10 mm (L4731)", "a4", 7, 27, 14.5, 4.6
        ),
        LabelFormat(
            "letter-30", "Letter, 30 of 66.7 × 25.4 mm (5160)", "letter", 3, 10, 41, 9
        ),
        LabelFormat("62x29", "62 × 29 mm", "62x29", 1, 1, 32, 10),
        LabelFormat("54x17", "54 × 17 mm", "54x17", 1, 1, 35, 6.5),
        LabelFormat("25x25", "25 × 25 mm, vials", "25x25", 1, 1, 23, 4.5),
    )
}
DEFAULT_FORMAT = "a4-65"


def short_of(uuid):
    """The first 60 bits of a public id, as twelve letters and digits."""
    number = uuid.int >> _REST
    return "".join(ALPHABET[number >> shift & 31] for shift in range(_BITS - 5, -1, -5))


def uuids_of(short):
    """The first and the last public id that a short form can mean; None if none."""
    text = short.upper().translate(LOOKALIKES)
    if len(text) != SHORT_LENGTH or not set(text) <= set(ALPHABET):
        return None
    number = 0
    for letter in text:
        number = number << 5 | ALPHABET.index(letter)
    first = number << _REST
    return UUID(int=first), UUID(int=first | (1 << _REST) - 1)


def scan_address(base, short):
    """The address in the code: in capitals, where that means the same.

    Capitals, digits and ``:/.-`` take 5.5 bits each in a QR code, small letters 8: the
    same label holds larger, more easily read squares.
    """
    address = f"{base.rstrip('/')}/S/{short}"
    root = re.fullmatch(r"[a-z]+://[^/]+", base.rstrip("/"))
    return address.upper() if root else address


def qr_path(text):
    """Draw a QR code.

    Returns
    -------
    tuple of int and str
        Width in modules with the quiet zone, and the dark runs as an SVG path on it.
    """
    matrix = segno.make_qr(text, error="m", boost_error=False).matrix
    parts = []
    for y, row in enumerate(matrix):
        for match in re.finditer(rb"\x01+", bytes(row)):
            x, length = match.start() + QUIET_ZONE, match.end() - match.start()
            parts.append(f"M{x} {y + QUIET_ZONE}h{length}v1h-{length}z")
    return len(matrix) + 2 * QUIET_ZONE, "".join(parts)


def code_lines(code, width, height):
    """Break a code where it can be printed largest in a space of this shape."""

    def size(lines):
        longest = max(map(len, lines))
        return min(
            width / (longest * LETTER_WIDTH), height / (len(lines) * LINE_HEIGHT)
        )

    return max((_split(code, count) for count in (1, 2, 3)), key=size)


def _split(code, count):
    """Break into about equal lines, after a - or _ where one is near."""
    lines, rest = [], code
    for left in range(count, 1, -1):
        ideal = -(-len(rest) // left)
        breaks = [match.end() for match in re.finditer(r"[-_]", rest)]
        near = [at for at in breaks if abs(at - ideal) <= 2 and at < len(rest)]
        at = min(near, key=lambda at: (abs(at - ideal), -at), default=ideal)
        lines.append(rest[:at])
        rest = rest[at:]
    return [line for line in (*lines, rest) if line]


@dataclass(frozen=True, slots=True)
class Label:
    """One label, ready for the template."""

    sample: object
    composition: str
    address: str
    qr_width: int
    qr_path: str
    lines: list[str]
    text_width: int

    @property
    def view_height(self):
        return len(self.lines) * LINE_HEIGHT

    @property
    def baselines(self):
        """Each line of the code, how wide it is and where it stands."""
        return [
            (line, len(line) * LETTER_WIDTH, index * LINE_HEIGHT + BASELINE)
            for index, line in enumerate(self.lines)
        ]


def make_labels(samples, compositions, form, base):
    """The labels of samples, in their order; ``compositions`` by primary key."""
    made = []
    for sample in samples:
        address = scan_address(base, short_of(sample.uuid))
        qr_width, path = qr_path(address)
        lines = code_lines(sample.code, form.text_width, form.text_height)
        made.append(
            Label(
                sample=sample,
                composition=compositions.get(sample.pk, ""),
                address=address,
                qr_width=qr_width,
                qr_path=path,
                lines=lines,
                text_width=max(map(len, lines)) * LETTER_WIDTH,
            )
        )
    return made


def pages_of(labels, form, *, start=1, copies=1):
    """Lay labels out on pages; None is a place left empty on a half-used sheet."""
    places = [None] * (start - 1)
    for label in labels:
        places += [label] * copies
    size = form.per_page
    return [places[at : at + size] for at in range(0, len(places), size)]
