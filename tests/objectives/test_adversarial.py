"""Adversarial losses, compared with torch's cross-entropy and with closed forms."""

from math import log

import pytest
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from pipeline.objectives.adversarial import (
    HINGE,
    LEAST_SQUARES,
    LOSSES,
    MINIMAX,
    NON_SATURATING,
    RELATIVISTIC,
    WASSERSTEIN,
)
from pipeline.objectives.signature import AdversarialLoss

ALL = pytest.mark.parametrize("loss", LOSSES.values(), ids=lambda loss: loss.name)
REAL = torch.tensor([2.0, -1.0, 0.5])
FAKE = torch.tensor([-3.0, 0.25, 1.0])


def discriminator_loss(loss: AdversarialLoss, real: Tensor, fake: Tensor) -> Tensor:
    return torch.stack(list(loss.discriminator(real, fake).values())).sum()


def generator_loss(loss: AdversarialLoss, real: Tensor, fake: Tensor) -> Tensor:
    return torch.stack(list(loss.generator(real, fake).values())).sum()


def test_the_non_saturating_discriminator_loss_is_binary_cross_entropy() -> None:
    terms = NON_SATURATING.discriminator(REAL, FAKE)

    assert terms.keys() == {"real", "fake"}
    torch.testing.assert_close(terms["real"], binary_cross_entropy_with_logits(REAL, torch.ones(3)))
    torch.testing.assert_close(terms["fake"], binary_cross_entropy_with_logits(FAKE, torch.zeros(3)))


def test_the_non_saturating_generator_loss_is_cross_entropy_with_label_real() -> None:
    (term,) = NON_SATURATING.generator(REAL, FAKE).values()

    torch.testing.assert_close(term, binary_cross_entropy_with_logits(FAKE, torch.ones(3)))


def test_at_scores_of_zero_the_losses_are_two_log_two_and_log_two() -> None:
    undecided = torch.zeros(5)

    assert discriminator_loss(NON_SATURATING, undecided, undecided).item() == pytest.approx(2 * log(2))
    assert generator_loss(NON_SATURATING, undecided, undecided).item() == pytest.approx(log(2))
    assert NON_SATURATING.shown(undecided).tolist() == [0.5] * 5


def test_the_non_saturating_generator_keeps_a_gradient_of_minus_one_when_detected() -> None:
    fake = torch.tensor([-50.0], requires_grad=True)
    generator_loss(NON_SATURATING, REAL, fake).backward()

    assert fake.grad is not None
    assert fake.grad.item() == pytest.approx(-1)


def test_minimax_is_one_value_maximised_by_the_discriminator_and_minimised_by_the_generator() -> None:
    # V = E[log D(x)] + E[log(1 − D(G(z)))]: the discriminator minimises −V, the generator its part of V.
    probability = torch.sigmoid
    value = probability(REAL).log().mean() + (1 - probability(FAKE)).log().mean()

    torch.testing.assert_close(discriminator_loss(MINIMAX, REAL, FAKE), -value)
    torch.testing.assert_close(generator_loss(MINIMAX, REAL, FAKE), (1 - probability(FAKE)).log().mean())


def test_the_minimax_generator_has_no_gradient_when_detected() -> None:
    fake = torch.tensor([-50.0], requires_grad=True)
    generator_loss(MINIMAX, REAL, fake).backward()

    assert fake.grad is not None
    assert abs(fake.grad.item()) < 1e-20


def test_least_squares_is_half_the_squared_distance_from_one_and_from_zero() -> None:
    terms = LEAST_SQUARES.discriminator(REAL, FAKE)

    assert terms["real"].item() == pytest.approx((1**2 + 2**2 + 0.5**2) / 3 / 2)
    assert terms["fake"].item() == pytest.approx((3**2 + 0.25**2 + 1**2) / 3 / 2)
    assert generator_loss(LEAST_SQUARES, REAL, FAKE).item() == pytest.approx((4**2 + 0.75**2 + 0**2) / 3 / 2)


def test_the_hinge_loss_ignores_scores_beyond_the_margin() -> None:
    terms = HINGE.discriminator(REAL, FAKE)

    assert terms["real"].item() == pytest.approx((0 + 2 + 0.5) / 3)
    assert terms["fake"].item() == pytest.approx((0 + 1.25 + 2) / 3)
    assert discriminator_loss(HINGE, torch.tensor([1.5]), torch.tensor([-7.0])).item() == 0
    assert generator_loss(HINGE, REAL, FAKE).item() == pytest.approx(-FAKE.mean().item())


