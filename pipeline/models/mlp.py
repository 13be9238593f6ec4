"""Multilayer perceptrons: every pixel depends on the whole latent vector, and the image's geometry is ignored.

The plain GAN of Goodfellow et al. 2014 (arXiv 1406.2661), with leaky ReLU, and dropout in the discriminator.
"""

from math import prod

from pipeline.models.conditioning import latent_input, score_head
from pipeline.models.plan import Plan, Shape


def generator_plan(
    latent_dim: int,
    image_shape: Shape,
    hidden: tuple[int, ...] = (128, 256, 512, 1024),
    slope: float = 0.2,
    classes: int = 0,
) -> Plan:
    """(latent_dim + classes,) -> `image_shape` (C, H, W) in [-1, 1], through layers of the `hidden` widths."""
    plan = latent_input(latent_dim, classes)
    for width in hidden:
        plan = plan.linear(width).leaky_relu(slope)
    return plan.linear(prod(image_shape)).tanh().unflatten(image_shape)


def discriminator_plan(
    image_shape: Shape,
    hidden: tuple[int, ...] = (1024, 512, 256, 128),
    slope: float = 0.2,
    dropout: float = 0.3,
    classes: int = 0,
) -> Plan:
    """`image_shape` (C, H, W) -> one score (1,). dropout: share of the values set to 0 after every hidden layer."""
    plan = Plan(image_shape).flatten()
    for width in hidden:
        plan = plan.linear(width).leaky_relu(slope).dropout(dropout)
    return score_head(plan, classes)
