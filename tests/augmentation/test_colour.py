"""Colour changes, compared with torchvision on values from 0 to 1."""

import pytest
import torch
from torch import Tensor
from torchvision.transforms.v2 import functional as torchvision

from pipeline.augmentation.colour import adjust_colour, random_colour

FACTORS = torch.tensor([0.0, 0.5, 0.8, 1.0, 1.3, 2.0])
ONES = torch.ones(6)
NEAR = {"atol": 5e-4, "rtol": 0}
"""Tolerance: torchvision's weight of red has one digit less."""


def by_torchvision(adjust, images: Tensor) -> Tensor:
    shades = (images + 1) / 2
    changed = [adjust(shade, factor.item()) for shade, factor in zip(shades, FACTORS, strict=True)]
    return torch.stack(changed) * 2 - 1


@pytest.mark.parametrize("channels", [1, 3])
def test_brightness_is_that_of_torchvision(images, channels):
    before = images(channels=channels)
    ours = adjust_colour(before, FACTORS, ONES, ONES).clamp(-1, 1)
    torch.testing.assert_close(ours, by_torchvision(torchvision.adjust_brightness, before), **NEAR)


@pytest.mark.parametrize("channels", [1, 3])
def test_contrast_is_that_of_torchvision(images, channels):
    before = images(channels=channels)
    ours = adjust_colour(before, ONES, FACTORS, ONES).clamp(-1, 1)
    torch.testing.assert_close(ours, by_torchvision(torchvision.adjust_contrast, before), **NEAR)


def test_saturation_is_that_of_torchvision(images):
    before = images(channels=3)
    ours = adjust_colour(before, ONES, ONES, FACTORS).clamp(-1, 1)
    torch.testing.assert_close(ours, by_torchvision(torchvision.adjust_saturation, before), **NEAR)


def test_all_three_together_equal_the_three_in_order(images):
    before, factors = images(channels=3) * 0.2, torch.linspace(0.8, 1.2, 6)
    one_by_one = adjust_colour(
        adjust_colour(adjust_colour(before, factors, ONES, ONES), ONES, factors, ONES), ONES, ONES, factors
    )
    torch.testing.assert_close(adjust_colour(before, factors, factors, factors), one_by_one)


def test_black_stays_black_at_any_brightness(images, generator):
    black = torch.full_like(images(), -1)
    torch.testing.assert_close(random_colour(black, generator, 1.0, brightness=0.5), black)


def test_saturation_leaves_grey_images_alone_bit_for_bit(images, generator):
    assert torch.equal(random_colour(images(), generator, 1.0, saturation=1.0), images())


def test_factors_are_drawn_on_both_sides_of_1_within_their_share(images, generator):
    white = torch.ones_like(images(count=2000, height=1, width=1))
    factors = (random_colour(white, generator, 1.0, brightness=0.2) + 1) / 2
    assert 0.8 <= factors.min() < 0.802
    assert 1.198 < factors.max() <= 1.2
