"""ADA: augmentation with just the chance that keeps a network that scores images from learning them by heart.

Karras et al. 2020 (arXiv 2006.06676), section 3: r = E[sign(D(x))] over real training images, the paper's r with index
t, is 0 for a network that cannot tell and 1 for one that knows them all; the chance p of augmentation follows it.
"""

import torch
from torch import Tensor

TARGET = 0.6
"""The r that p is steered to; the paper's."""
ADJUST_IMAGES = 500_000
"""Real images in which p goes from 0 to 1; the paper's."""


def overfitting(real_scores: Tensor) -> Tensor:
    """r, without dimensions, in [-1, 1]. real_scores (B,): logits of "real" for augmented training images."""
    return torch.sign(real_scores.detach()).mean()


def adapted(p: Tensor, real_scores: Tensor, target: float = TARGET, adjust_images: int = ADJUST_IMAGES) -> Tensor:
    """The next p: higher by B / adjust_images where r is above `target`, lower where it is below; within [0, 1].

    p: without dimensions, on the device of the scores; it is not changed, and nothing waits for the device.
    real_scores (B,): logits, whose sign says what the image is taken for. Scores without a unit have no such sign.
    """
    step = len(real_scores) / adjust_images
    return (p + step * torch.sign(overfitting(real_scores) - target)).clamp(0, 1)
