"""Adversarial losses: the game between discriminator and generator, as functions of the scores.

With D the discriminator, x real and x̃ = G(z) generated images, a discriminator's loss is large where it is fooled and a
generator's loss where it fails to fool.
"""

import torch
from torch import Tensor
from torch.nn.functional import relu, softplus

from pipeline.objectives.signature import AdversarialLoss, Terms


def non_saturating_discriminator(real: Tensor, fake: Tensor) -> Terms:
    """−E[log σ(D(x))] − E[log(1 − σ(D(x̃)))], binary cross-entropy on logits: −log σ(t) = softplus(−t)."""
    return {"real": softplus(-real).mean(), "fake": softplus(fake).mean()}


def non_saturating_generator(real: Tensor, fake: Tensor) -> Terms:
    """−E[log σ(D(x̃))]: unlike E[log(1 − σ(D(x̃)))] it has a steep slope where the discriminator wins."""
    return {"fake": softplus(-fake).mean()}


def minimax_generator(real: Tensor, fake: Tensor) -> Terms:
    """E[log(1 − σ(D(x̃)))]: the discriminator's loss on generated images turned round; flat where it wins."""
    return {"fake": -softplus(fake).mean()}


def least_squares_discriminator(real: Tensor, fake: Tensor) -> Terms:
    """½·E[(D(x) − 1)²] + ½·E[D(x̃)²]: real images are to score 1, generated ones 0."""
    return {"real": (real - 1).square().mean() / 2, "fake": fake.square().mean() / 2}


def least_squares_generator(real: Tensor, fake: Tensor) -> Terms:
    """½·E[(D(x̃) − 1)²]: an image far beyond the boundary is pulled back as well, so the slope never vanishes."""
    return {"fake": (fake - 1).square().mean() / 2}


def hinge_discriminator(real: Tensor, fake: Tensor) -> Terms:
    """E[max(0, 1 − D(x))] + E[max(0, 1 + D(x̃))]: scores beyond the margin of ±1 cost nothing."""
    return {"real": relu(1 - real).mean(), "fake": relu(1 + fake).mean()}


def wasserstein_critic(real: Tensor, fake: Tensor) -> Terms:
    """E[D(x̃)] − E[D(x)]: its negative estimates the Wasserstein-1 distance, if D is 1-Lipschitz."""
    return {"fake": fake.mean(), "real": -real.mean()}


def wasserstein_generator(real: Tensor, fake: Tensor) -> Terms:
    """−E[D(x̃)]."""
    return {"fake": -fake.mean()}


def relativistic_discriminator(real: Tensor, fake: Tensor) -> Terms:
    """E[softplus(−(D(x) − D(x̃)))] over pairs, the i-th real image with the i-th generated one of a batch."""
    return {"pairs": softplus(fake - real).mean()}


def relativistic_generator(real: Tensor, fake: Tensor) -> Terms:
    """E[softplus(−(D(x̃) − D(x)))] over the same pairs: real and generated change places."""
    return {"pairs": softplus(real - fake).mean()}


def unchanged(scores: Tensor) -> Tensor:
    """A critic's scores have no unit and are shown as they are."""
    return scores


MINIMAX = AdversarialLoss(
    name="minimax",
    discriminator=non_saturating_discriminator,
    generator=minimax_generator,
    shown=torch.sigmoid,
    discriminator_formula=r"-\mathbb{E}[\log \sigma(D(x))] - \mathbb{E}[\log(1 - \sigma(D(G(z))))]",
    generator_formula=r"\mathbb{E}[\log(1 - \sigma(D(G(z))))]",
    probability=True,
)
"""Goodfellow et al. 2014 (arXiv 1406.2661), equation 1: one value, which D raises and G lowers. Scores are logits."""

NON_SATURATING = AdversarialLoss(
    name="non-saturating",
    discriminator=non_saturating_discriminator,
    generator=non_saturating_generator,
    shown=torch.sigmoid,
    discriminator_formula=r"-\mathbb{E}[\log \sigma(D(x))] - \mathbb{E}[\log(1 - \sigma(D(G(z))))]",
    generator_formula=r"-\mathbb{E}[\log \sigma(D(G(z)))]",
    probability=True,
)
"""Goodfellow et al. 2014 (arXiv 1406.2661), section 3. Scores are logits of "this image is real"."""

LEAST_SQUARES = AdversarialLoss(
    name="least squares",
    discriminator=least_squares_discriminator,
    generator=least_squares_generator,
    shown=unchanged,
    discriminator_formula=r"\tfrac{1}{2}\mathbb{E}[(D(x) - 1)^2] + \tfrac{1}{2}\mathbb{E}[D(G(z))^2]",
    generator_formula=r"\tfrac{1}{2}\mathbb{E}[(D(G(z)) - 1)^2]",
)
"""LSGAN, Mao et al. 2017 (arXiv 1611.04076), equation 9: a = 0, b = c = 1."""

HINGE = AdversarialLoss(
    name="hinge",
    discriminator=hinge_discriminator,
    generator=wasserstein_generator,
    shown=unchanged,
    discriminator_formula=r"\mathbb{E}[\max(0, 1 - D(x))] + \mathbb{E}[\max(0, 1 + D(G(z)))]",
    generator_formula=r"-\mathbb{E}[D(G(z))]",
)
"""Lim & Ye 2017 (arXiv 1705.02894); with spectral normalization the loss of SNGAN, Miyato et al. 2018 (1802.05957)."""

WASSERSTEIN = AdversarialLoss(
    name="wasserstein",
    discriminator=wasserstein_critic,
    generator=wasserstein_generator,
    shown=unchanged,
    discriminator_formula=r"\mathbb{E}[D(G(z))] - \mathbb{E}[D(x)]",
    generator_formula=r"-\mathbb{E}[D(G(z))]",
)
"""Arjovsky, Chintala & Bottou 2017 (arXiv 1701.07875). Needs a critic that is kept Lipschitz: there by clipping its
weights, later by a gradient penalty."""

RELATIVISTIC = AdversarialLoss(
    name="relativistic",
    discriminator=relativistic_discriminator,
    generator=relativistic_generator,
    shown=unchanged,
    discriminator_formula=r"\mathbb{E}[\operatorname{softplus}(-(D(x) - D(G(z))))]",
    generator_formula=r"\mathbb{E}[\operatorname{softplus}(-(D(G(z)) - D(x)))]",
    needs_real_for_generator=True,
)
"""Jolicoeur-Martineau 2018 (arXiv 1807.00734), in pairs; the loss of R3GAN, Huang et al. 2024 (arXiv 2501.05441).

A constant added to every score changes neither loss, so a score means nothing by itself. R3GAN trains it with `r1` and
`r2`; without them it need not converge.
"""

LOSSES = {loss.name: loss for loss in (MINIMAX, NON_SATURATING, LEAST_SQUARES, HINGE, WASSERSTEIN, RELATIVISTIC)}
"""Every adversarial loss by its name."""
