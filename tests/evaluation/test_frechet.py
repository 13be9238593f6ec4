import pytest
import torch

from pipeline.evaluation.frechet import Moments, distance, moments, squared_distance


def drawn(count, mean, width, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.tensor(mean) + torch.tensor(width) * torch.randn(count, len(mean), generator=generator)


def test_the_distance_of_independent_dimensions_is_its_closed_form():
    """For diagonal covariances, d² = Σ (m₁ − m₂)² + (s₁ − s₂)²."""
    one = Moments(torch.tensor([0.0, 1.0]).double(), torch.tensor([1.0, 4.0]).diag().double(), 10)
    other = Moments(torch.tensor([3.0, 1.0]).double(), torch.tensor([9.0, 1.0]).diag().double(), 10)
    assert squared_distance(one, other) == pytest.approx(9 + 4 + 1)
    assert squared_distance(one, one) == pytest.approx(0, abs=1e-9)


def test_the_distance_is_symmetric_and_the_same_in_every_orthogonal_basis():
    one, other = drawn(400, [0.0, 1.0, 2.0], [1.0, 2.0, 3.0]), drawn(300, [1.0, 1.0, 1.0], [2.0, 1.0, 1.0], 1)
    turned = torch.linalg.qr(torch.randn(3, 3, generator=torch.Generator().manual_seed(2))).Q
    found = squared_distance(moments(one), moments(other))
    assert squared_distance(moments(other), moments(one)) == pytest.approx(found)
    assert squared_distance(moments(one @ turned), moments(other @ turned)) == pytest.approx(found, rel=1e-4)


def test_the_distance_is_that_of_scipys_matrix_root():
    from scipy.linalg import sqrtm

    one, other = (moments(drawn(50, [0.0] * 8, [1.0] * 8, seed)) for seed in (0, 1))
    root = sqrtm((one.covariance @ other.covariance).numpy()).real
    expected = (one.mean - other.mean).square().sum() + one.covariance.trace() + other.covariance.trace()
    assert squared_distance(one, other) == pytest.approx(float(expected) - 2 * root.trace())


def test_features_that_do_not_vary_have_a_distance():
    assert squared_distance(moments(torch.zeros(3, 2)), moments(torch.ones(3, 2))) == pytest.approx(2)


def test_a_distance_says_of_how_many_images_it_is_and_how_large_that_of_real_images_is():
    reference, real = drawn(2000, [0.0, 0.0], [1.0, 1.0]), drawn(200, [0.0, 0.0], [1.0, 1.0], 1)
    found = distance(drawn(3000, [1.0, 0.0], [1.0, 1.0], 2), reference, real)
    assert (found.count, found.of, found.floor_count) == (3000, 2000, 200)
    assert found.value == pytest.approx(1, abs=0.1) and found.floor < 0.05


def test_too_few_images_and_broken_features_are_refused():
    with pytest.raises(ValueError, match="at least 2 images, not 1"):
        moments(torch.ones(1, 3))
    with pytest.raises(ValueError, match="not finite"):
        moments(torch.tensor([[1.0], [float("nan")]]))
