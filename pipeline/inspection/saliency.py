"""The pixels that the discriminator's gradient points at: where a change of an image changes its score the most.

Simonyan, Vedaldi & Zisserman 2013 (arXiv 1312.6034), section 3.
"""

import torch
from torch import Tensor, nn

from pipeline.inspection.chosen import FAKE, REAL, Look, as_look, chosen_image, chosen_label
from pipeline.inspection.scoring import told
from pipeline.training.adversarial import DISCRIMINATOR
from pipeline.training.drawing import at_rest
from pipeline.training.trainer import Trainer
from pipeline.wording import number as in_words


def saliency(discriminator: nn.Module, images: Tensor, *labels: Tensor) -> Tensor:
    """|∂D(x)/∂x|, the largest over the channels: images (B, C, H, W) -> (B, H, W), not negative.

    labels: (B,) int64 for a conditional discriminator. In eval mode, where the score of an image depends on no other
    one. The gradients of weights are not touched.
    """
    with at_rest(discriminator), torch.enable_grad():
        inputs = images.detach().clone().requires_grad_()
        (slopes,) = torch.autograd.grad(discriminator(inputs, *labels).sum(), inputs)
    return slopes.abs().amax(dim=1)


def saliency_looks(trainer: Trainer, number: int) -> tuple[Look, ...]:
    """A real and a fake image, each followed by its saliency: black is 0, white its own steepest pixel.

    number: of both, from 1. Raises UnusableValue.
    """
    return tuple(look for source in (REAL, FAKE) for look in _looks(trainer, source, number))


def _looks(trainer: Trainer, source: str, number: int) -> tuple[Look, Look]:
    image = chosen_image(trainer, source, number)
    labels = told(trainer.experiment, chosen_label(trainer, source, number))
    slopes = saliency(trainer.state.networks[DISCRIMINATOR], image, *labels)
    steepest = slopes.max()
    title = f"{source.capitalize()} image {number}"
    # From [0, steepest] to [-1, 1], as images are; all black where nothing matters.
    shades = slopes.unsqueeze(1) / steepest.clamp_min(torch.finfo(slopes.dtype).tiny) * 2 - 1
    return (
        as_look(title, image),
        as_look(f"{title}: slope of its score, white is {in_words(steepest.item())} a unit of brightness", shades),
    )
