"""A set of images, on the device or in host memory, and the order in which training draws from it.

Pixels are stored as uint8; each batch is gathered and scaled in a few operations on the whole batch.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import interpolate

from pipeline.data.findings import Findings
from pipeline.data.large.decoding import DecodedImages
from pipeline.data.pixel_statistics import content_hash
from pipeline.data.value_range import SIGNED, ValueRange
from pipeline.ranks.ranks import ALONE, Ranks


@dataclass(frozen=True, eq=False)
class Streaming:
    """Why a set's pixels are not on the device that receives the batches: they take more than `budget` bytes; or they
    are decoded while training, as `later` says."""

    device: torch.device
    budget: int
    later: str = ""


@dataclass(frozen=True, eq=False)
class ImageSet:
    """Images for one device. pixels: (N, C, H, W) uint8, or images that are decoded whenever they are drawn. labels:
    (N,) int64 class labels, on the device.

    streaming: None if the pixels are on the device too; otherwise they are in host memory or in files.
    sizes: (N, 2) int32, each image's (height, width) before it was fitted; None for named sets, which are square.
    findings: for training images, what is known about the whole set, training and held out; None if that was not said.
    names: of the N images' files; () for named sets. values: the range of the batches, as the node of the images
    declares it.
    """

    pixels: Tensor | DecodedImages
    labels: Tensor
    streaming: Streaming | None = None
    sizes: Tensor | None = None
    findings: Findings | None = None
    names: Sequence[str] = ()
    values: ValueRange = SIGNED

    @property
    def count(self) -> int:
        """N, the number of images."""
        return self.pixels.shape[0]

    @property
    def shape(self) -> tuple[int, int, int]:
        """(C, H, W) of every image."""
        channels, height, width = self.pixels.shape[1:]
        return channels, height, width

    @property
    def device(self) -> torch.device:
        """The device on which batches arrive."""
        return self.streaming.device if self.streaming else self.stored.device

    @property
    def stored(self) -> Tensor:
        """All pixels, (N, C, H, W) uint8, of a set that is not decoded while training."""
        assert isinstance(self.pixels, Tensor), "there are no pixels of a set that is decoded while training"
        return self.pixels

    def take(self, indices: Tensor) -> Tensor:
        """The images at `indices` (B,) int64, as they are stored: (B, C, H, W) uint8, where the pixels are, or in host
        memory if they are decoded now. Raises what decoding raises."""
        if isinstance(self.pixels, Tensor):
            return self.pixels.index_select(0, indices.to(self.pixels.device))
        found = torch.empty(len(indices), *self.shape, dtype=torch.uint8)
        self.pixels.take(indices.cpu().numpy(), found.numpy())
        return found

    def parts(self, count: int) -> Iterator[Tensor]:
        """All images in order, at most `count` at a time, each as `take` returns them."""
        for start in range(0, self.count, count):
            yield self.take(torch.arange(start, min(start + count, self.count)))

    def batch(self, indices: Tensor) -> Tensor:
        """The images at `indices` (B,) int64: (B, C, H, W) float32 in the range `values`, channels last in memory."""
        return to_float(self.take(indices).to(self.device), self.values)


def on_cpu(images: ImageSet) -> ImageSet:
    """The same images for the CPU."""
    labels = images.labels.cpu()
    if isinstance(images.pixels, Tensor):
        return replace(images, pixels=images.pixels.cpu(), labels=labels, streaming=None)
    assert images.streaming, "a set that is decoded while training is streamed"
    return replace(images, labels=labels, streaming=replace(images.streaming, device=torch.device("cpu")))


def hash_of(*sets: ImageSet) -> str:
    """A hash of all images of these sets; of those that are decoded while training, of which images they are."""
    if all(isinstance(each.pixels, Tensor) for each in sets):
        return content_hash(*(each.stored.cpu().numpy() for each in sets))
    parts = [each.pixels.content if isinstance(each.pixels, DecodedImages) else hash_of(each) for each in sets]
    return blake2b(" ".join(parts).encode(), digest_size=16).hexdigest()


def to_float(pixels: Tensor, values: ValueRange = SIGNED) -> Tensor:
    """uint8 (B, C, H, W) -> float32 in the range `values`, channels last in memory."""
    images = pixels.to(torch.float32, memory_format=torch.channels_last)
    return images.div_(127.5).sub_(1) if values == SIGNED else images.div_(255)


def to_pixels(images: Tensor, values: ValueRange = SIGNED) -> Tensor:
    """The inverse of `to_float`: images (B, C, H, W) in the range `values` -> uint8, rounded; values out of range are
    clamped."""
    images = images.to(torch.float32)
    scaled = images.add(1).mul_(127.5) if values == SIGNED else images.mul(255)
    return scaled.round_().clamp_(0, 255).to(torch.uint8)


def to_signed(images: Tensor, values: ValueRange) -> Tensor:
    """Images in the range `values` -> in [-1, 1], in which distances between images are measured."""
    return images if values == SIGNED else images * 2 - 1


def from_signed(images: Tensor, values: ValueRange) -> Tensor:
    """The inverse of `to_signed`: images in [-1, 1] -> in the range `values`."""
    return images if values == SIGNED else (images + 1) / 2


def to_array(pixels: Tensor) -> NDArray[np.uint8]:
    """uint8 (N, C, H, W) on any device -> (N, H, W, C), the layout in which pictures are drawn and saved."""
    array: NDArray[np.uint8] = pixels.permute(0, 2, 3, 1).cpu().contiguous().numpy()
    return array


def resized(pixels: Tensor, size: int) -> Tensor:
    """uint8 (N, C, H, W) -> uint8 (N, C, size, size): bilinear, antialiased when shrinking."""
    count, channels = pixels.shape[:2]
    result = pixels.new_empty(count, channels, size, size)
    # In parts: as float32, the whole set would take four times the memory of the uint8 result.
    for start in range(0, count, 1024):
        part = pixels[start : start + 1024].float()
        scaled = interpolate(part, size=(size, size), mode="bilinear", antialias=True)
        result[start : start + 1024] = scaled.round_().clamp_(0, 255)
    return result


class BatchOrder:
    """The order in which images are drawn: every epoch is a permutation of all images, determined by (seed, epoch).

    There is no position to save: it is the number of images drawn so far, which the caller counts anyway. The order is
    the same on every device.
    """

    def __init__(
        self, seed: int, count: int, batch_size: int, device: torch.device | str = "cpu", ranks: Ranks = ALONE
    ) -> None:
        """seed: 0 or more. count: images in the set. device: device of the returned indices. ranks: the processes that
        share each batch."""
        self.count = count
        self.batch_size = batch_size
        self._seed = seed
        self._ranks = ranks
        self._device = device
        self._epoch = 0
        self._permutation = self._permutation_of(0)

    def indices(self, drawn: int) -> Tensor:
        """(B,) int64 on the device: this process's share of the next batch after the first `drawn` images.

        A batch may span epochs."""
        pieces = []
        end = drawn + self.batch_size
        while drawn < end:
            epoch, offset = divmod(drawn, self.count)
            if epoch != self._epoch:
                self._epoch, self._permutation = epoch, self._permutation_of(epoch)
            piece = self._permutation[offset : offset + end - drawn]
            pieces.append(piece)
            drawn += len(piece)
        return self._ranks.share(pieces[0] if len(pieces) == 1 else torch.cat(pieces))

    def _permutation_of(self, epoch: int) -> Tensor:
        order = np.random.default_rng([self._seed, epoch]).permutation(self.count)
        return torch.from_numpy(order).to(self._device)
