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
from pipeline.inspection.scoring import classes_of
from pipeline.training.drawing import at_rest
from pipeline.training.trainer import Trainer

REAL, HELD_OUT, FAKE = "real", "held-out", "fake"

WITHOUT_GRID = 64
"""How many images there are to choose from in a run that draws no samples; their noise is drawn from seed 0."""


@dataclass(frozen=True, eq=False)
class Look:
    """Something to look at. images: (N, H, W, C) uint8, C 1 or 3: one picture, or the tiles of one."""

    label: str
    images: NDArray[np.uint8]


def chosen_image(trainer: Trainer, source: str, number: int) -> Tensor:
    """(1, C, H, W) in [-1, 1]: a "real" training image, a "held-out" one, or the "fake" one made of a chosen latent.

    The network that makes it is in eval mode and has the weights that are being trained. Raises UnusableValue.
    """
    if source == FAKE:
        network = trainer.state.networks[trainer.experiment.sampled]
        with at_rest(network), torch.no_grad():
            image: Tensor = network(chosen_latent(trainer, number))
        return image.float()
    images = _set(trainer, source)
    place = _place(number, min(_count(trainer), images.count))
    return images.batch(torch.tensor([place], device=images.device))


def chosen_label(trainer: Trainer, source: str, number: int) -> Tensor:
    """(1,) int64: the class of `chosen_image`. Raises UnusableValue."""
    if source == FAKE:
        return classes_of(chosen_latent(trainer, number), trainer.experiment)
    labels = _set(trainer, source).labels
    place = _place(number, min(_count(trainer), len(labels)))
    return labels[place : place + 1]


def chosen_latent(trainer: Trainer, number: int) -> Tensor:
    """(1, dim): what sample `number` of the grid is made of, noise or a code. Raises UnusableValue."""
    experiment = trainer.experiment
    place = _place(number, _count(trainer))
    seed = experiment.samples.seed if experiment.samples else 0
    # All of them: how many numbers are drawn at once decides which ones come.
    return trainer.latents(_count(trainer), seed, "raw")[place : place + 1]


def as_look(label: str, images: Tensor) -> Look:
    """images: (N, C, H, W) in [-1, 1]."""
    return Look(label, to_array(to_pixels(images)))


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
