"""The rules of version 0.3 for files and shades, so that runs made with it get exactly the images that they had.

Each array and each picture had a scale of its own, chosen by its largest value. `shades.py` has today's rule.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pipeline.errors.data import BrokenImage, UnusableSource

FORMATS_0_3 = ("PNG", "JPEG", "BMP", "DIB", "GIF", "WEBP", "TIFF", "PPM")
ENDINGS_0_3 = frozenset(
    (".png", ".jpg", ".jpeg", ".jpe", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm", ".pbm", ".pnm")
)


def array_shades(array: NDArray[np.generic], where: str) -> NDArray[np.uint8]:
    """Convert numbers to 8-bit shades, 0 black and 255 white.

    Integers up to 255 are taken as they are, up to 65,535 as 16 bits; floats up to 1 as shares of white, up to 255 as
    shades; true is white. Raises UnusableSource for anything else.
    """
    if array.dtype == np.uint8:
        return array.astype(np.uint8, copy=False)
    if array.dtype == np.bool_:
        return array.astype(np.uint8) * np.uint8(255)
    if array.dtype.kind not in "iuf" or not array.size:
        raise UnusableSource(where, f"it holds {array.dtype}, which cannot be shades")
    lowest, highest = float(array.min()), float(array.max())
    whites = (1.0, 255.0) if array.dtype.kind == "f" else (255.0, 65_535.0)
    white = next((each for each in whites if highest <= each), None)
    # Comparisons with NaN are false.
    if white is None or not lowest >= 0:
        allowed = " or ".join(f"0 to {each:,.0f}" for each in whites)
        raise UnusableSource(where, f"its values range from {lowest:g} to {highest:g}", f"Shades must be {allowed}.")
    scaled: NDArray[np.float32] = np.multiply(array, 255 / white, dtype=np.float32)
    return np.rint(scaled).astype(np.uint8)


def picture_shades(image: Image.Image) -> Image.Image:
    """A picture of more than 8 bits (mode I, I;16, …, or F) in mode L. Raises BrokenImage."""
    white, outside = (
        (1.0, "floating-point values outside 0 to 1")
        if image.mode == "F"
        else (65_535.0, "32-bit values outside 0 to 65,535")
    )
    values = np.asarray(image).astype(np.float64)
    if not (np.isfinite(values).all() and values.min() >= 0 and values.max() <= white):
        raise BrokenImage(f"it has {outside}")
    return Image.fromarray(np.rint(values * (255 / white)).astype(np.uint8))
