"""Adversarial losses: the game between discriminator and generator, as functions of the scores.

With D the discriminator, x real and x̃ = G(z) generated images, a discriminator's loss is large where it is fooled and a
generator's loss where it fails to fool.
"""

import torch
from torch import Tensor
from torch.nn.functional import softplus

from pipeline.objectives.signature import AdversarialLoss


def non_saturating_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """−E[log σ(D(x))] − E[log(1 − σ(D(x̃)))], binary cross-entropy on logits: −log σ(t) = softplus(−t)."""
    return softplus(-real).mean() + softplus(fake).mean()


def non_saturating_generator(real: Tensor, fake: Tensor) -> Tensor:
    """−E[log σ(D(x̃))]: unlike E[log(1 − σ(D(x̃)))] it has a steep slope where the discriminator wins."""
    return softplus(-fake).mean()


def wasserstein_critic(real: Tensor, fake: Tensor) -> Tensor:
    """E[D(x̃)] − E[D(x)]: its negative estimates the Wasserstein-1 distance, if D is 1-Lipschitz."""
    return fake.mean() - real.mean()


def wasserstein_generator(real: Tensor, fake: Tensor) -> Tensor:
    """−E[D(x̃)]."""
    return -fake.mean()


def unchanged(scores: Tensor) -> Tensor:
    """A critic's scores have no unit and are shown as they are."""
    return scores


NON_SATURATING = AdversarialLoss(
    name="non-saturating",
    discriminator=non_saturating_discriminator,
    generator=non_saturating_generator,
    shown=torch.sigmoid,
)
"""Goodfellow et al. 2014 (arXiv 1406.2661), section 3. Scores are logits of "this image is real"."""

WASSERSTEIN = AdversarialLoss(
    name="wasserstein",
    discriminator=wasserstein_critic,
    generator=wasserstein_generator,
    shown=unchanged,
)
"""Arjovsky, Chintala & Bottou 2017 (arXiv 1701.07875). Needs a critic kept Lipschitz, e.g. by `gradient_penalty`."""
