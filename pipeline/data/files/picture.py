"""Decodes a picture file of any mode to grey (L) or colour (RGB), or to the stored numbers if they need a scale.

    EXIF orientation     applied: the image is turned as a viewer shows it
    transparency         composited on white, the usual background for cut-out pictures
    16 bits, 32 bits     the stored numbers, whole or floating-point; `shades.py` makes shades of them
    palette, CMYK, YCbCr converted to RGB; black and white (1 bit) to grey
    animation            its first frame

Only the formats in `formats.py` are opened, and only if the header does not ask for more pixels than `limits.py`
allows.
"""

import io
import os
import stat
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageFile, ImageOps, UnidentifiedImageError

from pipeline.data.files.formats import formats, missing_format
from pipeline.data.files.limits import MOST_FILE_BYTES, MOST_PIXELS
from pipeline.data.files.rules import Rules
from pipeline.data.files.shades_0_3 import picture_shades
from pipeline.data.files.source import SourceImage
from pipeline.errors.data import BrokenImage

NOT_FINITE = "it holds values that are no numbers (NaN or infinity)"
GREY_MODES = frozenset(("1", "L", "LA", "La", "I", "F"))
QUARTER_TURNS = frozenset((5, 6, 7, 8))
"""EXIF orientations that swap height and width."""

SIXTEEN_BIT_FORMATS = frozenset(("PNG", "PPM"))
"""Formats without 32 bits: Pillow may still decode them to 32-bit numbers."""

GREY_AND_OPACITY = "LA;16B"
OTHER_ORDER = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}
LOW_BYTES = {
    f"{colours};16{order}": f"{colours};16{other}"
    for colours in ("RGB", "RGBA", "RGBX")
    for order, other in OTHER_ORDER.items()
} | {GREY_AND_OPACITY: "RGBA"}
"""Pillow's raw modes of 16-bit colours, which keep the high bytes -> those that keep the low bytes: the other byte
order. Grey and opacity have no other order, so all their four bytes are read."""

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


def decode(content: bytes, side: int = 0, name: str = "", rules: Rules = "0.4") -> SourceImage:
    """The picture in these bytes. side: pixels per side it will be scaled to, 0 for its own size. name: of its file;
    some formats are known by their ending alone. Raises BrokenImage.
    """
    if not content:
        raise BrokenImage("it is empty (0 bytes)")
    _require_size(len(content))
    try:
        with Image.open(io.BytesIO(content), formats=formats(name, rules)) as image:
            width, height = image.size
            if width * height > MOST_PIXELS:
                raise BrokenImage(f"it has {width:,}×{height:,} pixels, more than the {MOST_PIXELS:,} allowed")
            # A camera's MPO is a JPEG followed by previews, not an animation; an icon's frames are its sizes.
            mode, animated = image.mode, image.format != "MPO" and bool(getattr(image, "is_animated", False))
            if side and min(width, height) > DRAFT * side:
                # Ask for the size in proportion: it is the shorter side that must stay large enough.
                scale = DRAFT * side / min(width, height)
                image.draft(None, (round(width * scale), round(height * scale)))
            low = None if rules == "0.3" else _low_bytes(content, image, name)
            image.load()
            upright, sideways = _upright(image)
            size = (width, height) if sideways else (height, width)
            if rules == "0.3":
                return SourceImage(
                    _plain(picture_shades(upright) if _is_deep(upright) else upright), size, mode, animated
                )
            if low is not None:
                return SourceImage(_sixteen_bits(upright, low), size, mode, animated)
            if _is_deep(upright):
                return SourceImage(_numbers(upright, image.format or ""), size, mode, animated)
            return SourceImage(_plain(upright), size, mode, animated)
    except BrokenImage:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise BrokenImage(f"it has more than the {MOST_PIXELS:,} pixels allowed") from None
    except UnidentifiedImageError:
        if missing := missing_format(name):
            raise BrokenImage(f"Pillow on this machine was built without {missing}") from None
        raise BrokenImage("it is not a picture in a known format") from None
    except Exception as error:  # noqa: BLE001 - decoders raise all kinds of errors at damaged bytes
        reason = " ".join(str(error).split())[:120].rstrip(".") or type(error).__name__
        raise BrokenImage(f"it is damaged ({reason})") from None


def header(content: bytes, name: str = "", rules: Rules = "0.4") -> str:
    """The mode of a picture, from its header alone. Raises BrokenImage."""
    try:
        with Image.open(io.BytesIO(content), formats=formats(name, rules)) as image:
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
    """An 8-bit image in mode L or RGB."""
    if image.mode in ("L", "RGB") and not image.has_transparency_data:
        return image
    if image.has_transparency_data:
        return opaque(image)
    return image.convert("L" if is_grey(image.mode) else "RGB")


def _is_deep(image: Image.Image) -> bool:
    return image.mode in ("I", "F") or image.mode.startswith("I;")


def _numbers(image: Image.Image, form: str) -> NDArray[np.generic]:
    """The stored values of a grey picture of more than 8 bits, (H, W, 1)."""
    values = np.asarray(image)
    if not np.isfinite(values).all():
        raise BrokenImage(NOT_FINITE)
    if image.mode == "I" and form in SIXTEEN_BIT_FORMATS:
        values = values.astype(np.uint16)
    return values[..., None]


def _low_bytes(content: bytes, image: ImageFile.ImageFile, name: str) -> Image.Image | None:
    """The low bytes of a picture with 16-bit colours, of which Pillow keeps only the high ones; None for all others."""
    raw_modes = [_raw_mode(tile.args) for tile in image.tile]
    if not raw_modes or not all(mode in LOW_BYTES for mode in raw_modes):
        return None
    with Image.open(io.BytesIO(content), formats=formats(name)) as other:
        other.tile = [tile._replace(args=_low_arguments(tile.args)) for tile in other.tile]
        other.load()
        low: Image.Image = other
        if raw_modes[0] == GREY_AND_OPACITY:
            low = Image.fromarray(np.asarray(other)[..., [1, 1, 1, 3]])
            low.info.update(other.info)
        return _upright(low)[0]


def _raw_mode(arguments: Any) -> str:
    found = arguments[0] if isinstance(arguments, tuple) and arguments else arguments
    return found if isinstance(found, str) else ""


def _low_arguments(arguments: Any) -> Any:
    if isinstance(arguments, str):
        return LOW_BYTES[arguments]
    return (LOW_BYTES[arguments[0]], *arguments[1:])


def _sixteen_bits(high: Image.Image, low: Image.Image) -> NDArray[np.uint16]:
    """The numbers (H, W, 3 or 4) uint16 of these two bytes."""
    found: NDArray[np.uint16] = np.asarray(high).astype(np.uint16) << 8 | np.asarray(low)
    return found
