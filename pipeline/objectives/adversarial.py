"""Adversarial losses of discriminator and generator, as functions of the scores.

D is the discriminator, x are real and x̃ = G(z) generated images. A discriminator's loss is large if it is fooled, a
generator's loss if it fails to fool the discriminator.
"""

import torch
from torch import Tensor
from torch.nn.functional import relu, softplus

from pipeline.objectives.signature import AdversarialLoss, Terms


def non_saturating_discriminator(real: Tensor, fake: Tensor) -> Terms:
    """−E[log σ(D(x))] − E[log(1 − σ(D(x̃)))], binary cross-entropy on logits: −log σ(t) = softplus(−t)."""
    return {"real": softplus(-real).mean(), "fake": softplus(fake).mean()}


def non_saturating_generator(real: Tensor, fake: Tensor) -> Terms:
    """−E[log σ(D(x̃))]: unlike E[log(1 − σ(D(x̃)))], it has a large gradient where the discriminator wins."""
    return {"fake": softplus(-fake).mean()}


def minimax_generator(real: Tensor, fake: Tensor) -> Terms:
    """E[log(1 − σ(D(x̃)))]: the negative of the discriminator's loss on generated images; flat where it wins."""
    return {"fake": -softplus(fake).mean()}


def least_squares_discriminator(real: Tensor, fake: Tensor) -> Terms:
    """½·E[(D(x) − 1)²] + ½·E[D(x̃)²]: the target is 1 for real images, 0 for generated ones."""
    return {"real": (real - 1).square().mean() / 2, "fake": fake.square().mean() / 2}


def least_squares_generator(real: Tensor, fake: Tensor) -> Terms:
    """½·E[(D(x̃) − 1)²]: the gradient grows with the distance from the target of 1 on either side, so it does not
    vanish."""
    return {"fake": (fake - 1).square().mean() / 2}


def hinge_discriminator(real: Tensor, fake: Tensor) -> Terms:
    """E[max(0, 1 − D(x))] + E[max(0, 1 + D(x̃))]: correct scores beyond the margin of ±1 add no loss."""
    return {"real": relu(1 - real).mean(), "fake": relu(1 + fake).mean()}


def wasserstein_critic(real: Tensor, fake: Tensor) -> Terms:
    """E[D(x̃)] − E[D(x)]: its negative estimates the Wasserstein-1 distance, if D is 1-Lipschitz."""
    return {"fake": fake.mean(), "real": -real.mean()}


def wasserstein_generator(real: Tensor, fake: Tensor) -> Terms:
    """−E[D(x̃)]."""
    return {"fake": -fake.mean()}


def relativistic_discriminator(real: Tensor, fake: Tensor) -> Terms:
    """E[softplus(−(D(x) − D(x̃)))] over pairs: the i-th real with the i-th generated image of a batch."""
    return {"pairs": softplus(fake - real).mean()}


def relativistic_generator(real: Tensor, fake: Tensor) -> Terms:
    """E[softplus(−(D(x̃) − D(x)))] over the same pairs, with real and generated swapped."""
    return {"pairs": softplus(real - fake).mean()}


def unchanged(scores: Tensor) -> Tensor:
    """The scores themselves: a critic's scores have no unit and are displayed unchanged."""
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
"""Goodfellow et al. 2014 (arXiv 1406.2661), equation 1: D maximises and G minimises one value. Scores are logits."""

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
"""Arjovsky, Chintala & Bottou 2017 (arXiv 1701.07875). The critic must be kept Lipschitz: in that paper by clipping its
weights, in later ones by a gradient penalty."""

RELATIVISTIC = AdversarialLoss(
    name="relativistic",
    discriminator=relativistic_discriminator,
    generator=relativistic_generator,
    shown=unchanged,
    discriminator_formula=r"\mathbb{E}[\operatorname{softplus}(-(D(x) - D(G(z))))]",
    generator_formula=r"\mathbb{E}[\operatorname{softplus}(-(D(G(z)) - D(x)))]",
    needs_real_for_generator=True,
)
"""Jolicoeur-Martineau 2018 (arXiv 1807.00734), paired form; the loss of R3GAN, Huang et al. 2024 (arXiv 2501.05441).

A constant added to every score changes neither loss, so a single score means nothing. R3GAN combines it with `r1` and
`r2`; without them it may not converge.
"""

LOSSES = {loss.name: loss for loss in (MINIMAX, NON_SATURATING, LEAST_SQUARES, HINGE, WASSERSTEIN, RELATIVISTIC)}
"""Every adversarial loss by its name."""
