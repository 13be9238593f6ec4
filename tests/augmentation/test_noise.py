"""Noise: zero on average, with a random strength for each image."""

import torch

from pipeline.augmentation.noise import noisy


def test_noise_deviates_from_zero_to_the_largest_deviation(images, generator):
    before = images(count=400, height=32, width=32)
    noise = noisy(before, generator, 1.0, 0.3) - before
    deviations = noise.std((1, 2, 3))
    assert noise.mean().abs() < 1e-3
    assert deviations.min() < 0.01
    assert 0.28 < deviations.max() < 0.32
    torch.testing.assert_close(deviations.mean(), torch.tensor(0.15), atol=0.01, rtol=0)
