"""Whether the discriminator has learnt its images by heart: its scores of images it has seen, and of others."""

from collections.abc import Mapping
from math import nan

from torch import Tensor, nn

from pipeline.families.adversarial.scoring import DiscriminatorScores
from pipeline.training.checkup import Checkup
from pipeline.training.parts import RealImages


class AdversarialCheckup(Checkup):
    """Measures D_train and D_held_out, mean shown scores of training and of held-out images; and r_t.

    r_t: E[sign(D(x))] of training images on logits, Karras et al. 2020 (arXiv 2006.06676); near 1 the discriminator
    knows them by heart. NaN where scores are no logits.
    """

    def __init__(self, images: RealImages, scores: DiscriminatorScores) -> None:
        super().__init__(images)
        self._scores = scores

    def measure(
        self, networks: Mapping[str, nn.Module], samples: Tensor, labels: Tensor | None
    ) -> Mapping[str, Tensor]:
        scores = self._scores
        train = scores.of(networks, *self.train)
        held_out = scores.of(networks, *self.held_out)
        # Their scores are not asked for: units that only generated images make fire are not dead.
        scores.of(networks, samples, labels)
        return {
            "D_train": scores.shown(train).mean(),
            "D_held_out": scores.shown(held_out).mean(),
            "r_t": train.sign().mean() if scores.probability else train.new_tensor(nan),
        }
