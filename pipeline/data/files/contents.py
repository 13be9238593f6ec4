"""Warnings about what a set shows: images that are nearly all black, white, of one shade, or equal to each other."""

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from pipeline.data.files.shades import PARAMETER

MOST = 0.9
"""A warning is due if this share of the images is like that."""

BLACK, WHITE = 25, 230
"""An image is nearly black if hardly a shade is above the first, and nearly white if hardly one is below the second."""

HARDLY = 0.005
"""Share of an image's shades; a hot pixel does not make a black image bright."""

FLAT = 2
"""An image is of one shade if its shades differ by no more than this."""


def content_warnings(pixels: NDArray[np.uint8], *, known_dark: bool = False) -> tuple[str, ...]:
    """Sentences about what is probably not meant. pixels: (N, C, H, W) uint8, prepared. known_dark: whether another
    warning already says that the images are dark."""
    count = len(pixels)
    rows = pixels.reshape(count, -1)
    # Not of each channel by itself: a set of red images is neither black nor white.
    dark, bright = _hardly_any(rows, above=BLACK), _hardly_any(rows, below=WHITE)
    flat = (np.ptp(pixels.reshape(*pixels.shape[:2], -1), axis=2) <= FLAT).all(axis=1)
    found = []
    if black := _most(dark):
        if not known_dark:
            found.append(
                f"{black} nearly black: hardly a shade is brighter than {round(BLACK / 2.55)}% of white. If the files "
                f"are not dark, set {PARAMETER} to 'largest value' or to their number of bits."
            )
    elif white := _most(bright):
        found.append(f"{white} nearly white: hardly a shade is darker than {round(WHITE / 2.55)}% of white.")
    elif plain := _most(flat):
        found.append(f"{plain} of one shade only, so there is nothing to see in them.")
    if count > 1 and (equal := _equal(rows)) >= MOST * count:
        all_or_some = f"All {count:,}" if equal == count else f"{equal:,} of the {count:,}"
        found.append(f"{all_or_some} images are equal to each other after preparation.")
    return tuple(found)


def _hardly_any(rows: NDArray[np.uint8], *, above: int = 255, below: int = 0) -> NDArray[np.bool_]:
    """Which images (N,) have hardly a shade above or below a value."""
    # One image at a time: a mask of all would take as much memory as the set.
    shades = [np.count_nonzero((row > above) | (row < below)) for row in rows]
    few: NDArray[np.bool_] = np.array(shades) <= HARDLY * rows.shape[1]
    return few


def _most(chosen: NDArray[np.bool_]) -> str:
    """The beginning of a sentence on these images; "" if they are too few."""
    number, count = int(chosen.sum()), len(chosen)
    if number < MOST * count:
        return ""
    if count == 1:
        return "The only image is"
    return f"All {count:,} images are" if number == count else f"{number:,} of the {count:,} images are"


def _equal(rows: NDArray[np.uint8]) -> int:
    """The number of images in the largest group of equal ones."""
    return max(Counter(hash(row.tobytes()) for row in rows).values())
