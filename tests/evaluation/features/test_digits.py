import torch

from pipeline.data.sources import load
from pipeline.evaluation.features.digits import DIMENSIONS, WEIGHTS, digits, features
from pipeline.metrics.frechet_distance import squared_distance


def test_the_weights_are_small_enough_to_ship():
    assert WEIGHTS.stat().st_size < 1_000_000


def test_unseen_digits_are_recognised_and_near_the_training_images_in_features(tmp_path):
    known, aside = load("mnist-5k", 0, "cpu", tmp_path)
    images, unseen = (each.batch(torch.arange(each.count)) for each in (known, aside))
    assert (digits(unseen) == aside.labels).float().mean() > 0.98
    made = features(images)
    assert made.shape == (known.count, DIMENSIONS)
    floor = squared_distance(features(unseen).numpy(), made.numpy())
    noise = torch.randn(500, 1, 28, 28, generator=torch.Generator().manual_seed(0)).clamp(-1, 1)
    assert squared_distance(features(noise).numpy(), made.numpy()) > 50 * floor


def test_larger_and_coloured_images_are_made_grey_and_small(tmp_path):
    _, aside = load("mnist-5k", 0, "cpu", tmp_path)
    images = aside.batch(torch.arange(100))
    large = torch.nn.functional.interpolate(images, scale_factor=2, mode="bilinear").expand(-1, 3, -1, -1)
    assert (digits(large) == digits(images)).float().mean() > 0.97
