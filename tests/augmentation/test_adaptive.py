"""ADA: the probability follows the sign of r_t − target, by a fixed step per image."""

import pytest
import torch

from pipeline.augmentation.adaptive import adapt_probability, overfitting_rt


def scores(positive: int, negative: int) -> torch.Tensor:
    return torch.cat([torch.full((positive,), 3.0), torch.full((negative,), -0.1)])


@pytest.mark.parametrize(("positive", "negative", "expected"), [(4, 0, 1.0), (0, 4, -1.0), (3, 1, 0.5), (2, 2, 0.0)])
def test_r_t_is_the_mean_sign(positive, negative, expected):
    assert overfitting_rt(scores(positive, negative)).item() == expected


def test_p_rises_above_the_target_and_falls_below_it():
    p = torch.tensor(0.5)
    assert adapt_probability(p, scores(9, 1), adjust_images=1000).item() == pytest.approx(0.51)
    assert adapt_probability(p, scores(7, 3), adjust_images=1000).item() == pytest.approx(0.49)
    assert p.item() == 0.5


def test_p_goes_from_0_to_1_in_the_requested_number_of_images():
    p = torch.tensor(0.0)
    for _ in range(25):
        p = adapt_probability(p, scores(10, 0), adjust_images=250)
    assert p.item() == pytest.approx(1)


def test_p_stays_within_its_bounds():
    assert adapt_probability(torch.tensor(0.999), scores(10, 0), adjust_images=20) == 1
    assert adapt_probability(torch.tensor(0.001), scores(0, 10), adjust_images=20) == 0


def test_no_gradient_goes_through_p():
    logits = scores(5, 5).requires_grad_()
    assert not adapt_probability(torch.tensor(0.5), logits).requires_grad


def test_a_discriminator_that_memorises_its_images_drives_p_up_until_it_cannot():
    """A discriminator that recognises every unaugmented image and guesses for the others: r_t = 1 − p settles at
    0.6."""
    random = torch.Generator().manual_seed(0)
    p, history = torch.tensor(0.0), []
    for _ in range(1500):
        augmented = torch.rand(64, generator=random) < p
        guess = torch.randn(64, generator=random)
        p = adapt_probability(p, torch.where(augmented, guess, 1.0), adjust_images=20_000)
        history.append(p.item())
    assert sum(history[-500:]) / 500 == pytest.approx(0.4, abs=0.03)
