"""Cutout: a square of the requested size, somewhere inside each image."""

import pytest
import torch

from pipeline.augmentation.cutout import cut_out


@pytest.mark.parametrize(("height", "width", "share", "area"), [(8, 8, 0.5, 16), (10, 20, 0.3, 18), (8, 8, 1.0, 64)])
def test_a_share_of_each_side_is_cut_out_of_every_image_and_every_channel(
    images, generator, height, width, share, area
):
    before = images(channels=3, height=height, width=width)
    after = cut_out(before, generator, 1.0, share)
    assert (after == 0).sum((2, 3)).unique().tolist() == [area]
    assert torch.equal(after[after != 0], before[after != 0])


def test_every_position_is_equally_likely(images, generator):
    cut = cut_out(images(count=6000, height=4, width=4), generator, 1.0, 0.5) == 0
    corners = cut[:, 0, [0, 0, 3, 3], [0, 3, 0, 3]].float().mean(0)
    torch.testing.assert_close(corners, torch.full((4,), 1 / 9), atol=0.02, rtol=0)


def test_a_square_smaller_than_a_pixel_cuts_nothing(images, generator):
    assert torch.equal(cut_out(images(), generator, 1.0, 0.05), images())
