"""Flips move pixels and keep their values; noise is zero on average; cutout cuts a square of the requested size."""

import pytest
import torch

from pipeline.augmentation.pixel_operations import add_noise, cutout, flip


@pytest.mark.parametrize(("horizontal", "vertical", "axes"), [(1, 0, [3]), (0, 1, [2]), (1, 1, [2, 3])])
def test_a_share_of_one_mirrors_every_image(images, generator, horizontal, vertical, axes):
    before = images(channels=3, height=5)
    assert torch.equal(flip(before, generator, 1.0, horizontal, vertical), before.flip(axes))


def test_flipping_twice_restores_every_bit(images, generator):
    before = images()
    once = flip(before, generator, 1.0, 1, 1)
    assert torch.equal(flip(once, generator, 1.0, 1, 1), before)


def test_the_share_of_mirrored_images_is_multiplied_by_the_probability(images, generator):
    before = images(count=4000, height=1, width=2)
    mirrored = (flip(before, generator, 0.5, 0.6, 0) != before).any((1, 2, 3)).float().mean()
    assert mirrored.item() == pytest.approx(0.3, abs=0.03)


def test_noise_deviates_from_zero_to_the_largest_deviation(images, generator):
    before = images(count=400, height=32, width=32)
    noise = add_noise(before, generator, 1.0, 0.3) - before
    deviations = noise.std((1, 2, 3))
    assert noise.mean().abs() < 1e-3
    assert deviations.min() < 0.01
    assert 0.28 < deviations.max() < 0.32
    torch.testing.assert_close(deviations.mean(), torch.tensor(0.15), atol=0.01, rtol=0)


@pytest.mark.parametrize(("height", "width", "share", "area"), [(8, 8, 0.5, 16), (10, 20, 0.3, 18), (8, 8, 1.0, 64)])
def test_a_share_of_each_side_is_cut_out_of_every_image_and_every_channel(
    images, generator, height, width, share, area
):
    before = images(channels=3, height=height, width=width)
    after = cutout(before, generator, 1.0, share)
    assert (after == 0).sum((2, 3)).unique().tolist() == [area]
    assert torch.equal(after[after != 0], before[after != 0])


def test_every_position_is_equally_likely(images, generator):
    cut = cutout(images(count=6000, height=4, width=4), generator, 1.0, 0.5) == 0
    corners = cut[:, 0, [0, 0, 3, 3], [0, 3, 0, 3]].float().mean(0)
    torch.testing.assert_close(corners, torch.full((4,), 1 / 9), atol=0.02, rtol=0)


def test_a_square_smaller_than_a_pixel_cuts_nothing(images, generator):
    assert torch.equal(cutout(images(), generator, 1.0, 0.05), images())
