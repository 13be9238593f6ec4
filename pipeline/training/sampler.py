"""Samplers: the one way to generate images outside the training updates.

    latents = sampler.latents(count=16, seed=0)
    pixels = draw_images(sampler, state.networks, latents)

Grids, checkups, inspection, Generate and `sample` all use the family's Sampler. They do not depend on the number of
networks and passes per image, nor on whether an image starts from a vector or from another image.

Image i of a seed is the same for every count, to the last bit. Its noise is (streams.py), but a network computes a row
of a small batch differently in the last bits than a row of a large one, because torch chooses its algorithms by the
shape, and a bit can decide how a pixel is rounded. So `image_batches` makes an image in a batch whose size depends on
its number alone, and always in the same row of it: images 0 to 15, 16 to 31, 32 to 63, and so on.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, groupby
from typing import NamedTuple, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pipeline.data.images import to_array, to_pixels
from pipeline.training.condition import UNCONDITIONAL, Condition
from pipeline.training.inference import BATCH, Networks, eval_mode, preserved_random_state
from pipeline.training.interpolation import spherical
from pipeline.training.settings import Settings
from pipeline.training.standalone import Standalone
from pipeline.training.streams import Streams, streams

Setting = int | float | str
"""The value of an option of a sampler."""
SMALLEST_BATCH = 16
"""Images made at once for a smaller count, from which the others are dropped."""

SamplingProgress = Callable[[int, int], None]
"""(images done, images in total); called between passes, and may raise to stop. Of a batch of which 5 of 20 passes are
done, a quarter counts as done."""


def no_progress(done: int, total: int) -> None:
    """Progress callback that does nothing."""


@dataclass(frozen=True)
class Latents:
    """The inputs of a sampler for N images.

    values: (N, …) on the device: noise, codes, or images. streams: the random streams of the images. labels: (N,)
    int64, the class of each; None without classes.
    """

    values: Tensor
    streams: Streams
    labels: Tensor | None = None

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, places: slice) -> "Latents":
        """The latents of these images; the images made from them are the same."""
        return Latents(self.values[places], self.streams[places], None if self.labels is None else self.labels[places])

    def take(self, places: Sequence[int]) -> "Latents":
        """The latents of the images at these places, in this order; a place may occur several times."""
        at = torch.tensor(places, device=self.values.device)
        labels = None if self.labels is None else self.labels[at.to(self.labels.device)]
        return Latents(self.values[at], self.streams.take(places), labels)


class Moment(NamedTuple):
    """A moment on the way from latents to images.

    label: which one, such as "t = 0.75". pictures: what it shows, by the names of the family's `SamplingPath`; each is
    made only if it is called: images (N, C, H, W) in `value_range`.
    """

    label: str
    pictures: Mapping[str, Callable[[], Tensor]]


class Sampler(ABC):
    """How a family generates images. roles: the networks that it needs.

    value_range: the range of its images, that of the run's real images: [-1, 1], or [0, 1]. passes: how often `steps`
    yields.
    """

    roles: tuple[str, ...]
    passes: int = 1

    def __init__(self, settings: Settings) -> None:
        self.device = settings.device
        self.value_range = settings.values
        self._together = settings.together

    def latents(self, count: int, seed: int, condition: Condition = UNCONDITIONAL, first: int = 0) -> Latents:
        """The latents of images `first` to `first + count − 1` of a seed; each is independent of the others.

        Raises ValueError if `begin` does not return `count` of them.
        """
        with preserved_random_state():
            made = self.begin(streams(seed, count, self.device, first=first, together=self._together), condition)
        labels = made.labels if isinstance(made, Latents) else None
        if not isinstance(made, Latents) or not len(made) == len(made.streams) == count:
            raise ValueError(f"{type(self).__name__}.begin must return Latents of {count} images with their streams.")
        if labels is not None and labels.shape != (count,):
            raise ValueError(f"{type(self).__name__}.begin must return labels ({count},), not {tuple(labels.shape)}.")
        return made

    @abstractmethod
    def begin(self, streams: Streams, condition: Condition) -> Latents:
        """The latents of the images with these streams, under this condition."""

    @abstractmethod
    def steps(self, networks: Networks, latents: Latents) -> Iterator[Tensor | None]:
        """Generate images (N, C, H, W) in `value_range`: yield after each pass, at last the finished images.

        What is yielded before is not used, so None will do. The networks are in eval mode, without gradients. Random
        numbers drawn in between come from `latents.streams`.
        """

    def path(self, networks: Networks, latents: Latents) -> Iterator[Moment]:
        """The way to the images: `passes` + 1 moments, the first before any pass, the last with the finished images.

        Needed only of a family that declares a `SamplingPath`. The networks are as for `steps`.
        """
        raise NotImplementedError(f"{type(self).__name__} has no path")

    @property
    def settings(self) -> Mapping[str, Setting]:
        """The values of its options, by name."""
        return {}

    def with_settings(self, settings: Mapping[str, Setting]) -> Self:
        """This sampler with other values of its options. settings: checked by `require_options`."""
        if settings:
            raise ValueError(f"{type(self).__name__} has no options")
        return self

    def steady(self) -> Self:
        """This sampler without random numbers after `begin`, so that images change smoothly with their latents."""
        return self

    def standalone(self) -> Standalone | None:
        """How a file that needs no Genscope draws the same images; None if none can be written."""
        return None

    def between(self, values: Tensor, shares: Tensor) -> Tensor:
        """The values of latents between two: (2, …), (n,) from 0 to 1 -> (n, …); by default on a great circle, where
        normal noise keeps its length."""
        return spherical(values, shares)

    def originals(self, count: int) -> Tensor | None:
        """The real images from which the first samples are made: (count, C, H, W); None by default."""
        return None

    def images(self, networks: Networks, latents: Latents, passed: Callable[[], object] = lambda: None) -> Tensor:
        """The finished images (N, C, H, W), float32, in a single batch; does not affect training.

        passed: called after every sampling step; it may raise to stop. Raises ValueError if the sampler does not yield
        one image for each of the latents.
        """
        finished: Tensor | None = None
        with torch.no_grad(), eval_mode(*(networks[role] for role in self.roles)):
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


def draw_images(
    sampler: Sampler, networks: Networks, latents: Latents, progress: SamplingProgress = no_progress
) -> NDArray[np.uint8]:
    """Generate images (N, H, W, C) uint8; image i of a seed is the same for every count and every `first`.

    Raises what `progress` raises.
    """
    batches = image_batches(sampler, networks, latents, progress)
    return to_array(torch.cat([to_pixels(made, sampler.value_range) for made in batches]))


def image_batches(
    sampler: Sampler, networks: Networks, latents: Latents, progress: SamplingProgress = no_progress
) -> Iterator[Tensor]:
    """Generate images as `draw_images` does: yields (n, C, H, W) in `value_range`, in order, n at most BATCH.

    In batches, which bounds the memory. Raises what `progress` raises.
    """
    done = 0
    for batch in batches_of(latents):
        at, passed = done, count()
        made = sampler.images(
            networks,
            batch.latents,
            # Called before the next batch begins.
            lambda: progress(at + batch.images * next(passed) // max(1, sampler.passes), len(latents)),  # noqa: B023
        )
        done += batch.images
        progress(done, len(latents))
        yield made[batch.rows]


class Batch(NamedTuple):
    """Some images as they are made: in these rows of a batch whose other rows are dropped."""

    latents: Latents
    rows: list[int]

    @property
    def images(self) -> int:
        """How many rows are kept."""
        return len(self.rows)


def batches_of(latents: Latents) -> Iterator[Batch]:
    """The batches in which images are made, each in the row of its batch that it always has."""
    numbers = latents.streams.numbers
    for (start, size), group in groupby(range(len(latents)), key=lambda place: batch_with(numbers[place])):
        places = list(group)
        rows = [numbers[place] - start for place in places]
        # The other rows are computed and dropped; what they contain does not change these.
        filled = [places[0]] * size
        for row, place in zip(rows, places, strict=True):
            filled[row] = place
        yield Batch(latents.take(filled), rows)


def batch_with(number: int) -> tuple[int, int]:
    """The batch in which the image with this number is made: the number of its first image, and its size.

    Sizes double from SMALLEST_BATCH to BATCH, so that less than half of the images made are dropped, or fewer than
    SMALLEST_BATCH.
    """
    if number < SMALLEST_BATCH:
        return 0, SMALLEST_BATCH
    if number < BATCH:
        first = 1 << (number.bit_length() - 1)
        return first, first
    return number // BATCH * BATCH, BATCH
