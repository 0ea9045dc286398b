"""Photographs made small: upright, without what they tell of place and camera."""

from __future__ import annotations

from io import BytesIO
from pathlib import PurePath

from PIL import Image, ImageOps, UnidentifiedImageError

# What Pillow may open here, by the name it gives the format: no documents, no
# vector graphics, nothing that runs another program.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
EXTENSIONS = frozenset(
    {".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff"}
)
UNSHOWN = frozenset({".heic", ".heif", ".avif", ".raw", ".dng", ".cr2", ".nef"})
"""Photographs that are kept but that no preview can be made of here."""

MOST_BYTES = 64 * 1024 * 1024
MOST_PIXELS = 50_000_000
"""More than a phone's picture; a picture may not unpack to more memory than this."""

QUALITY = 82


class NoPicture(ValueError):
    """The bytes are no picture of a kind that can be shown, or too large a one."""


def is_photograph(name: str) -> bool:
    """Whether a file's name says that it is a photograph, shown here or not."""
    return PurePath(name).suffix.lower() in EXTENSIONS | UNSHOWN


def has_preview(name: str) -> bool:
    """Whether a preview can be made of a file of this name."""
    return PurePath(name).suffix.lower() in EXTENSIONS


def make_small(data: bytes, side: int) -> bytes:
    """Reduce a picture to a JPEG.

    Parameters
    ----------
    data : bytes
        The file as it was uploaded.
    side : int
        The longest side of the result [pixel]; a smaller picture is not enlarged.

    Returns
    -------
    bytes
        Turned upright, on white where it was transparent, without metadata.

    Raises
    ------
    NoPicture
        If it cannot be shown, however it is broken.
    """
    if len(data) > MOST_BYTES:
        raise NoPicture(f"{len(data)} bytes are more than {MOST_BYTES}")
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as opened:
            # A JPEG is unpacked at a fraction of its size where that is enough.
            opened.draft("RGB", (2 * side, 2 * side))
            if opened.width * opened.height > MOST_PIXELS:
                raise NoPicture(
                    f"{opened.width} × {opened.height} pixels are more than"
                    f" {MOST_PIXELS}"
                )
            # Before it is turned, so that only the small one is.
            opened.thumbnail((side, side))
            upright = ImageOps.exif_transpose(opened)
            small = _on_white(upright)
    except NoPicture:
        raise
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
    ) as error:
        raise NoPicture(str(error)) from error
    made = BytesIO()
    small.save(made, "JPEG", quality=QUALITY, optimize=True)
    return made.getvalue()


def _on_white(picture: Image.Image) -> Image.Image:
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    layer = picture.convert("RGBA")
    white = Image.new("RGB", layer.size, "white")
    white.paste(layer, mask=layer.getchannel("A"))
    return white
