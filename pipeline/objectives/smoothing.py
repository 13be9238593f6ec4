"""One-sided label smoothing: real images are called real with a little less than certainty.

Salimans et al. 2016 (arXiv 1606.03498), section 3.4. Only the real side is smoothed: smoothing the other as well would
reward the discriminator for calling the generator's present images real.
"""

from torch import Tensor

from pipeline.objectives.signature import AdversarialLoss, Terms


def smoothed(loss: AdversarialLoss, real: Tensor, fake: Tensor, share: float) -> Terms:
    """The discriminator's terms with each real image called generated to a `share` in [0, 1): (1 − α)·real + α·fake.

    `loss` must be the sum of a term "real" of the real scores and a term "fake" of the generated ones, each the same
    whatever the other scores are.
    """
    terms = loss.discriminator(real, fake)
    as_fake = loss.discriminator(real, real)["fake"]
    return {**terms, "real": (1 - share) * terms["real"] + share * as_fake}
