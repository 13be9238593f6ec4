"""What a metric requires of its sets, and the sentence for users if it is missing."""

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from pipeline.metrics.signature import Sets, Unmeasurable

Array = TypeVar("Array", bound=NDArray[Any])


def require_images(sets: Sets, generated: int, held_out: int) -> None:
    """Raise Unmeasurable if there are fewer generated or held-out images than these numbers."""
    if not len(sets.held_out):
        raise Unmeasurable("No images are held out to compare with: hold some out in the node of the images.")
    found = (len(sets.generated), len(sets.held_out))
    if found[0] < generated or found[1] < held_out:
        raise Unmeasurable(
            f"This needs at least {generated:,} generated and {held_out:,} held-out images, not {found[0]:,} and "
            f"{found[1]:,}: draw or hold out more."
        )


def known(values: Array | None, missing: str) -> Array:
    """Values of images that are not None. Raises Unmeasurable with the sentence `missing` for None or no values."""
    if values is None or not len(values):
        raise Unmeasurable(missing)
    if not np.isfinite(values).all():
        raise Unmeasurable("Values of some images are not finite, so that they cannot be compared.")
    return values
