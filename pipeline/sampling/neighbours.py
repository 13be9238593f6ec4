"""The real images that a generated one is closest to, which tells whether a network draws or only remembers.

The distance of two images is the root mean square difference of their values, which lie in [-1, 1]: 0 for a copy, 2
for black beside white, and of the same size for small and large images. It is the L2 distance divided by the square
root of the number of values.
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
from pipeline.errors.machine import UnusableValue
from pipeline.nodes.assemble import build_node
from pipeline.nodes.checked_workflow import read_checked
from pipeline.nodes.grids import grid_tiling
from pipeline.nodes.ports import ImagesPort
from pipeline.runs.grids import kept_sample
from pipeline.runs.store import Store
from pipeline.training.parts import RealImages

MOST_NEIGHBOURS = 64
AT_ONCE = 2**24
"""Values of real images that are compared in one go: 64 MB of float32."""
COMPARED_HELD_OUT = 100
"""Held-out images from which the usual distance is told."""


@dataclass(frozen=True)
class NearestImages:
    """The nearest training images of one sample, the nearest first.

    images: (k, H, W, C) uint8. distances: (k,) float32. usual: the median distance from a held-out image to the
    training image nearest to it, which a sample that is no copy should not fall much short of; None where no image is
    held out.
    """

    images: NDArray[np.uint8]
    distances: NDArray[np.float32]
    usual: float | None


class Neighbourhood:
    """The real images of one run, among which the neighbours of its samples are looked for."""

    def __init__(self, store: Store, run: str) -> None:
        """Loads the run's data set and builds nothing else, on the CPU, whose memory training needs less.

        Raises UnknownRun; UnusableValue where the run draws no grids; InvalidWorkflow and NodeFailure where this
        version of the program cannot load the run's data.
        """
        record = store.run(run)
        checked = read_checked(record.workflow_text, f"The workflow of run {run}")
        tiling = grid_tiling(checked.report)
        if tiling is None:
            raise UnusableValue(f"Run {run} draws no sample grids, so there is no sample to look for neighbours of.")
        self.run = run
        self._files = store.files(run)
        self._tiling = tiling
        # The last node on the way to the training that gives out images is the one that it learns from.
        node = checked.trained.giving(ImagesPort)[-1]
        self._real: RealImages = build_node(checked.report, node, store.home, "cpu", record.seed)
        self._usual = usual_distance(self._real.train, self._real.held_out)

    def neighbours(self, step: int, sample: int, count: int) -> NearestImages:
        """The `count` training images nearest to sample `sample`, 1 to the number in the grid, of the grid of `step`.

        Raises UnusableValue for a sample or a count that cannot be, UnknownGrid, BrokenGrid.
        """
        if not 1 <= count <= MOST_NEIGHBOURS:
            raise UnusableValue(f"{count:,} neighbours cannot be looked for: ask for 1 to {MOST_NEIGHBOURS}.")
        pixels = kept_sample(self._files, step, self._tiling, sample)
        query = torch.from_numpy(np.ascontiguousarray(pixels)).permute(2, 0, 1)
        indices, distances = nearest(self._real.train, query, count)
        images = to_array(self._real.train.pixels[indices])
        return NearestImages(images, distances.numpy(), self._usual)


def nearest(images: ImageSet, query: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """query: (C, H, W) uint8 -> the indices (k,) int64 and distances (k,) float32 of the k nearest images of the set.

    k is `count`, or all images where there are fewer; of equally near ones the first comes first.
    """
    wanted = to_float(query[None]).flatten(1)
    # Differences and not a matrix product, in which the small distances that matter would cancel out.
    lengths = [vector_norm(part.sub_(wanted), dim=1) for part in _in_parts(images)]  # each (n,)
    found, indices = torch.sort(torch.cat(lengths), stable=True)
    return indices[:count], found[:count] / sqrt(wanted.numel())


def usual_distance(train: ImageSet, held_out: ImageSet) -> float | None:
    """The median, over the first COMPARED_HELD_OUT held-out images, of the distance to the nearest training image."""
    if not held_out.count:
        return None
    queries = to_float(held_out.pixels[:COMPARED_HELD_OUT]).flatten(1)
    closest = torch.stack([torch.cdist(queries, part).amin(1) for part in _in_parts(train)]).amin(0)
    return float(closest.median()) / sqrt(queries.shape[1])


def _in_parts(images: ImageSet) -> Iterator[Tensor]:
    """All images, as many at once as have AT_ONCE values: (n, values of an image) float32 in [-1, 1]."""
    values = prod(images.shape)
    return (to_float(part).flatten(1) for part in torch.split(images.pixels, max(1, AT_ONCE // values)))
