"""How an image is halved down to a coarse one and how wide the steps are; the same for all convolutional families.

A side is halved while it is even and its half has at least COARSEST pixels: 28 -> 14 -> 7, 32 -> 16 -> 8 -> 4.
"""

from pipeline.models.plan import Plan, Shape

COARSEST = 4
"""Fewest pixels a side of the coarse image."""
SIDE_MULTIPLE = 4
"""Both sides of an image must be a multiple of this, so that there is something to halve."""
SMALLEST_SIDE = 8
WIDEST = 8
"""Most feature maps of a step, as a multiple of the narrowest one's."""


def fits(height: int, width: int) -> bool:
    """Whether convolutional networks work on images of this size."""
    return all(side >= SMALLEST_SIDE and side % SIDE_MULTIPLE == 0 for side in (height, width))


def nearest_sides(side: int) -> tuple[int, ...]:
    """The sizes that fit next to `side`, the one below first; only the smallest where there is none below."""
    below = side - side % SIDE_MULTIPLE
    return tuple(sorted({max(SMALLEST_SIDE, near) for near in (below, below + SIDE_MULTIPLE)}))


def sizes(image_shape: Shape) -> tuple[tuple[int, int], ...]:
    """(height, width) after every step, from the coarse image to the whole one (C, H, W) -> (…, (H/2, W/2), (H, W))."""
    _, height, width = image_shape
    found = [(height, width)]
    while all(side % 2 == 0 and side >= 2 * COARSEST for side in found[0]):
        height, width = found[0]
        found.insert(0, (height // 2, width // 2))
    return tuple(found)


def attention_sides(image_shape: Shape) -> tuple[int, ...]:
    """Heights of the feature maps that self-attention can work on: those coarser than the image."""
    return tuple(height for height, _ in sizes(image_shape)[:-1])


def attend(plan: Plan, side: int) -> Plan:
    """The plan with self-attention at its end where its feature maps are `side` pixels high; else as it is."""
    return plan.self_attention() if plan.output_shape[1] == side else plan


def narrowing(base_channels: int, steps: int) -> tuple[int, ...]:
    """Feature maps from the coarse image on: halved by every step, no fewer than base_channels / WIDEST and 1."""
    return tuple(max(1, base_channels // min(2**step, WIDEST)) for step in range(steps))


def widening(base_channels: int, steps: int) -> tuple[int, ...]:
    """Feature maps from the first step on: doubled by every step, no more than base_channels · WIDEST."""
    return tuple(base_channels * min(2**step, WIDEST) for step in range(steps))
