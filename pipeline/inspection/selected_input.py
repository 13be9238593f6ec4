"""Choose one image or latent to inspect, by number, and label the resulting pictures.

Numbers are positions, from 1, in the run's sample grid or in the grid of real images next to it.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pipeline.data.images import ImageSet, to_array, to_pixels
from pipeline.data.value_range import SIGNED, ValueRange
from pipeline.errors.machine import UnusableValue
from pipeline.training.sampler import Latents, image_batches
from pipeline.training.trainer import Trainer

REAL, HELD_OUT, FAKE = "real", "held-out", "fake"

DEFAULT_COUNT = 64
"""Number of images to choose from in a run without a sample grid; their noise is drawn from seed 0."""


@dataclass(frozen=True, eq=False)
class LabelledImages:
    """A labelled picture. images: (N, H, W, C) uint8, C 1 or 3, one image or the tiles of a grid."""

    label: str
    images: NDArray[np.uint8]


def chosen_image(trainer: Trainer, source: str, number: int) -> tuple[Tensor, Tensor | None]:
    """The image (1, C, H, W) in the run's range and its class (1,) int64, None without classes.

    source: "real" for a training image, "held-out", or "fake" for the image generated from this latent, in eval mode
    with the raw weights. Raises UnusableValue, and NodeFailure if the sampler fails.
    """
    if source == FAKE:
        latents = chosen_latent(trainer, number)
        with trainer.blamed(trainer.experiment.node, "draw an image"):
            return next(image_batches(trainer.sampler, trainer.state.networks, latents)), latents.labels
    images = _set(trainer, source)
    if not images.count:
        raise UnusableValue(f"This run has no {source} images: choose {REAL} or {FAKE}.")
    place = _place(number, min(_count(trainer), images.count))
    return images.batch(torch.tensor([place], device=images.device)), images.labels[place : place + 1]


def chosen_latent(trainer: Trainer, number: int) -> Latents:
    """The latent of sample `number` of the grid. Raises UnusableValue."""
    experiment = trainer.experiment
    count = _count(trainer)
    place = _place(number, count)
    seed = experiment.samples.seed if experiment.samples else 0
    return trainer.sampler.latents(count, seed)[place : place + 1]


def labelled_images(label: str, images: Tensor, values: ValueRange = SIGNED) -> LabelledImages:
    """The picture of images (N, C, H, W) in the range `values`."""
    return LabelledImages(label, to_array(to_pixels(images, values)))


def _set(trainer: Trainer, source: str) -> ImageSet:
    images = trainer.experiment.images
    if source == REAL:
        return images.train
    if source == HELD_OUT:
        return images.held_out
    raise UnusableValue(f"There is no source of images {source!r}: choose {REAL}, {HELD_OUT} or {FAKE}.")


def _count(trainer: Trainer) -> int:
    samples = trainer.experiment.samples
    return samples.count if samples else DEFAULT_COUNT


def _place(number: int, count: int) -> int:
    if not 1 <= number <= count:
        raise UnusableValue(f"There is no image {number:,}: choose one from 1 to {count:,}, its position in the grid.")
    return number - 1
