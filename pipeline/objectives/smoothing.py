"""One-sided label smoothing: the target for real images is a little below 1.

Salimans et al. 2016 (arXiv 1606.03498), section 3.4. Only the real side is smoothed: smoothing the other too would
reward the discriminator for calling the generator's current images real.
"""

from torch import Tensor

from pipeline.objectives.signature import AdversarialLoss, Terms


def smooth_labels(loss: AdversarialLoss, real: Tensor, fake: Tensor, share: float) -> Terms:
    """The discriminator's terms, with a `share` α in [0, 1) of each real image labelled as generated: its real term
    becomes (1 − α)·real + α·fake, both of the real scores.

    `loss` must be the sum of a term "real" that depends only on the real scores and a term "fake" that depends only on
    the generated ones.
    """
    terms = loss.discriminator(real, fake)
    as_fake = loss.discriminator(real, real)["fake"]
    return {**terms, "real": (1 - share) * terms["real"] + share * as_fake}
