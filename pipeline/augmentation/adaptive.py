"""ADA: adapts the probability of augmentation so that a network that scores images does not memorise them.

Karras et al. 2020 (arXiv 2006.06676), section 3: r = E[sign(D(x))] over real training images (r with index t in the
paper) is 0 for a network that cannot tell real from fake and 1 for one that has memorised the training images; the
probability p of augmentation follows it.
"""

import torch
from torch import Tensor

from pipeline.ranks.ranks import ALONE, Ranks

TARGET = 0.6
"""The r that p is steered towards; the paper's value."""
ADJUST_IMAGES = 500_000
"""Number of real images over which p can go from 0 to 1; the paper's value."""


def overfitting_rt(real_scores: Tensor) -> Tensor:
    """r in [-1, 1], as a 0-dimensional tensor. real_scores (B,): logits of "real" for augmented training images."""
    return torch.sign(real_scores.detach()).mean()


def adapt_probability(
    p: Tensor, real_scores: Tensor, target: float = TARGET, adjust_images: int = ADJUST_IMAGES, ranks: Ranks = ALONE
) -> Tensor:
    """The next p: higher by B / adjust_images if r is above `target`, lower if it is below; within [0, 1].

    p: 0-dimensional, on the device of the scores; it is not changed, and nothing waits for the device. real_scores
    (B,): logits, whose sign is the decision real or fake. A critic's scores have no such sign. ranks: the processes
    that each have the scores of a share of the batch.
    """
    step = len(real_scores) * ranks.count / adjust_images
    return (p + step * torch.sign(ranks.mean(overfitting_rt(real_scores)) - target)).clamp(0, 1)
