"""A family's own measurements with every sample grid, in addition to those of `inspection/checkup.py`."""

from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

import torch
from torch import Tensor, nn

from pipeline.data.images import ImageSet
from pipeline.training.parts import RealImages

MOST_IMAGES = 128
"""Images measured of each kind: training, held-out, samples. More would add little and take longer."""


class Checkup:
    """Base class that measures nothing. Made once per experiment; its images are read at the first measurement."""

    def __init__(self, images: RealImages) -> None:
        self._images = images

    @cached_property
    def train(self) -> "Spread":
        """The training images that every checkup of the run measures."""
        return spread(self._images.train)

    @cached_property
    def held_out(self) -> "Spread":
        """The held-out images that every checkup of the run measures; there may be none."""
        return spread(self._images.held_out)

    def measure(
        self, networks: Mapping[str, nn.Module], samples: Tensor, labels: Tensor | None
    ) -> Mapping[str, Tensor]:
        """Measure the checkup series that the family declares: 0-dimensional tensors by series name.

        networks: by role, in eval mode, without gradients. samples: (N, C, H, W) in the range of the
        real images, just drawn. labels: (N,) int64, the class of each sample, None without classes. It must not affect
        training, so it must not use the training's random numbers.
        """
        return {}


class Spread(NamedTuple):
    """Some images of a set: images (N, C, H, W) and labels (N,) int64."""

    images: Tensor
    labels: Tensor


def spread(images: ImageSet) -> Spread:
    """At most MOST_IMAGES images, evenly spaced over the set, so that a set sorted by class gives every class."""
    count = min(MOST_IMAGES, images.count)
    places = torch.arange(count, device=images.device) * images.count // max(1, count)
    return Spread(images.batch(places), images.labels.index_select(0, places))
