"""Parts that nodes of every family build. Each has the id of its node.

A port (torch-free, `pipeline/nodes/ports.py`) describes what a link carries; the part (`NoisePart` for `NoisePort`) is
the built object. Parts of a single family are in that family's folder.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from pipeline.augmentation.live import LiveAugmentation
from pipeline.data.findings import Findings
from pipeline.data.fitting import Fit
from pipeline.data.images import ImageSet
from pipeline.data.value_range import SIGNED, ValueRange
from pipeline.ranks.drawing import normal


@dataclass(frozen=True)
class RealImages:
    """Training images and held-out images, which training never sees.

    classes: number of classes. augment: random augmentation of training images as they are drawn, never of held-out
    ones. fit: how the images were made square, if their sets store the original sizes.
    """

    node: str
    train: ImageSet
    held_out: ImageSet
    classes: int = 0
    augment: LiveAugmentation | None = None
    fit: Fit = "stretch"

    @property
    def findings(self) -> Findings | None:
        """What is known about the whole set, training and held out; None if its node did not say."""
        return self.train.findings

    @property
    def values(self) -> ValueRange:
        """The range of the images' values."""
        return self.train.values

    def in_range(self, values: ValueRange) -> "RealImages":
        """The same images with values in this range."""
        if self.train.values == self.held_out.values == values:
            return self
        train, held_out = replace(self.train, values=values), replace(self.held_out, values=values)
        return replace(self, train=train, held_out=held_out)

    @property
    def to_reconstruct(self) -> ImageSet:
        """The images to reconstruct: held-out images, or training images if none are held out."""
        return self.held_out if self.held_out.count else self.train

    def originals(self, numbers: Sequence[int]) -> Tensor:
        """Images of `to_reconstruct` by number, from 0, wrapping around after the last: (N, C, H, W)."""
        shown = self.to_reconstruct
        return shown.batch(torch.tensor(numbers, device=shown.device) % shown.count)

    @classmethod
    def absent(
        cls,
        node: str,
        shape: tuple[int, int, int],
        classes: int,
        fit: Fit,
        device: str,
        values: ValueRange = SIGNED,
    ) -> "RealImages":
        """Empty sets of a known image shape: networks built with them can be sampled from but not trained."""
        pixels = torch.empty(0, *shape, dtype=torch.uint8, device=device)
        none = ImageSet(pixels, torch.empty(0, dtype=torch.int64), values=values)
        return cls(node, none, none, classes, fit=fit)


@dataclass(frozen=True)
class NoisePart:
    """Latent vectors of `dim` dimensions from the standard normal distribution."""

    node: str
    dim: int

    def draw(self, count: int, random: torch.Generator, device: torch.device) -> Tensor:
        """Latents of this process's share of a batch: (count, dim) float32. random: must be on `device`."""
        return normal((count, self.dim), random, device)


@dataclass(frozen=True)
class SamplesPart:
    """The sample grid of fixed noise: `count` images from `seed`, every `every` steps."""

    node: str
    count: int
    every: int
    seed: int


@dataclass(frozen=True)
class EvaluationPart:
    """The evaluation of `count` generated images every `every` steps.

    metrics: names. features: a name or a path. keep_best: the metric by which the best checkpoint is kept, "" for none.
    """

    node: str
    every: int
    count: int
    metrics: tuple[str, ...]
    features: str
    keep_best: str = ""


@dataclass(frozen=True)
class LogPart:
    """A log for TensorBoard, with the metrics of every `every`-th step.

    folder: in which the run gets a folder; relative to the home; "" for one in the run's own folder.
    """

    node: str
    every: int
    folder: str = ""
