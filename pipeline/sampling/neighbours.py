"""The training images nearest to a sample, which show whether a network has memorised its training images.

The distance between two images is the root mean square difference of their values in [-1, 1]: 0 for a copy, 2 between
black and white, independent of image size. It is the L2 distance divided by the square root of the number of values.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod, sqrt

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.linalg import vector_norm

from pipeline.data.images import ImageSet, to_array, to_float
from pipeline.data.large.decoding import DecodedImages
from pipeline.errors.machine import UnusableValue
from pipeline.nodes.checked_workflow import check_run
from pipeline.nodes.training_subgraph import grid_tiling
from pipeline.runs.grids import grid_sample
from pipeline.runs.store import Store
from pipeline.sampling.real_images import real_images

PURPOSE = "find those nearest to a sample"
MOST_NEIGHBOURS = 64
AT_ONCE = 2**24
"""Number of values of real images compared at once: 64 MB of float32."""
MOST_DECODED = 100_000
"""Images that are decoded for a search: about a minute."""
COMPARED_HELD_OUT = 100
"""Held-out images that the usual distance is computed from."""


@dataclass(frozen=True)
class NearestImages:
    """The training images nearest to one sample, nearest first.

    images: (k, H, W, C) uint8. distances: (k,) float32. usual: the median distance from a held-out image to its nearest
    training image; a sample much closer than this may be a copy. None if no images are held out.
    """

    images: NDArray[np.uint8]
    distances: NDArray[np.float32]
    usual: float | None


class NeighbourSearch:
    """Finds the nearest real images of one run's samples."""

    def __init__(self, store: Store, run: str) -> None:
        """Load only the run's data set, on the CPU, which leaves the device's memory to training.

        Raises UnknownRun; UnusableValue if the run draws no sample grids; InvalidWorkflow and NodeFailure if this
        version of the program cannot load the run's data.
        """
        record = store.run(run)
        checked = check_run(record, PURPOSE)
        tiling = grid_tiling(checked.report)
        if tiling is None:
            raise UnusableValue(f"Run {run} draws no sample grids, so there is no sample to find neighbours of.")
        self.run = run
        self._files = store.files(run)
        self._tiling = tiling
        self._real = real_images(store, record, checked, PURPOSE)
        if isinstance(self._real.train.pixels, DecodedImages) and self._real.train.count > MOST_DECODED:
            raise UnusableValue(
                f"The {self._real.train.count:,} training images of run {run} are decoded whenever they are needed: to "
                f"compare a sample with each would take too long. It is done with up to {MOST_DECODED:,}."
            )
        self._usual = usual_distance(self._real.train, self._real.held_out)

    def neighbours(self, step: int, sample: int, count: int) -> NearestImages:
        """The `count` training images nearest to a sample of the grid of `step`. sample: its number, from 1.

        Raises UnusableValue for an invalid sample or count, UnknownGrid, BrokenGrid.
        """
        if not 1 <= count <= MOST_NEIGHBOURS:
            raise UnusableValue(f"{count:,} neighbours cannot be found: ask for 1 to {MOST_NEIGHBOURS}.")
        pixels = grid_sample(self._files, step, self._tiling, sample)
        query = torch.from_numpy(np.ascontiguousarray(pixels)).permute(2, 0, 1)
        indices, distances = nearest(self._real.train, query, count)
        images = to_array(self._real.train.take(indices))
        return NearestImages(images, distances.numpy(), self._usual)


def nearest(images: ImageSet, query: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The k nearest images of the set to `query` (C, H, W) uint8: indices (k,) int64 and distances (k,) float32.

    k is `count`, or the number of images if that is smaller. Equally near images are in the order of the set.
    """
    wanted = to_float(query[None]).flatten(1)
    # Differences instead of a matrix product, in which small distances, which matter here, would cancel out.
    lengths = [vector_norm(part.sub_(wanted), dim=1) for part in _in_parts(images)]  # each (n,)
    found, indices = torch.sort(torch.cat(lengths), stable=True)
    return indices[:count], found[:count] / sqrt(wanted.numel())


def usual_distance(train: ImageSet, held_out: ImageSet) -> float | None:
    """The median distance of the first COMPARED_HELD_OUT held-out images to their nearest training image.

    None if no images are held out.
    """
    if not held_out.count:
        return None
    queries = to_float(held_out.take(torch.arange(min(COMPARED_HELD_OUT, held_out.count)))).flatten(1)
    closest = torch.stack([torch.cdist(queries, part).amin(1) for part in _in_parts(train)]).amin(0)
    return float(closest.median()) / sqrt(queries.shape[1])


def _in_parts(images: ImageSet) -> Iterator[Tensor]:
    """All images in parts of at most AT_ONCE values: each (n, values per image) float32 in [-1, 1]."""
    values = prod(images.shape)
    return (to_float(part).flatten(1) for part in images.parts(max(1, AT_ONCE // values)))
