"""Saliency maps: the gradient of a score, which shows where changing an image changes its score most.

Simonyan, Vedaldi & Zisserman 2013 (arXiv 1312.6034), section 3.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from pipeline.errors.machine import UnusableValue
from pipeline.formatting import number as in_words
from pipeline.inspection.selected_input import FAKE, REAL, LabelledImages, chosen_image, labelled_images
from pipeline.training.inference import eval_mode
from pipeline.training.scores import Scores
from pipeline.training.trainer import Trainer


def saliency(scores: Scores, networks: Mapping[str, nn.Module], images: Tensor, labels: Tensor | None = None) -> Tensor:
    """max over channels of |∂D(x)/∂x|: images (B, C, H, W) -> (B, H, W).

    labels: (B,) int64, for images with classes. In eval mode, in which the score of an image does not depend on other
    images. The gradients of weights do not change.
    """
    with eval_mode(networks[scores.role]), torch.enable_grad():
        inputs = images.detach().clone().requires_grad_()
        (slopes,) = torch.autograd.grad(scores.of(networks, inputs, labels).sum(), inputs)
    return slopes.abs().amax(dim=1)


def saliency_pictures(trainer: Trainer, number: int) -> tuple[LabelledImages, ...]:
    """A real and a fake image, each followed by its saliency map: black is 0, white is the map's maximum.

    number: number of both images, from 1. Raises UnusableValue for a number that is not in the grid, and if no network
    scores images.
    """
    if trainer.experiment.scores is None:
        raise UnusableValue("Saliency is the gradient of a score, but no network of this run scores images.")
    return tuple(look for source in (REAL, FAKE) for look in _looks(trainer, trainer.experiment.scores, source, number))


def _looks(trainer: Trainer, scores: Scores, source: str, number: int) -> tuple[LabelledImages, LabelledImages]:
    image, labels = chosen_image(trainer, source, number)
    slopes = saliency(scores, trainer.state.networks, image, labels)
    steepest = slopes.max()
    title = f"{source.capitalize()} image {number}"
    # From [0, steepest] to [-1, 1], the default range of pictures; all black if the gradient is 0.
    shades = slopes.unsqueeze(1) / steepest.clamp_min(torch.finfo(slopes.dtype).tiny) * 2 - 1
    return (
        labelled_images(title, image, trainer.experiment.images.values),
        labelled_images(
            f"{title}: gradient of its score, white is {in_words(steepest.item())} per unit of brightness", shades
        ),
    )
