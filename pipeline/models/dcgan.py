"""Convolutional networks after DCGAN: strided convolutions instead of pooling, batch normalization inside.

Radford, Metz & Chintala 2016 (arXiv 1511.06434), with two steps of a factor 2 and a linear projection, so that any
image whose sides are multiples of 4 can be made.
"""

from typing import Literal

from pipeline.models.plan import Plan, Shape

SIDE_MULTIPLE = 4
"""Both sides of an image must be a multiple of this: two steps that halve or double them."""


def generator_plan(latent_dim: int, image_shape: Shape, base_channels: int = 64) -> Plan:
    """(latent_dim,) -> `image_shape` (C, H, W) in [-1, 1], by way of (base_channels, H/4, W/4)."""
    channels, height, width = image_shape
    coarse = (base_channels, height // SIDE_MULTIPLE, width // SIDE_MULTIPLE)
    return (
        Plan((latent_dim,))
        .linear(coarse[0] * coarse[1] * coarse[2], bias=False)
        .unflatten(coarse)
        .batch_norm()
        .relu()
        .conv_transpose2d(max(1, base_channels // 2), kernel=4, stride=2, padding=1, bias=False)
        .batch_norm()
        .relu()
        .conv_transpose2d(channels, kernel=4, stride=2, padding=1)
        .tanh()
    )


def discriminator_plan(
    image_shape: Shape,
    base_channels: int = 32,
    normalization: Literal["batch", "none"] = "batch",
) -> Plan:
    """`image_shape` (C, H, W) -> one score (1,), by way of (2·base_channels, H/4, W/4).

    A critic under a gradient penalty needs normalization "none": the penalty is one of each image by itself, and batch
    normalization makes a score depend on the other images of the batch (Gulrajani et al. 2017, section 4).
    """
    batch = normalization == "batch"
    plan = Plan(image_shape).conv2d(base_channels, kernel=4, stride=2, padding=1).leaky_relu(0.2)
    plan = plan.conv2d(2 * base_channels, kernel=4, stride=2, padding=1, bias=not batch)
    if batch:
        plan = plan.batch_norm()
    return plan.leaky_relu(0.2).flatten().linear(1)
