"""Predictions and their weights; and that the loss is least where it should be, for data of which all is known."""

import pytest
import torch

from pipeline.objectives.denoising import (
    IMAGE,
    NOISE,
    PREDICTIONS,
    VELOCITY,
    V,
    draw_times,
    errors,
    min_snr_weights,
)
from pipeline.objectives.noising import Line, VariancePreserving, betas_of
from tests.objectives.mixture import Mixture

CPU = torch.device("cpu")
PROCESSES = {"line": Line(), "variance preserving": VariancePreserving(betas_of("cosine", 100))}
TIMES = torch.tensor([[0.05], [0.3], [0.5], [0.9]], dtype=torch.float64)


def random():
    return torch.Generator().manual_seed(0)


@pytest.mark.parametrize("name", PREDICTIONS)
@pytest.mark.parametrize("process", PROCESSES.values(), ids=PROCESSES)
def test_image_and_noise_can_be_read_off_every_exact_prediction(name, process):
    clean, noise = torch.randn(2, 4, 6, generator=random(), dtype=torch.float64)
    alpha, sigma = process.signal(TIMES), process.noise(TIMES)
    target = PREDICTIONS[name].target(clean, noise, alpha, sigma)
    found = PREDICTIONS[name].estimates(alpha * clean + sigma * noise, target, alpha, sigma)
    torch.testing.assert_close(found.clean, clean)
    torch.testing.assert_close(found.noise, noise)


def test_the_velocity_of_a_line_is_its_derivative():
    clean, noise = torch.randn(2, 5, generator=random(), dtype=torch.float64)
    early, late = (Line().signal(time) * clean + Line().noise(time) * noise for time in TIMES[[0, 3]])
    target = VELOCITY.target(clean, noise, Line().signal(TIMES[1]), Line().noise(TIMES[1]))
    torch.testing.assert_close((late - early) / (TIMES[3] - TIMES[0]), target)


@pytest.mark.parametrize("name", PREDICTIONS)
@pytest.mark.parametrize("process", PROCESSES.values(), ids=PROCESSES)
def test_the_loss_of_known_data_is_least_for_the_best_denoiser_and_its_value_is_the_remaining_variance(name, process):
    """E‖target − E[target | x_t]‖² = d²/σ² Var[x₀ | x_t], with the determinant d of the prediction."""
    mixture, prediction, generator = Mixture(), PREDICTIONS[name], random()
    time = torch.tensor(0.5, dtype=torch.float64)
    alpha, sigma = process.signal(time), process.noise(time)
    clean = mixture.draw(400_000, generator)
    noise = torch.randn(clean.shape, generator=generator, dtype=torch.float64)
    noisy = alpha * clean + sigma * noise
    target, best = prediction.target(clean, noise, alpha, sigma), mixture.best(noisy, alpha, sigma)
    optimal = prediction.target(*best, alpha, sigma)
    least = errors(optimal, target).mean()
    remaining = (clean - best.clean).square().mean() * (prediction.determinant(alpha, sigma) / sigma) ** 2
    torch.testing.assert_close(least, remaining)
    for worse in (optimal + 0.05, optimal * 1.05, optimal - 0.05 * noisy):
        assert errors(worse, target).mean() > least


def test_the_least_loss_for_one_normal_distribution_is_its_closed_form():
    """For x₀ ~ N(m, s²), Var[x₀ | x_t] = s² σ² / (α² s² + σ²) at every x_t."""
    mixture, generator = Mixture((1.0,), (0.4,), 0.5), random()
    alpha, sigma = torch.tensor(0.6, dtype=torch.float64), torch.tensor(0.8, dtype=torch.float64)
    clean = mixture.draw(400_000, generator)
    noise = torch.randn(clean.shape, generator=generator, dtype=torch.float64)
    best = mixture.best(alpha * clean + sigma * noise, alpha, sigma)
    closed = 0.25 * 0.64 / (0.36 * 0.25 + 0.64)
    assert errors(best.clean, clean).mean().item() == pytest.approx(closed, rel=0.01)
    assert errors(best.noise, noise).mean().item() == pytest.approx(closed * 0.36 / 0.64, rel=0.01)


def test_min_snr_weights_are_those_of_the_paper():
    alpha = torch.tensor([0.1, 0.6, 0.8, 0.999], dtype=torch.float64)
    sigma = (1 - alpha**2).sqrt()
    snr = (alpha / sigma) ** 2
    bounded = snr.clamp(max=5.0)
    torch.testing.assert_close(min_snr_weights(IMAGE, alpha, sigma), bounded)
    torch.testing.assert_close(min_snr_weights(NOISE, alpha, sigma), bounded / snr)
    torch.testing.assert_close(min_snr_weights(V, alpha, sigma), bounded / (snr + 1))


def test_min_snr_weights_count_the_same_error_of_the_image_alike_for_every_prediction():
    alpha, sigma = torch.tensor([0.3, 0.7]), torch.tensor([0.7, 0.3])
    clean = [
        min_snr_weights(each, alpha, sigma) * (each.determinant(alpha, sigma) / sigma) ** 2
        for each in PREDICTIONS.values()
    ]
    for weights in clean[1:]:
        torch.testing.assert_close(weights, clean[0])


def test_uniform_times_are_one_in_each_part():
    times = draw_times("uniform", 64, random(), CPU)
    assert sorted((times * 64).long().tolist()) in (list(range(64)), [0, *range(64)][:64])
    assert torch.equal(times, draw_times("uniform", 64, random(), CPU))


def test_logit_normal_times_have_a_normal_logit():
    times = draw_times("logit-normal", 100_000, random(), CPU, mean=-0.5, width=0.7)
    logits = torch.logit(times.double())
    assert logits.mean().item() == pytest.approx(-0.5, abs=0.01) and logits.std().item() == pytest.approx(0.7, abs=0.01)
    assert times.min() > 0 and times.max() < 1
