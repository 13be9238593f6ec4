"""Measure whether the discriminator overfits: its scores of training and of held-out images."""

from collections.abc import Mapping
from math import nan

from torch import Tensor, nn

from pipeline.families.adversarial.scoring import DiscriminatorScores
from pipeline.training.checkup import Checkup
from pipeline.training.parts import RealImages


class AdversarialCheckup(Checkup):
    """Measures D_train and D_held_out, the mean displayed scores of training and of held-out images, and r_t.

    D_held_out is NaN without held-out images; the training node then does not declare it.

    r_t: E[sign(D(x))] over the logits of training images, Karras et al. 2020 (arXiv 2006.06676); near 1 the
    discriminator has memorised them. NaN if scores are not logits.
    """

    def __init__(self, images: RealImages, scores: DiscriminatorScores) -> None:
        super().__init__(images)
        self._scores = scores

    def measure(
        self, networks: Mapping[str, nn.Module], samples: Tensor, labels: Tensor | None
    ) -> Mapping[str, Tensor]:
        scores = self._scores
        train = scores.of(networks, *self.train)
        # Networks get no batch of nothing: not every layer takes one, and a mean of nothing is NaN anyway.
        held_out = scores.of(networks, *self.held_out) if len(self.held_out.images) else train.new_tensor(nan)
        # Only for the activations: units that fire only on generated images are not dead.
        scores.of(networks, samples, labels)
        return {
            "D_train": scores.shown(train).mean(),
            "D_held_out": scores.shown(held_out).mean(),
            "r_t": train.sign().mean() if scores.probability else train.new_tensor(nan),
        }
