"""Windows: what rotation, scaling and shifts do to pixels, compared with closed forms and torchvision."""

import math

import pytest
import torch
from torch import Tensor
from torchvision.transforms import InterpolationMode
from torchvision.transforms.v2 import functional as torchvision

from pipeline.augmentation.resampling import resampled_where_changed
from pipeline.augmentation.window import window, windows

BATCH = 6


def seen(images: Tensor, angle: float = 0.0, size: float = 1.0, x: float = 0.0, y: float = 0.0) -> Tensor:
    """All images resampled through the same window."""
    return resampled_where_changed(
        images, window(images, *(torch.full((BATCH,), number) for number in (angle, size, x, y)))
    )


def test_the_identity_window_keeps_every_bit(images):
    before = images(channels=3, height=7)
    assert torch.equal(seen(before), before)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_right_angle_turns_a_square_as_rot90_does(images, turns):
    before = images(channels=3)
    torch.testing.assert_close(seen(before, angle=turns * math.pi / 2), before.rot90(-turns, (2, 3)), atol=1e-5, rtol=0)


def test_half_a_turn_of_an_oblong_image_flips_both_axes(images):
    before = images(height=5)
    torch.testing.assert_close(seen(before, angle=math.pi), before.flip(2, 3), atol=1e-5, rtol=0)


@pytest.mark.parametrize("angle", [10.0, -33.0])
@pytest.mark.parametrize("width", [24, 40])
def test_the_middle_of_a_rotated_image_equals_that_of_torchvision(images, angle, width):
    before = images(height=24, width=width)
    ours = seen(before, angle=math.radians(angle), size=1 / 1.2)
    theirs = torchvision.affine(before, angle, [0, 0], 1.2, [0.0, 0.0], InterpolationMode.BILINEAR)
    middle = (..., slice(9, 15), slice(width // 2 - 3, width // 2 + 3))
    torch.testing.assert_close(ours[middle], theirs[middle], atol=1e-4, rtol=0)


def test_a_shift_by_whole_pixels_mirrors_at_the_edge(images):
    before = images()
    moved = seen(before, x=2.0, y=-1.0)
    torch.testing.assert_close(moved[..., 1:, :6], before[..., :7, 2:], atol=1e-5, rtol=0)
    torch.testing.assert_close(moved[..., 1:, 6:], before[..., :7, [7, 6]], atol=1e-5, rtol=0)
    torch.testing.assert_close(moved[..., 0, :6], before[..., 0, 2:], atol=1e-5, rtol=0)


def test_random_shifts_are_whole_pixels_within_the_share(images, generator):
    before = images(count=500, height=10, width=20)
    drawn = windows(before, generator, 1.0, translate=0.2)
    x, y = drawn[:, 0, 2] * 10, drawn[:, 1, 2] * 5
    assert sorted(x.round().unique().tolist()) == [-4, -3, -2, -1, 0, 1, 2, 3, 4]
    assert sorted(y.round().unique().tolist()) == [-2, -1, 0, 1, 2]
    torch.testing.assert_close(x, x.round())


def test_angles_reach_the_limit_on_both_sides(images, generator):
    drawn = windows(images(count=2000), generator, 1.0, rotate=30)
    degrees = torch.rad2deg(torch.atan2(drawn[:, 0, 1], drawn[:, 0, 0]))
    assert -30 <= degrees.min() < -29
    assert 29 < degrees.max() <= 30


def test_growing_and_shrinking_are_equally_likely_by_factors(images, generator):
    factors = 1 / windows(images(count=2000), generator, 1.0, scale=0.25)[:, 0, 0]
    assert 1 / 1.25 <= factors.min() < 0.81
    assert 1.24 < factors.max() <= 1.25
    assert (factors > 1).float().mean().item() == pytest.approx(0.5, abs=0.04)


def test_a_crop_stays_inside_the_image_and_reaches_its_corners(images, generator):
    drawn = windows(images(count=5000), generator, 1.0, crop=0.5)
    size, x, y = drawn[:, 0, 0], drawn[:, 0, 2], drawn[:, 1, 2]
    assert 0.5 <= size.min() < 0.51
    reach = torch.maximum(x.abs(), y.abs()) + size
    assert reach.max() <= 1 + 1e-6
    assert (reach > 0.99).any()


def test_a_crop_of_half_the_side_doubles_the_pixels_of_a_smooth_image():
    slope = torch.linspace(-1, 1, 16).expand(BATCH, 1, 16, 16)
    torch.testing.assert_close(seen(slope, size=0.5).diff(dim=3)[..., 1:-1], torch.full((BATCH, 1, 16, 13), 1 / 15))
