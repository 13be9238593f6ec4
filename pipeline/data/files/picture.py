"""Decodes a picture file of any mode to grey (L) or colour (RGB).

    EXIF orientation     applied: the image is turned as a viewer shows it
    transparency         composited on white, the usual background for cut-out pictures
    16 bits, 32 bits     scaled to 8: 65,535 becomes 255; floating point from 0 to 1
    palette, CMYK, YCbCr converted to RGB; black and white (1 bit) to grey
    animation            its first frame

Only formats whose decoders run in this process are opened (EPS would start Ghostscript), and only if the header does
not ask for more pixels than `limits.py` allows.
"""

import io
import os
import stat
import warnings
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from pipeline.data.files.limits import MOST_FILE_BYTES, MOST_PIXELS
from pipeline.data.files.source import SourceImage
from pipeline.errors.data import BrokenImage

FORMATS = ("PNG", "JPEG", "BMP", "DIB", "GIF", "WEBP", "TIFF", "PPM")
GREY_MODES = frozenset(("1", "L", "LA", "La", "I", "F"))
QUARTER_TURNS = frozenset((5, 6, 7, 8))
"""EXIF orientations that swap height and width."""

DRAFT = 2
"""A JPEG may be decoded at reduced size, but at least at this multiple of the side it will be scaled to."""

# Too many pixels are an error of that one picture, and damaged metadata is ignored: neither prints to standard error.
# (These filters apply to all threads; `catch_warnings` would not.)
warnings.filterwarnings("ignore", module=r"PIL\.")
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


def read_file(path: Path, most: int | None = None) -> bytes:
    """The bytes of a regular file; never blocks on anything else (a device, a pipe). Raises BrokenImage.

    most: read only so many bytes of a file of any size; None to read a picture, or to refuse one that is too large.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise BrokenImage("it is not a regular file")
            if most is not None:
                return file.read(min(most, found.st_size + 1))
            _require_size(found.st_size)
            return file.read(found.st_size + 1)
    except OSError as error:
        raise BrokenImage((error.strerror or str(error)).lower()) from None


def decode(content: bytes, side: int = 0) -> SourceImage:
    """The picture in these bytes. side: pixels per side it will be scaled to, 0 for its own size. Raises
    BrokenImage."""
    if not content:
        raise BrokenImage("it is empty (0 bytes)")
    _require_size(len(content))
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            width, height = image.size
            if width * height > MOST_PIXELS:
                raise BrokenImage(f"it has {width:,}×{height:,} pixels, more than the {MOST_PIXELS:,} allowed")
            # A camera's MPO is a JPEG followed by previews, not an animation.
            mode, animated = image.mode, image.format != "MPO" and bool(getattr(image, "is_animated", False))
            if side and min(width, height) > DRAFT * side:
                # Ask for the size in proportion: it is the shorter side that must stay large enough.
                scale = DRAFT * side / min(width, height)
                image.draft(None, (round(width * scale), round(height * scale)))
            image.load()
            upright, sideways = _upright(image)
            return SourceImage(_plain(upright), (width, height) if sideways else (height, width), mode, animated)
    except BrokenImage:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise BrokenImage(f"it has more than the {MOST_PIXELS:,} pixels allowed") from None
    except UnidentifiedImageError:
        raise BrokenImage("it is not a picture in a known format") from None
    except Exception as error:  # noqa: BLE001 - decoders raise all kinds of errors at damaged bytes
        reason = " ".join(str(error).split())[:120].rstrip(".") or type(error).__name__
        raise BrokenImage(f"it is damaged ({reason})") from None


def header(content: bytes) -> str:
    """The mode of a picture, from its header alone. Raises BrokenImage."""
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            return image.mode
    except Exception as error:
        raise BrokenImage("it is not a picture in a known format") from error


def is_grey(mode: str) -> bool:
    """Whether pictures of this mode have no colour."""
    return mode in GREY_MODES or mode.startswith("I;")


def opaque(image: Image.Image) -> Image.Image:
    """An image with transparency, composited on white: mode L or RGB."""
    grey = is_grey(image.mode)
    layer = image.convert("RGBA")
    ground = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(ground, layer).convert("L" if grey else "RGB")


def _require_size(count: int) -> None:
    if count > MOST_FILE_BYTES:
        raise BrokenImage(f"it has {count:,} bytes, more than the {MOST_FILE_BYTES:,} allowed")


def _upright(image: Image.Image) -> tuple[Image.Image, bool]:
    """The image as a viewer shows it, and whether that took a quarter turn."""
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
        return (image if orientation == 1 else ImageOps.exif_transpose(image)), orientation in QUARTER_TURNS
    except Exception:  # noqa: BLE001 - a picture with damaged EXIF data is still usable
        return image, False


def _plain(image: Image.Image) -> Image.Image:
    """The image in mode L or RGB."""
    if image.mode in ("L", "RGB") and not image.has_transparency_data:
        return image
    if image.mode == "F":
        return _scaled(image, 1.0, "floating-point values outside 0 to 1")
    if image.mode == "I" or image.mode.startswith("I;"):
        return _scaled(image, 65_535.0, "32-bit values outside 0 to 65,535")
    if image.has_transparency_data:
        return opaque(image)
    return image.convert("L" if is_grey(image.mode) else "RGB")


def _scaled(image: Image.Image, white: float, outside: str) -> Image.Image:
    values = np.asarray(image).astype(np.float64)
    if not (np.isfinite(values).all() and values.min() >= 0 and values.max() <= white):
        raise BrokenImage(f"it has {outside}")
    return Image.fromarray(np.rint(values * (255 / white)).astype(np.uint8))
