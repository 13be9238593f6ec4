"""The solvers make the images of diffusers' schedulers, from the same network and noise.

In all: 20 steps, 1,000 times with linear β from 0.0001 to 0.02, `timestep_spacing="trailing"`, a final σ of 0 and no
clipping; for flow matching, σ from 1 to 0 in equal steps. diffusers numbers the times from 0, Genscope from 1.
"""

from typing import Any

import pytest
import torch

from pipeline.families.diffusion.solvers import Solver
from pipeline.models.unet import UNet
from pipeline.objectives.denoising import NOISE, PREDICTIONS, VELOCITY
from pipeline.objectives.noising import Line, VariancePreserving, betas_of

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

STEPS, TIMES = 20, 1000
SHAPE = (4, 1, 8, 8)
TRAINED = {"num_train_timesteps": TIMES, "beta_schedule": "linear", "beta_start": 1e-4, "beta_end": 0.02}
PRESERVING = VariancePreserving(betas_of("linear", TIMES))
KINDS = {"noise": "epsilon", "image": "sample", "v": "v_prediction"}
"""Our name of what a network predicts -> diffusers' `prediction_type`."""


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    made = UNet((1, 8, 8), (8, 16), 1).eval()
    for parameter in made.parameters():
        # The last layer starts at zero, so an untrained network would predict nothing.
        torch.nn.init.normal_(parameter, std=0.15)
    return made


@pytest.fixture
def start():
    return torch.randn(SHAPE, generator=torch.Generator().manual_seed(1))


@torch.no_grad()
def ours(solver, process, prediction, network, start):
    """What the solver makes, with fresh noise from a generator of seed 2."""
    generator = torch.Generator().manual_seed(2)

    def denoise(noisy, time):
        times = torch.full((len(noisy),), time)
        alpha, sigma = (each[:, None, None, None] for each in (process.signal(times), process.noise(times)))
        return prediction.estimates(noisy, network(noisy, times), alpha, sigma)

    made = list(solver.run(process, denoise, start, lambda: torch.randn(SHAPE, generator=generator)))
    return made[-1].noisy


@torch.no_grad()
def theirs(scheduler, network, start, *, relative=False, **options):
    """What diffusers' scheduler makes, by its usual loop. relative: it keeps x/α, and expects noise of that size."""
    scheduler.set_timesteps(STEPS)
    sample = start * (scheduler.sigmas[0] ** 2 + 1) ** 0.5 if relative else start
    for time in scheduler.timesteps:
        seen = scheduler.scale_model_input(sample, time)
        predicted = network(seen, torch.full((len(seen),), (float(time) + 1) / TIMES))
        sample = scheduler.step(predicted, time, sample, **options).prev_sample
    return sample


def close(found, expected):
    assert expected.abs().max() > 0.2
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("predicted", KINDS)
def test_euler_is_ddim_without_fresh_noise(network, start, predicted):
    from diffusers import DDIMScheduler

    scheduler = DDIMScheduler(
        **TRAINED, prediction_type=KINDS[predicted], timestep_spacing="trailing", clip_sample=False
    )
    found = ours(Solver("euler", STEPS), PRESERVING, PREDICTIONS[predicted], network, start)
    close(found, theirs(scheduler, network, start))


def test_euler_is_that_of_sigmas(network, start):
    from diffusers import EulerDiscreteScheduler

    scheduler = EulerDiscreteScheduler(**TRAINED, prediction_type="epsilon", timestep_spacing="trailing")
    found = ours(Solver("euler", STEPS), PRESERVING, NOISE, network, start)
    close(found, theirs(scheduler, network, start, relative=True))


def test_heun_is_that_of_sigmas(network, start):
    from diffusers import HeunDiscreteScheduler

    scheduler = HeunDiscreteScheduler(**TRAINED, prediction_type="epsilon", timestep_spacing="trailing")
    found = ours(Solver("heun", STEPS), PRESERVING, NOISE, network, start)
    close(found, theirs(scheduler, network, start, relative=True))


@pytest.mark.parametrize("eta", [0.0, 0.5, 1.0])
def test_ddim_draws_as_much_noise(network, start, eta):
    from diffusers import DDIMScheduler

    scheduler = DDIMScheduler(**TRAINED, prediction_type="epsilon", timestep_spacing="trailing", clip_sample=False)
    found = ours(Solver("ddim", STEPS, eta=eta), PRESERVING, NOISE, network, start)
    close(found, theirs(scheduler, network, start, eta=eta, generator=torch.Generator().manual_seed(2)))


def test_ancestral_is_ddpm_with_the_smaller_variance(network, start):
    from diffusers import DDPMScheduler

    scheduler = DDPMScheduler(
        **TRAINED,
        prediction_type="epsilon",
        timestep_spacing="trailing",
        variance_type="fixed_small",
        clip_sample=False,
    )
    found = ours(Solver("ancestral", STEPS), PRESERVING, NOISE, network, start)
    close(found, theirs(scheduler, network, start, generator=torch.Generator().manual_seed(2)))


@pytest.mark.parametrize("predicted", ["noise", "v"])
def test_dpm_2m_is_their_midpoint_solver(network, start, predicted):
    from diffusers import DPMSolverMultistepScheduler

    scheduler = DPMSolverMultistepScheduler(
        **TRAINED,
        prediction_type=KINDS[predicted],
        timestep_spacing="trailing",
        algorithm_type="dpmsolver++",
        solver_order=2,
        solver_type="midpoint",
        final_sigmas_type="zero",
    )
    found = ours(Solver("dpm++ 2m", STEPS), PRESERVING, PREDICTIONS[predicted], network, start)
    close(found, theirs(scheduler, network, start))


@torch.no_grad()
def test_euler_is_theirs_for_flow_matching(network, start):
    from diffusers import FlowMatchEulerDiscreteScheduler

    scheduler: Any = FlowMatchEulerDiscreteScheduler(num_train_timesteps=TIMES, shift=1.0)
    scheduler.set_timesteps(sigmas=[1 - step / STEPS for step in range(STEPS)])
    sample = start
    for time in scheduler.timesteps:
        sample = scheduler.step(network(sample, torch.full((4,), float(time) / TIMES)), time, sample).prev_sample
    close(ours(Solver("euler", STEPS), Line(), VELOCITY, network, start), sample)
