"""The one signature that adversarial losses share, and the one that penalties share.

Scores are what the discriminator returns, (B,): logits where `shown` is a sigmoid, unbounded critic values otherwise.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

Score = Callable[[Tensor], Tensor]
"""Images (B, C, H, W) -> their scores (B,): a discriminator, told the class of each image where it asks for that."""

Terms = Mapping[str, Tensor]
"""What a loss is the sum of: 0-dimensional terms, each by its name, such as "real" and "fake"."""


@dataclass(frozen=True)
class AdversarialLoss:
    """Two losses, one for each network, on the scores of real images (B,) and of generated ones (B,).

    discriminator, generator: (real scores, fake scores) -> the terms whose sum is minimised.
    shown: scores -> the numbers people look at, of the same shape (a probability, or the score itself).
    discriminator_formula, generator_formula: the two losses in LaTeX, as they are shown beside their values.
    needs_real_for_generator: whether `generator` reads the real scores; if not, they may be anything.
    probability: whether what is shown is the probability of "real", and scores are its logits.
    """

    name: str
    discriminator: Callable[[Tensor, Tensor], Terms]
    generator: Callable[[Tensor, Tensor], Terms]
    shown: Callable[[Tensor], Tensor]
    discriminator_formula: str = ""
    generator_formula: str = ""
    needs_real_for_generator: bool = False
    probability: bool = False


class Penalized(NamedTuple):
    """A penalty's value, 0-dimensional, and the mean slope ‖∇D‖₂ of the scores where it looked, detached."""

    value: Tensor
    slope: Tensor


Penalty = Callable[[Score, Tensor, Tensor, torch.Generator], Penalized]
"""(score, real (B, C, H, W), fake (B, C, H, W), random numbers on their device) -> 0-dimensional penalty.

`score` must take any image in the place of the real or the generated one with the same number in the batch.
"""
