"""The exact Wasserstein distance between images as they are: `wasserstein_distance` on values in [-1, 1] of pixels, for
100 images of each kind."""

import numpy as np
from numpy.typing import NDArray

from pipeline.metrics.required import known, require_images
from pipeline.metrics.signature import Measured, Metric, Sets, Unmeasurable
from pipeline.metrics.wasserstein_distance import match
from pipeline.why import Why

COUNT = 100


def values_of(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Pixels (P, H, W, C) uint8 -> their values in [-1, 1] (P, H W C)."""
    return (pixels.reshape(len(pixels), -1) / 127.5 - 1).astype(np.float32)


def measure(sets: Sets) -> Measured:
    """The distance of generated from held-out images. Raises Unmeasurable."""
    require_images(sets, 2, 2)
    pixels = [known(each.pixels, "The pixels of the images are not known.") for each in (sets.generated, sets.held_out)]
    if min(map(len, pixels)) < 2:
        raise Unmeasurable("This needs the pixels of two generated and two held-out images at least.")
    random = np.random.default_rng([sets.seed, 7])
    one, other = (values_of(each[np.sort(random.permutation(len(each))[:COUNT])]) for each in pixels)
    value, interval, count = match(one, other, COUNT, sets.seed)
    return Measured(value, count, count, *interval)


WASSERSTEIN_PIXELS = Metric(
    name="wasserstein_pixels",
    title="Wasserstein distance of pixels",
    unit="Euclidean distance of values in −1 to 1",
    definition=r"$\min_\pi\frac1n\sum_i\|x_i-y_{\pi(i)}\|$ over matchings of 100 generated and 100 held-out images, "
    "as vectors of their pixels' values.",
    good_for="A check without any network: noise, wrong brightness and wrong contrast.",
    bad_for="A shift by a pixel counts as a large change, and blurred images come out better than sharp ones.",
    why=Why(
        "Every other distance trusts a network's features; this one shows what the images themselves say. Its floor is "
        "high, because no two real images are alike.",
        "Peyré & Cuturi 2019",
        "https://arxiv.org/abs/1803.00567",
    ),
    cost="constant: 100 images",
    better="lower",
    needs=frozenset({"pixels"}),
    measure=measure,
)
