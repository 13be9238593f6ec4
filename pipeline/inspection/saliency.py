"""The pixels that a score's gradient points at: where a change of an image changes its score the most.

Simonyan, Vedaldi & Zisserman 2013 (arXiv 1312.6034), section 3.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from pipeline.errors.machine import UnusableValue
from pipeline.formatting import number as in_words
from pipeline.inspection.selected_input import FAKE, REAL, LabelledImages, as_look, chosen_image
from pipeline.training.inference import at_rest
from pipeline.training.scores import Scores
from pipeline.training.trainer import Trainer


def saliency(scores: Scores, networks: Mapping[str, nn.Module], images: Tensor, labels: Tensor | None = None) -> Tensor:
    """|∂D(x)/∂x|, the largest over the channels: images (B, C, H, W) -> (B, H, W), not negative.

    labels: (B,) int64, of images that have classes. In eval mode, where the score of an image depends on no other one.
    The gradients of weights are not touched.
    """
    with at_rest(networks[scores.role]), torch.enable_grad():
        inputs = images.detach().clone().requires_grad_()
        (slopes,) = torch.autograd.grad(scores.of(networks, inputs, labels).sum(), inputs)
    return slopes.abs().amax(dim=1)


def saliency_looks(trainer: Trainer, number: int) -> tuple[LabelledImages, ...]:
    """A real and a fake image, each followed by its saliency: black is 0, white its own steepest pixel.

    number: of both, from 1. Raises UnusableValue, also where nothing scores images.
    """
    if trainer.experiment.scores is None:
        raise UnusableValue("Saliency is the slope of a score, and nothing in this run scores images.")
    return tuple(look for source in (REAL, FAKE) for look in _looks(trainer, trainer.experiment.scores, source, number))


def _looks(trainer: Trainer, scores: Scores, source: str, number: int) -> tuple[LabelledImages, LabelledImages]:
    image, labels = chosen_image(trainer, source, number)
    slopes = saliency(scores, trainer.state.networks, image, labels)
    steepest = slopes.max()
    title = f"{source.capitalize()} image {number}"
    # From [0, steepest] to [-1, 1], as images are; all black where nothing matters.
    shades = slopes.unsqueeze(1) / steepest.clamp_min(torch.finfo(slopes.dtype).tiny) * 2 - 1
    return (
        as_look(title, image),
        as_look(f"{title}: slope of its score, white is {in_words(steepest.item())} a unit of brightness", shades),
    )
