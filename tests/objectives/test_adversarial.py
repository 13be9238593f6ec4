"""Adversarial losses against torch's own cross-entropy and against values known in closed form."""

from math import log

import pytest
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from pipeline.objectives.adversarial import NON_SATURATING, WASSERSTEIN
from pipeline.objectives.signature import AdversarialLoss

REAL = torch.tensor([2.0, -1.0, 0.5])
FAKE = torch.tensor([-3.0, 0.25, 1.0])


def test_the_non_saturating_discriminator_loss_is_binary_cross_entropy_on_both_halves() -> None:
    expected = binary_cross_entropy_with_logits(REAL, torch.ones(3)) + binary_cross_entropy_with_logits(
        FAKE, torch.zeros(3)
    )

    torch.testing.assert_close(NON_SATURATING.discriminator(REAL, FAKE), expected)


def test_the_non_saturating_generator_loss_is_cross_entropy_with_the_label_real() -> None:
    expected = binary_cross_entropy_with_logits(FAKE, torch.ones(3))

    torch.testing.assert_close(NON_SATURATING.generator(REAL, FAKE), expected)


def test_an_undecided_discriminator_costs_two_log_two_and_the_generator_log_two() -> None:
    undecided = torch.zeros(5)

    assert NON_SATURATING.discriminator(undecided, undecided).item() == pytest.approx(2 * log(2))
    assert NON_SATURATING.generator(undecided, undecided).item() == pytest.approx(log(2))
    assert NON_SATURATING.shown(undecided).tolist() == [0.5] * 5


def test_a_generator_that_is_found_out_still_feels_a_slope_of_minus_one() -> None:
    fake = torch.tensor([-50.0], requires_grad=True)
    NON_SATURATING.generator(REAL, fake).backward()

    assert fake.grad is not None
    assert fake.grad.item() == pytest.approx(-1)


def test_logits_far_out_stay_finite() -> None:
    far = torch.tensor([1e4])

    assert NON_SATURATING.discriminator(-far, far).item() == pytest.approx(2e4)
    assert NON_SATURATING.generator(far, -far).item() == pytest.approx(1e4)


def test_the_wasserstein_losses_are_differences_of_means() -> None:
    assert WASSERSTEIN.discriminator(REAL, FAKE).item() == pytest.approx(FAKE.mean().item() - REAL.mean().item())
    assert WASSERSTEIN.generator(REAL, FAKE).item() == pytest.approx(-FAKE.mean().item())
    assert torch.equal(WASSERSTEIN.shown(FAKE), FAKE)


def test_the_critic_that_moves_each_image_by_its_place_measures_how_far_the_sets_are_apart() -> None:
    real, fake = torch.linspace(0, 1, 11), torch.linspace(3, 4, 11)  # the same points, three further on

    assert WASSERSTEIN.discriminator(-real, -fake).item() == pytest.approx(-3, abs=1e-6)


@pytest.mark.parametrize("loss", [NON_SATURATING, WASSERSTEIN], ids=lambda loss: loss.name)
def test_a_loss_is_one_number_and_better_scores_lower_it(loss: AdversarialLoss) -> None:
    def better(score: Tensor) -> Tensor:
        return score + 1

    assert loss.discriminator(REAL, FAKE).shape == loss.generator(REAL, FAKE).shape == ()
    assert loss.discriminator(better(REAL), FAKE) < loss.discriminator(REAL, FAKE)
    assert loss.discriminator(REAL, better(FAKE)) > loss.discriminator(REAL, FAKE)
    assert loss.generator(REAL, better(FAKE)) < loss.generator(REAL, FAKE)


@pytest.mark.parametrize("loss", [NON_SATURATING, WASSERSTEIN], ids=lambda loss: loss.name)
def test_a_generator_loss_that_needs_no_real_scores_does_not_read_them(loss: AdversarialLoss) -> None:
    assert not loss.needs_real_for_generator
    assert torch.equal(loss.generator(torch.full((3,), torch.nan), FAKE), loss.generator(REAL, FAKE))
