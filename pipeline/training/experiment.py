"""The hand-over from the workflow to training: an Experiment is finished parts, ready to be trained.

`pipeline/nodes/` makes it; the Trainer takes it and knows nothing of graphs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from pipeline.objectives.adversarial import unchanged
from pipeline.training.coding import Coding
from pipeline.training.parts import OptimizerPart, RealImages, SamplesPart
from pipeline.training.stages import Update


@dataclass(frozen=True)
class Settings:
    """How to train, whatever is trained.

    ema_halflife_images: images after which half of the averaged weights' past is forgotten; 0 averages nothing.
    ema_rampup: the half-life is at most this share of the images trained on so far; 0 for the whole of it from the
    start. precision: "fp32", or "bf16" for autocast where the device has it.
    """

    batch_size: int
    total_steps: int
    seed: int
    device: torch.device
    precision: str = "fp32"
    ema_halflife_images: int = 0
    ema_rampup: float = 0.0

    def ema_decay(self, step: int) -> float:
        """The share, in [0, 1), of the averaged weights that stays in the step after `step` finished ones.

        0.5^(batch / half-life), with the ramp-up of Karras et al. 2020 (arXiv 2006.06676) and 2022 (arXiv 2206.00364):
        while the run is young, its average forgets the untrained weights sooner. Images are those that the averaged
        network learns from: a step has one batch of them, however many a discriminator has seen.
        """
        halflife = float(self.ema_halflife_images)
        if self.ema_rampup:
            halflife = min(halflife, self.ema_rampup * step * self.batch_size)
        return 0.5 ** (self.batch_size / halflife) if halflife else 0.0


@dataclass(frozen=True)
class Experiment:
    """Everything that one run trains.

    node: id of the training node. networks: role ("generator", "discriminator") -> network, untrained. nodes: role ->
    node id. averaged: roles that an exponential moving average may be kept of. optimizers: role -> how its network is
    updated.
    updates: the updates of one step, in order. series: metric names that the updates make, in chart order.
    sampled: role of the network that images are drawn from. draw_latents: (count, generator) -> what that network makes
    images (B, C, H, W) in [-1, 1] of, on the device. live: initial values of the live parameters by "node.parameter".
    shown_score: scores (B,) -> the numbers people look at. probability: whether those are probabilities of "real", and
    scores their logits. numbers: initial values of numbers that updates keep on the device, by name. classes: how many
    kinds of image the sampled network can be asked for, 0 where it cannot be; that many numbers at the end of its
    latents then say which. scores_by_class: whether the discriminator is told the class of every image. coding: how
    images become codes and images again, in families that encode them.
    """

    node: str
    images: RealImages
    networks: Mapping[str, nn.Module]
    nodes: Mapping[str, str]
    averaged: tuple[str, ...]
    optimizers: Mapping[str, OptimizerPart]
    updates: tuple[Update, ...]
    series: tuple[str, ...]
    sampled: str
    draw_latents: Callable[[int, torch.Generator], Tensor]
    settings: Settings
    live: Mapping[str, float] = field(default_factory=dict)
    samples: SamplesPart | None = None
    shown_score: Callable[[Tensor], Tensor] = unchanged
    probability: bool = False
    numbers: Mapping[str, float] = field(default_factory=dict)
    classes: int = 0
    scores_by_class: bool = False
    coding: Coding | None = None
