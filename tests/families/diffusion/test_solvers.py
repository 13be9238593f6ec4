"""Solvers against closed forms: with the best denoiser of known data, what they make has a known distribution."""

import pytest
import torch

from pipeline.families.diffusion.options import SOLVERS
from pipeline.families.diffusion.solvers import Solver, guided, jump, levels_of
from pipeline.objectives.noising import Estimates, Line, VariancePreserving, betas_of
from tests.objectives.mixture import Mixture

LINE = Line()
PRESERVING = VariancePreserving(betas_of("linear", 1000))
TERMINAL = VariancePreserving(betas_of("linear", 1000), zero_terminal_snr=True)
NORMAL = Mixture((1.0,), (0.0,), 0.5)


def steps_of(solver, process, mixture, start):
    """All that the solver makes on the way, with the best denoiser for this mixture."""
    generator = torch.Generator().manual_seed(1)

    def denoise(noisy, time):
        at = torch.tensor(time, dtype=torch.float64)
        return mixture.best(noisy, process.signal(at), process.noise(at))

    def fresh():
        return torch.randn(start.shape, generator=generator, dtype=torch.float64)

    return [passed.noisy for passed in solver.run(process, denoise, start, fresh)]


def noise(count=20_000):
    return torch.randn(count, 1, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


@pytest.mark.parametrize("name", SOLVERS)
@pytest.mark.parametrize("process", [LINE, PRESERVING, TERMINAL], ids=["line", "preserving", "terminal"])
def test_noise_becomes_the_data(name, process):
    found = steps_of(Solver(name, 200, eta=0.5), process, Mixture(), noise())[-1]
    assert (found > 0).double().mean().item() == pytest.approx(0.7, abs=0.015)
    assert found[found > 0].mean().item() == pytest.approx(0.8, abs=0.03)
    assert found[found > 0].std().item() == pytest.approx(0.3, abs=0.03)


@pytest.mark.parametrize(("name", "order"), [("euler", 1), ("heun", 2), ("dpm++ 2m", 2)])
@pytest.mark.parametrize("process", [LINE, PRESERVING], ids=["line", "preserving"])
def test_the_error_on_the_way_falls_with_the_order_of_the_solver(name, order, process):
    """For x₀ ~ N(0, s²) the flow keeps x_t relative to its standard deviation √(α² s² + σ²)."""
    early, late = torch.tensor([1.0, 0.2], dtype=torch.float64)
    deviations = [(process.signal(at) ** 2 * 0.25 + process.noise(at) ** 2).sqrt().item() for at in (early, late)]
    exact, start = deviations[1] / deviations[0], torch.tensor([[1.0]], dtype=torch.float64)
    ends = [steps_of(Solver(name, steps), process, NORMAL, start)[steps * 4 // 5 - 1].item() for steps in (50, 100)]
    assert abs(ends[0] - exact) / abs(ends[1] - exact) == pytest.approx(2**order, rel=0.2)


def test_ddim_without_fresh_noise_is_euler_and_with_all_of_it_ancestral():
    start = noise(10)
    runs = {each: steps_of(each, PRESERVING, Mixture(), start)[-1] for each in (
        Solver("euler", 10), Solver("ddim", 10), Solver("ddim", 10, eta=1.0), Solver("ancestral", 10),
    )}  # fmt: skip
    plain, without, fresh, ancestral = runs.values()
    assert torch.equal(plain, without) and torch.equal(fresh, ancestral) and not torch.allclose(plain, fresh)


def test_an_ancestral_step_is_the_posterior_of_ddpm():
    """q(x_{t−1} | x_t, x₀), Ho et al. 2020, equation 7: its mean and its standard deviation."""
    here, there = levels_of(PRESERVING, 1000)[500:502]
    beta = 1 - (here.signal / there.signal) ** 2
    clean, eps = torch.tensor([0.3, -0.8], dtype=torch.float64), torch.tensor([1.2, 0.1], dtype=torch.float64)
    noisy = here.signal * clean + here.noise * eps
    none, one = (jump(Estimates(clean, eps), here, there, 1.0, torch.full((2,), each).double()) for each in (0.0, 1.0))
    mean = there.signal * beta / here.noise**2 * clean + (1 - beta) ** 0.5 * there.noise**2 / here.noise**2 * noisy
    torch.testing.assert_close(none, mean)
    torch.testing.assert_close((one - none).square(), torch.full((2,), there.noise**2 / here.noise**2 * beta).double())


@pytest.mark.parametrize("name", SOLVERS)
def test_a_solver_calls_the_network_as_often_as_it_says(name):
    calls = []

    def denoise(noisy, time):
        calls.append(time)
        return Estimates(noisy, noisy)

    steps = list(Solver(name, 6).run(LINE, denoise, noise(2), lambda: noise(2)))
    assert len(steps) == 6 and len(calls) == Solver(name, 6).calls
    assert calls == sorted(calls, reverse=True)


def test_guidance_goes_from_the_free_estimate_through_the_conditional_one():
    free, conditional = (Estimates(torch.tensor([at]), torch.tensor([-at])) for at in (1.0, 3.0))
    assert [guided(conditional, free, scale).clean.item() for scale in (0, 1, 2)] == [1, 3, 5]
    assert guided(conditional, free, 2).noise.item() == -5
