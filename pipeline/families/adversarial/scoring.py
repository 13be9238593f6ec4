"""Score images outside a step. A conditional discriminator gets the label of each image, as in training."""

from collections.abc import Mapping

from torch import Tensor, nn

from pipeline.families.adversarial.family import DISCRIMINATOR
from pipeline.objectives.signature import AdversarialLoss
from pipeline.training.scores import Scores


class DiscriminatorScores(Scores):
    """Scores of images by the discriminator, displayed on the scale of its loss."""

    role = DISCRIMINATOR

    def __init__(self, loss: AdversarialLoss, conditional: bool) -> None:
        self._loss = loss
        self._conditional = conditional
        self.probability = loss.probability

    def inputs(self, images: Tensor, labels: Tensor | None) -> tuple[Tensor, ...]:
        return (images, labels) if self._conditional and labels is not None else (images,)

    def of(self, networks: Mapping[str, nn.Module], images: Tensor, labels: Tensor | None) -> Tensor:
        scores: Tensor = networks[self.role](*self.inputs(images, labels))
        return scores

    def shown(self, scores: Tensor) -> Tensor:
        return self._loss.shown(scores)
