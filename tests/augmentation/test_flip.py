"""Flips: pixels move and keep their values."""

import pytest
import torch

from pipeline.augmentation.flip import flipped


@pytest.mark.parametrize(("horizontal", "vertical", "axes"), [(1, 0, [3]), (0, 1, [2]), (1, 1, [2, 3])])
def test_a_share_of_one_mirrors_every_image(images, generator, horizontal, vertical, axes):
    before = images(channels=3, height=5)
    assert torch.equal(flipped(before, generator, 1.0, horizontal, vertical), before.flip(axes))


def test_flipping_twice_restores_every_bit(images, generator):
    before = images()
    once = flipped(before, generator, 1.0, 1, 1)
    assert torch.equal(flipped(once, generator, 1.0, 1, 1), before)


def test_the_share_of_mirrored_images_is_multiplied_by_the_probability(images, generator):
    before = images(count=4000, height=1, width=2)
    mirrored = (flipped(before, generator, 0.5, 0.6, 0) != before).any((1, 2, 3)).float().mean()
    assert mirrored.item() == pytest.approx(0.3, abs=0.03)
