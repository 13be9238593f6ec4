"""One image or one latent that somebody wants to look into, by its number, and the pictures that come of it.

Numbers are places in the run's sample grid, from 1, and in the grid of real images beside it.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pipeline.data.images import ImageSet, to_array, to_pixels
from pipeline.errors.machine import UnusableValue
from pipeline.training.sampler import Latents
from pipeline.training.trainer import Trainer

REAL, HELD_OUT, FAKE = "real", "held-out", "fake"

WITHOUT_GRID = 64
"""How many images there are to choose from in a run that draws no samples; their noise is drawn from seed 0."""


@dataclass(frozen=True, eq=False)
class LabelledImages:
    """Something to look at. images: (N, H, W, C) uint8, C 1 or 3: one picture, or the tiles of one."""

    label: str
    images: NDArray[np.uint8]


def chosen_image(trainer: Trainer, source: str, number: int) -> tuple[Tensor, Tensor | None]:
    """(1, C, H, W) in [-1, 1] and its class (1,) int64, None where it has none: a "real" training image, a "held-out"
    one, or the "fake" one that is made of a chosen latent.

    The networks that make it are at rest and have the weights that are being trained. Raises UnusableValue, and
    NodeFailure where the sampler fails.
    """
    if source == FAKE:
        latents = chosen_latent(trainer, number)
        with trainer.blamed(trainer.experiment.node, "draw an image"):
            return trainer.sampler.images(trainer.state.networks, latents), latents.labels
    images = _set(trainer, source)
    place = _place(number, min(_count(trainer), images.count))
    return images.batch(torch.tensor([place], device=images.device)), images.labels[place : place + 1]


def chosen_latent(trainer: Trainer, number: int) -> Latents:
    """What sample `number` of the grid is made of. Raises UnusableValue."""
    experiment = trainer.experiment
    count = _count(trainer)
    place = _place(number, count)
    seed = experiment.samples.seed if experiment.samples else 0
    return trainer.latents(count, seed)[place : place + 1]


def as_look(label: str, images: Tensor) -> LabelledImages:
    """images: (N, C, H, W) in [-1, 1]."""
    return LabelledImages(label, to_array(to_pixels(images)))


def _set(trainer: Trainer, source: str) -> ImageSet:
    images = trainer.experiment.images
    if source == REAL:
        return images.train
    if source == HELD_OUT:
        return images.held_out
    raise UnusableValue(f"There are no images {source!r}: choose {REAL}, {HELD_OUT} or {FAKE}.")


def _count(trainer: Trainer) -> int:
    samples = trainer.experiment.samples
    return samples.count if samples else WITHOUT_GRID


def _place(number: int, count: int) -> int:
    if not 1 <= number <= count:
        raise UnusableValue(f"There is no image {number:,}: choose one from 1 to {count:,}, its place in the grid.")
    return number - 1
