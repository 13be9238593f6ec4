"""The terms of the evidence lower bound, compared with torch.distributions, closed forms and autograd."""

import pytest
import torch
from torch.distributions import Bernoulli, Laplace, Normal, kl_divergence

from pipeline.objectives.elbo import (
    RECONSTRUCTIONS,
    Decoded,
    absolute_error,
    cross_entropy,
    kl_to_standard_normal,
    kl_warmup_factor,
    reparametrise,
    squared_error,
)

RANDOM = torch.Generator().manual_seed(0)
REAL = torch.rand(4, 2, 3, 3, generator=RANDOM, dtype=torch.float64) * 2 - 1
LOGITS = torch.randn(4, 2, 3, 3, generator=RANDOM, dtype=torch.float64) * 3
MADE = Decoded(torch.tanh(LOGITS / 2), LOGITS)


def summed(log_likelihood):
    return -log_likelihood.flatten(1).sum(1)


def test_half_the_squared_error_is_a_normal_likelihood_of_variance_one_without_its_constant():
    constant = summed(Normal(0.0, 1.0).log_prob(torch.zeros_like(REAL)))
    torch.testing.assert_close(squared_error(REAL, MADE), summed(Normal(MADE.images, 1.0).log_prob(REAL)) - constant)


def test_the_absolute_error_is_a_laplace_likelihood_without_its_constant():
    constant = summed(Laplace(0.0, 1.0).log_prob(torch.zeros_like(REAL)))
    torch.testing.assert_close(absolute_error(REAL, MADE), summed(Laplace(MADE.images, 1.0).log_prob(REAL)) - constant)


def test_cross_entropy_is_a_bernoulli_likelihood_of_the_brightness():
    white = (REAL > 0).double()
    found = cross_entropy(white * 2 - 1, MADE)
    torch.testing.assert_close(found, summed(Bernoulli(probs=(MADE.images + 1) / 2).log_prob(white)))


def test_cross_entropy_of_grey_images_is_lowest_for_an_exact_reconstruction():
    exact = torch.logit((REAL + 1) / 2)
    at_best = cross_entropy(REAL, Decoded(REAL, exact))
    entropy = Bernoulli(probs=(REAL + 1) / 2).entropy().flatten(1).sum(1)
    torch.testing.assert_close(at_best, entropy)
    assert (cross_entropy(REAL, Decoded(torch.tanh(exact / 2 + 0.1), exact + 0.2)) > at_best).all()


def test_cross_entropy_of_a_wrong_and_saturated_image_is_finite_with_a_gradient():
    logits = torch.full((1, 1, 1, 1), 200.0, requires_grad=True)
    black = torch.full((1, 1, 1, 1), -1.0)
    error = cross_entropy(black, Decoded(torch.tanh(logits / 2), logits))
    error.backward()
    assert error.item() == 200 and logits.grad.item() == 1


@pytest.mark.parametrize("name", RECONSTRUCTIONS)
def test_every_error_is_summed_per_image(name):
    whole = RECONSTRUCTIONS[name].of(REAL, MADE)
    assert whole.shape == (4,)
    one = RECONSTRUCTIONS[name].of(REAL[2:3], Decoded(*(made[2:3] for made in MADE)))
    torch.testing.assert_close(one, whole[2:3])


def test_the_kl_divergence_from_the_standard_normal_equals_torchs():
    means = torch.randn(5, 7, generator=RANDOM, dtype=torch.float64)
    log_variances = torch.randn(5, 7, generator=RANDOM, dtype=torch.float64)
    normal = Normal(means, torch.exp(log_variances / 2))
    expected = kl_divergence(normal, Normal(0.0, 1.0)).sum(1)
    torch.testing.assert_close(kl_to_standard_normal(means, log_variances), expected)
    assert torch.equal(kl_to_standard_normal(torch.zeros(3, 2), torch.zeros(3, 2)), torch.zeros(3))


def test_a_reparametrised_code_has_the_given_mean_and_variance():
    means, log_variances = torch.tensor([[1.0, -2.0]]), torch.tensor([[0.0, 2.0]])
    noise = torch.randn(200_000, 2, generator=torch.Generator().manual_seed(1))
    drawn = reparametrise(means, log_variances, noise)
    torch.testing.assert_close(drawn.mean(0), means[0], atol=0.03, rtol=0)
    torch.testing.assert_close(drawn.var(0), torch.exp(log_variances[0]), atol=0.1, rtol=0)


def test_gradients_reach_mean_and_variance_through_a_reparametrised_code():
    means = torch.zeros(1, 2, requires_grad=True)
    log_variances = torch.zeros(1, 2, requires_grad=True)
    noise = torch.tensor([[0.5, -3.0]])
    reparametrise(means, log_variances, noise).sum().backward()
    assert torch.equal(means.grad, torch.ones(1, 2))
    torch.testing.assert_close(log_variances.grad, noise / 2)


def test_the_kl_weight_warms_up_linearly():
    assert [kl_warmup_factor(step, 4) for step in (0, 1, 4, 9)] == [0, 0.25, 1, 1]
    assert kl_warmup_factor(0, 0) == 1
