"""Residual networks for images: every block adds its result to its input.

Spectrally normalized GANs, Miyato et al. 2018 (arXiv 1802.05957), appendix B.4, after Gulrajani et al. 2017 (arXiv
1704.00028): upsampling copies pixels and downsampling averages them, so that the 1×1 convolutions of the shortcut can
run on the smaller map, with the same result. Widths and sizes as in `pyramid.py`.

Weights are initialised as in the authors' code: Xavier with gain √2 in main branches and 1 elsewhere. With torch's own
initialisation and no normalization, a main branch varies 0.1 to 0.4 times as much as its shortcut; with this one, 0.5
to 2.3 times.
"""

from math import sqrt
from typing import Literal

from pipeline.models.conditioning import latent_input, score_head
from pipeline.models.plan import Plan, Shape
from pipeline.models.pyramid import attend, narrowing, sizes, widening

BLOCK_GAIN = sqrt(2)


def generator_plan(
    latent_dim: int,
    image_shape: Shape,
    base_channels: int = 128,
    normalization: Literal["batch", "none"] = "batch",
    classes: int = 0,
    attention: int = 0,
) -> Plan:
    """(latent_dim + classes,) -> `image_shape` (C, H, W) in [-1, 1], from a coarse image with `base_channels` maps.

    attention: height of the feature maps with self-attention, 0 for none.
    """
    batch = normalization == "batch"
    (height, width), *finer = sizes(image_shape)
    first, *others = narrowing(base_channels, len(finer) + 1)
    plan = latent_input(latent_dim, classes).linear(first * height * width, gain=1).unflatten((first, height, width))
    plan = attend(plan, attention)
    for channels in others:
        plan = attend(_up_block(plan, channels, batch), attention)
    return _rectified(plan, batch).conv2d(image_shape[0], kernel=3, padding=1, gain=1).tanh()


def discriminator_plan(
    image_shape: Shape,
    base_channels: int = 32,
    pooling: Literal["sum", "mean"] = "sum",
    classes: int = 0,
    attention: int = 0,
) -> Plan:
    """`image_shape` (C, H, W) -> one score (1,), from the `pooling` of every feature map of the coarse image.

    It has no normalization, as critics require. attention: height of the feature maps with self-attention, 0 for none.
    """
    plan = Plan(image_shape)
    for channels in widening(base_channels, len(sizes(image_shape)) - 1):
        plan = attend(_down_block(plan, channels), attention)
    plan = _block(plan).relu().global_pool(pooling)
    return score_head(plan, classes, gain=1)


def _up_block(plan: Plan, channels: int, batch: bool) -> Plan:
    """(C, H, W) -> (channels, 2H, 2W)."""
    main = plan.branch()
    main = _conv(_rectified(main, batch).upsample(), channels)
    main = _conv(_rectified(main, batch), channels)
    return plan.residual("up_block", main, plan.branch().conv2d(channels, kernel=1, gain=1).upsample())


def _down_block(plan: Plan, channels: int) -> Plan:
    """(C, H, W) -> (channels, H/2, W/2)."""
    # No ReLU on the image itself before the first convolution: it would lose half of the values.
    main = _conv(plan.branch(), channels) if not plan.layers else _conv(plan.branch().relu(), plan.output_shape[0])
    main = _conv(main.relu(), channels).avg_pool2d()
    return plan.residual("down_block", main, plan.branch().avg_pool2d().conv2d(channels, kernel=1, gain=1))


def _block(plan: Plan) -> Plan:
    """(C, H, W) -> the same shape."""
    channels = plan.output_shape[0]
    main = _conv(_conv(plan.branch().relu(), channels).relu(), channels)
    return plan.residual("block", main, plan.branch())


def _rectified(plan: Plan, batch: bool) -> Plan:
    return (plan.batch_norm() if batch else plan).relu()


def _conv(plan: Plan, channels: int) -> Plan:
    return plan.conv2d(channels, kernel=3, padding=1, gain=BLOCK_GAIN)
