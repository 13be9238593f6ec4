"""The signatures that all adversarial losses and all penalties share.

Scores are what the discriminator returns, (B,): logits if `shown` is a sigmoid, unbounded critic values otherwise.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

Score = Callable[[Tensor], Tensor]
"""Images (B, C, H, W) -> their scores (B,): a discriminator, with the labels already bound if it is conditional."""

Terms = Mapping[str, Tensor]
"""The 0-dimensional terms whose sum is a loss, by name, such as "real" and "fake"."""


@dataclass(frozen=True)
class AdversarialLoss:
    """Two losses, one for each network, on the scores of real images (B,) and of generated ones (B,).

    discriminator, generator: (real scores, fake scores) -> the terms whose sum is minimised.
    shown: scores -> the displayed numbers, of the same shape (a probability, or the score itself).
    discriminator_formula, generator_formula: the two losses in LaTeX, displayed next to their values.
    needs_real_for_generator: whether `generator` reads the real scores; if not, any tensor may be passed for them.
    probability: whether scores are logits of "real", displayed as probabilities.
    """

    name: str
    discriminator: Callable[[Tensor, Tensor], Terms]
    generator: Callable[[Tensor, Tensor], Terms]
    shown: Callable[[Tensor], Tensor]
    discriminator_formula: str = ""
    generator_formula: str = ""
    needs_real_for_generator: bool = False
    probability: bool = False


class PenaltyResult(NamedTuple):
    """A penalty's value, 0-dimensional, and the mean gradient norm ‖∇D‖₂ at its points, detached."""

    value: Tensor
    slope: Tensor


Penalty = Callable[[Score, Tensor, Tensor, torch.Generator], PenaltyResult]
"""(score, real (B, C, H, W), fake (B, C, H, W), random numbers on their device) -> 0-dimensional penalty.

`score` binds the labels by position, so any image passed to it is scored with the class of the real or generated image
at the same index of the batch.
"""
