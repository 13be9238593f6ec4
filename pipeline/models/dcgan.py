"""Convolutional networks after DCGAN: strided convolutions instead of pooling, batch normalization inside.

Radford, Metz & Chintala 2016 (arXiv 1511.06434), with a linear projection, and as many steps as the image can be halved
(`pyramid.py`). Options: conditional on a class, and self-attention at the feature maps of one size.
"""

from typing import Literal

from pipeline.models.conditioning import latent_input, score_head
from pipeline.models.plan import Plan, Shape
from pipeline.models.pyramid import attend, narrowing, sizes, widening


def generator_plan(
    latent_dim: int, image_shape: Shape, base_channels: int = 64, classes: int = 0, attention: int = 0
) -> Plan:
    """(latent_dim + classes,) -> `image_shape` (C, H, W) in [-1, 1], from a coarse image with `base_channels` maps.

    attention: height of the feature maps with self-attention, 0 for none.
    """
    (height, width), *finer = sizes(image_shape)
    first, *others = narrowing(base_channels, len(finer))
    plan = (
        latent_input(latent_dim, classes).linear(first * height * width, bias=False).unflatten((first, height, width))
    )
    plan = attend(plan.batch_norm().relu(), attention)
    for channels in others:
        plan = plan.conv_transpose2d(channels, kernel=4, stride=2, padding=1, bias=False).batch_norm().relu()
        plan = attend(plan, attention)
    return plan.conv_transpose2d(image_shape[0], kernel=4, stride=2, padding=1).tanh()


def discriminator_plan(
    image_shape: Shape,
    base_channels: int = 32,
    normalization: Literal["batch", "none"] = "batch",
    classes: int = 0,
    attention: int = 0,
) -> Plan:
    """`image_shape` (C, H, W) -> one score (1,), through `base_channels` maps of half the size, then twice as many.

    A critic with a gradient penalty needs normalization "none": the penalty is defined for each image by itself, and
    batch normalization makes a score depend on the other images of the batch (Gulrajani et al. 2017, section 4).
    attention: height of the feature maps with self-attention, 0 for none.
    """
    batch = normalization == "batch"
    first, *others = widening(base_channels, len(sizes(image_shape)) - 1)
    plan = Plan(image_shape).conv2d(first, kernel=4, stride=2, padding=1).leaky_relu(0.2)
    plan = attend(plan, attention)
    for channels in others:
        plan = plan.conv2d(channels, kernel=4, stride=2, padding=1, bias=not batch)
        plan = attend((plan.batch_norm() if batch else plan).leaky_relu(0.2), attention)
    return score_head(plan.flatten(), classes)
