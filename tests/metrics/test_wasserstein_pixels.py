import numpy as np
import pytest

from pipeline.metrics.signature import Images, Sets, Unmeasurable
from pipeline.metrics.wasserstein_pixels import WASSERSTEIN_PIXELS


def of_level(level, count=120, known=120):
    return Images(np.zeros((count, 1), np.float32), np.full((known, 4, 4, 3), level, np.uint8))


def test_black_and_white_images_are_as_far_apart_as_their_values():
    """48 values of an image differ by 2: √48 · 2."""
    found = WASSERSTEIN_PIXELS.of(Sets(of_level(0), of_level(255), of_level(0)))
    assert found.value == pytest.approx(np.sqrt(48) * 2)
    assert (found.generated, found.real) == (100, 100)


def test_pixels_that_are_not_known_are_refused():
    with pytest.raises(Unmeasurable, match="pixels of the images are not known"):
        WASSERSTEIN_PIXELS.of(Sets(of_level(0, known=0), of_level(0), of_level(0)))
