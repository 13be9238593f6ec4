"""The one signature that adversarial losses share, and the one that penalties share.

Scores are what the discriminator returns, (B,): logits where `shown` is a sigmoid, unbounded critic values otherwise.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class AdversarialLoss:
    """Two losses, one for each network, on the scores of real images (B,) and of generated ones (B,).

    discriminator, generator: (real scores, fake scores) -> 0-dimensional loss to minimise.
    shown: scores -> the numbers people look at, of the same shape (a probability, or the score itself).
    needs_real_for_generator: whether `generator` reads the real scores; if not, they may be anything.
    """

    name: str
    discriminator: Callable[[Tensor, Tensor], Tensor]
    generator: Callable[[Tensor, Tensor], Tensor]
    shown: Callable[[Tensor], Tensor]
    needs_real_for_generator: bool = False


Penalty = Callable[[nn.Module, Tensor, Tensor, torch.Generator], Tensor]
"""(discriminator, real (B, C, H, W), fake (B, C, H, W), random numbers on their device) -> 0-dimensional penalty."""