def test_the_wasserstein_losses_are_differences_of_means() -> None:
    difference = FAKE.mean().item() - REAL.mean().item()

    assert discriminator_loss(WASSERSTEIN, REAL, FAKE).item() == pytest.approx(difference)
    assert generator_loss(WASSERSTEIN, REAL, FAKE).item() == pytest.approx(-FAKE.mean().item())


def test_a_critic_of_slope_one_measures_the_distance_between_two_sets() -> None:
    real, fake = torch.linspace(0, 1, 11), torch.linspace(3, 4, 11)  # the same points, shifted by three

    assert discriminator_loss(WASSERSTEIN, -real, -fake).item() == pytest.approx(-3, abs=1e-6)


def test_the_relativistic_losses_are_cross_entropy_on_the_differences_of_pairs() -> None:
    assert RELATIVISTIC.discriminator(REAL, FAKE).keys() == RELATIVISTIC.generator(REAL, FAKE).keys() == {"pairs"}
    real_first = binary_cross_entropy_with_logits(REAL - FAKE, torch.ones(3))
    torch.testing.assert_close(discriminator_loss(RELATIVISTIC, REAL, FAKE), real_first)
    fake_first = binary_cross_entropy_with_logits(REAL - FAKE, torch.zeros(3))
    torch.testing.assert_close(generator_loss(RELATIVISTIC, REAL, FAKE), fake_first)


def test_the_relativistic_losses_are_log_two_if_both_scores_of_every_pair_are_equal() -> None:
    assert discriminator_loss(RELATIVISTIC, REAL, REAL).item() == pytest.approx(log(2))
    assert generator_loss(RELATIVISTIC, REAL, REAL).item() == pytest.approx(log(2))


def test_a_relativistic_loss_does_not_change_with_a_constant_added_to_every_score() -> None:
    for loss in (discriminator_loss, generator_loss):
        torch.testing.assert_close(loss(RELATIVISTIC, REAL + 8, FAKE + 8), loss(RELATIVISTIC, REAL, FAKE))


def test_a_relativistic_loss_depends_on_the_pairing() -> None:
    turned = discriminator_loss(RELATIVISTIC, REAL, FAKE.roll(1))

    assert not torch.isclose(turned, discriminator_loss(RELATIVISTIC, REAL, FAKE))


@ALL
def test_a_loss_is_one_number_and_better_scores_lower_it(loss: AdversarialLoss) -> None:
    # Scores within the hinge loss's margin, and short of the least-squares targets.
    real, fake = torch.tensor([0.2, -0.5, 0.4]), torch.tensor([0.1, 0.3, -0.25])

    def better(score: Tensor) -> Tensor:
        return score + 0.5

    terms = [*loss.discriminator(REAL, FAKE).values(), *loss.generator(REAL, FAKE).values()]
    assert {term.shape for term in terms} == {torch.Size()}
    assert discriminator_loss(loss, better(real), fake) < discriminator_loss(loss, real, fake)
    assert discriminator_loss(loss, real, better(fake)) > discriminator_loss(loss, real, fake)
    assert generator_loss(loss, real, better(fake)) < generator_loss(loss, real, fake)


@ALL
def test_the_losses_of_extreme_scores_are_finite(loss: AdversarialLoss) -> None:
    far = torch.tensor([1e4])

    for real, fake in ((far, -far), (-far, far)):
        assert discriminator_loss(loss, real, fake).isfinite()
        assert generator_loss(loss, real, fake).isfinite()


@ALL
def test_only_a_generator_loss_that_declares_it_reads_the_real_scores(loss: AdversarialLoss) -> None:
    unread = generator_loss(loss, torch.full((3,), torch.nan), FAKE)

    assert torch.equal(unread, generator_loss(loss, REAL, FAKE)) is not loss.needs_real_for_generator


@ALL
def test_displayed_scores_are_probabilities_if_the_loss_declares_so(loss: AdversarialLoss) -> None:
    expected = 1 / (1 + torch.exp(-FAKE)) if loss.probability else FAKE

    torch.testing.assert_close(loss.shown(FAKE), expected)


@ALL
def test_every_loss_has_both_formulas(loss: AdversarialLoss) -> None:
    for formula in (loss.discriminator_formula, loss.generator_formula):
        assert "D(G(z))" in formula
        assert formula.count("{") == formula.count("}")
