"""What an image is made of, and how: the one way in which images that people look at are made.

    latents = sampler.latents(count=16, seed=0)
    pixels = drawn(sampler, state.networks, latents)

Grids, checkups, inspection, Generate and `sample` all use a family's Sampler, and none of them knows whether an image
takes one pass through one network or fifty through several, or whether it begins as a vector or as an image.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pipeline.data.images import to_array, to_pixels
from pipeline.training.condition import NOTHING, Condition
from pipeline.training.inference import BATCH, Networks, at_rest, own_random
from pipeline.training.settings import Settings
from pipeline.training.streams import Streams, streams

SamplingProgress = Callable[[int, int], None]
"""(images done, images in all); called between passes, and may raise to stop."""


def unwatched(done: int, total: int) -> None:
    """Nobody looks."""


@dataclass(frozen=True)
class Latents:
    """What images are made of. values: (N, …) on the device: noise, codes, or images. streams: of each image.

    labels: (N,) int64, the class of each; None where images have none.
    """

    values: Tensor
    streams: Streams
    labels: Tensor | None = None

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, places: slice) -> "Latents":
        """Those of some of the images, from which the same images are made."""
        return Latents(self.values[places], self.streams[places], None if self.labels is None else self.labels[places])

    def split(self, most: int) -> Iterator["Latents"]:
        """In parts of at most so many images."""
        return (self[start : start + most] for start in range(0, len(self), most))


class Sampler(ABC):
    """How a family makes images. roles: of the networks that it needs."""

    roles: tuple[str, ...]

    def __init__(self, settings: Settings) -> None:
        self.device = settings.device
        self._together = settings.together

    def latents(self, count: int, seed: int, condition: Condition = NOTHING, first: int = 0) -> Latents:
        """What images `first` to `first + count − 1` of a seed are made of; each the same whatever the others are.

        Raises ValueError where `begin` does not give so many.
        """
        with own_random():
            made = self.begin(streams(seed, count, self.device, first=first, together=self._together), condition)
        labels = made.labels if isinstance(made, Latents) else None
        if not isinstance(made, Latents) or not len(made) == len(made.streams) == count:
            raise ValueError(f"{type(self).__name__}.begin must give Latents of {count} images with their streams.")
        if labels is not None and labels.shape != (count,):
            raise ValueError(f"{type(self).__name__}.begin must give labels ({count},), not {tuple(labels.shape)}.")
        return made

    @abstractmethod
    def begin(self, streams: Streams, condition: Condition) -> Latents:
        """What the images with these streams are made of, as they are asked to be."""

    @abstractmethod
    def steps(self, networks: Networks, latents: Latents) -> Iterator[Tensor]:
        """Makes images (N, C, H, W) in [-1, 1]: yields them as they are on the way, the finished ones last.

        The networks are at rest and no gradients are kept. What is random on the way comes from `latents.streams`.
        """

    def originals(self, count: int) -> Tensor | None:
        """(count, C, H, W) in [-1, 1]: the real images that the first samples are made from, if they are."""
        return None

    def images(self, networks: Networks, latents: Latents, passed: Callable[[], object] = lambda: None) -> Tensor:
        """The finished images (N, C, H, W) in [-1, 1], float32, all at once; changes nothing in training.

        passed: called after every step of making them; it may raise to stop. Raises ValueError where what the sampler
        yields is no image for each of the latents.
        """
        finished: Tensor | None = None
        with torch.no_grad(), at_rest(*(networks[role] for role in self.roles)):
            for made in self.steps(networks, latents):
                finished = made
                passed()
        if not isinstance(finished, Tensor) or not _are_images(finished, len(latents)):
            found = (
                f"a {finished.dtype} tensor {tuple(finished.shape)}"
                if isinstance(finished, Tensor)
                else type(finished).__name__
            )
            wanted = f"float images ({len(latents)}, 1 or 3, H, W)"
            raise ValueError(f"{type(self).__name__}.steps must yield {wanted}, not {found}.")
        return finished.float()


def _are_images(made: Tensor, count: int) -> bool:
    return (
        made.ndim == 4
        and len(made) == count
        and made.shape[1] in (1, 3)
        and 0 not in made.shape
        and made.is_floating_point()
    )


def drawn(
    sampler: Sampler, networks: Networks, latents: Latents, progress: SamplingProgress = unwatched
) -> NDArray[np.uint8]:
    """(N, H, W, C) uint8 images, made in batches, so that memory for many is bounded. Raises what `progress` does."""
    made: list[Tensor] = []
    done = 0
    for part in latents.split(BATCH):
        at = done
        images = sampler.images(networks, part, lambda at=at: progress(at, len(latents)))  # type: ignore[misc]
        made.append(to_pixels(images))
        done += len(part)
        progress(done, len(latents))
    return to_array(torch.cat(made))
