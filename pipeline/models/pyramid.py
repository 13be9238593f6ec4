"""How an image is halved down to a coarse one, and the widths of the steps; the same for all convolutional
architectures.

A side is halved while it is even and its half has at least COARSEST pixels: 28 -> 14 -> 7, 32 -> 16 -> 8 -> 4.
"""

from pipeline.models.plan import Plan, Shape

COARSEST = 4
"""Minimum side of the coarse image, in pixels."""
SIDE_MULTIPLE = 4
"""Both sides of an image must be a multiple of this, so that they can be halved."""
SMALLEST_SIDE = 8
WIDEST = 8
"""Maximum number of feature maps of a step, as a multiple of the narrowest step."""


def fits(height: int, width: int) -> bool:
    """Whether convolutional networks accept images of this size."""
    return all(side >= SMALLEST_SIDE and side % SIDE_MULTIPLE == 0 for side in (height, width))


def nearest_sides(side: int) -> tuple[int, ...]:
    """The two valid sizes around `side`, the smaller first; only the smallest valid size if `side` is below it."""
    below = side - side % SIDE_MULTIPLE
    return tuple(sorted({max(SMALLEST_SIDE, near) for near in (below, below + SIDE_MULTIPLE)}))


def sizes(image_shape: Shape) -> tuple[tuple[int, int], ...]:
    """(height, width) at every step from the coarse image to the full one: (C, H, W) -> (…, (H/2, W/2), (H, W))."""
    _, height, width = image_shape
    found = [(height, width)]
    while all(side % 2 == 0 and side >= 2 * COARSEST for side in found[0]):
        height, width = found[0]
        found.insert(0, (height // 2, width // 2))
    return tuple(found)


def attention_sides(image_shape: Shape) -> tuple[int, ...]:
    """Heights of the feature maps that can have self-attention: those coarser than the image."""
    return tuple(height for height, _ in sizes(image_shape)[:-1])


def attend(plan: Plan, side: int) -> Plan:
    """The plan with self-attention appended if its feature maps are `side` pixels high; otherwise unchanged."""
    return plan.self_attention() if plan.output_shape[1] == side else plan


def narrowing(base_channels: int, steps: int) -> tuple[int, ...]:
    """Feature maps per step, starting at the coarse image: halved at every step, at least base_channels / WIDEST and
    1."""
    return tuple(max(1, base_channels // min(2**step, WIDEST)) for step in range(steps))


def widening(base_channels: int, steps: int) -> tuple[int, ...]:
    """Feature maps per step, starting at the first: doubled at every step, at most base_channels · WIDEST."""
    return tuple(base_channels * min(2**step, WIDEST) for step in range(steps))
