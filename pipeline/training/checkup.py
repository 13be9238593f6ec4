"""What a family measures with every sample grid, beside what `inspection/checkup.py` measures of every run."""

from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

import torch
from torch import Tensor, nn

from pipeline.data.images import ImageSet
from pipeline.training.parts import RealImages

MOST_IMAGES = 128
"""Images looked at of each kind: training, held-out, samples. More would say little more and take longer."""


class Checkup:
    """Made once for an experiment; what it looks at is read when it first measures. This one measures nothing."""

    def __init__(self, images: RealImages) -> None:
        self._images = images

    @cached_property
    def train(self) -> "Spread":
        """The training images that every checkup of the run looks at."""
        return spread(self._images.train)

    @cached_property
    def held_out(self) -> "Spread":
        """The same of the held-out images, of which there may be none."""
        return spread(self._images.held_out)

    def measure(
        self, networks: Mapping[str, nn.Module], samples: Tensor, labels: Tensor | None
    ) -> Mapping[str, Tensor]:
        """0-dimensional tensors by the names of the series that the family's declaration has as its checkup.

        networks: by role, at rest, without gradients. samples: (N, C, H, W) in [-1, 1], just drawn; labels: (N,) int64,
        the class of each, None where they have none. It must change nothing in training: no random numbers of its.
        """
        return {}


class Spread(NamedTuple):
    """Some images of a set: (N, C, H, W) in [-1, 1], and their labels (N,) int64."""

    images: Tensor
    labels: Tensor


def spread(images: ImageSet) -> Spread:
    """At most MOST_IMAGES, evenly spread over the set, so that one sorted by class gives all."""
    count = min(MOST_IMAGES, images.count)
    places = torch.arange(count, device=images.device) * images.count // max(1, count)
    return Spread(images.batch(places), images.labels.index_select(0, places))
