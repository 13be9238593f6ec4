"""The options of drawing from a diffusion model, and how pages show the way from noise to images. Torch-free."""

from dataclasses import replace
from typing import Literal, get_args

from pipeline.families.sampling_options import SamplingOption
from pipeline.families.sampling_path import Contrast, SamplingPath

MOST_STEPS = 1000
SolverName = Literal["euler", "heun", "ddim", "ancestral", "dpm++ 2m"]
SOLVERS: tuple[str, ...] = get_args(SolverName)

STEPS = SamplingOption(
    "steps", "Steps", "Steps from noise to image. More are more exact, and take longer.", 20, 1, MOST_STEPS, click=5
)
GUIDANCE = SamplingOption(
    "guidance",
    "Guidance",
    "How strongly the class guides: 1 as the network has learned it. Larger values make images more typical of their "
    "class, and less diverse, in twice the time.",
    1.0,
    0,
    100,
    click=0.5,
)
SOLVER = SamplingOption(
    "sampler",
    "Sampler",
    "euler: simple. heun: two network calls a step, more exact. ddim: with as much fresh noise as the run's eta says. "
    "ancestral: with much, as DDPM samples. dpm++ 2m: as exact as heun at half the price.",
    "heun",
    choices=SOLVERS,
)
OPTIONS = (STEPS, GUIDANCE, SOLVER)

ESTIMATE, NOISY = "estimate", "noisy"
PATH = SamplingPath(
    title="Denoising",
    pictures={NOISY: "Noisy image", ESTIMATE: "Estimated image"},
    meanings={
        ESTIMATE: "What the network expects the finished image x₀ to be, from what it sees at time t. From noise "
        "alone, its best guess is a blurred mean.",
        NOISY: "What the network sees at time t: x_t, only noise at first, and less of it at every step.",
    },
    clock="t, from noise (1) to image (0)",
    noise="From left to right, noise becomes an image; a row begins with the same noise at every checkpoint.",
    contrast=Contrast(GUIDANCE.name, 1.0, 3.0, "Without guidance", "With guidance"),
    steady="The sampler adds no fresh noise on the way: ancestral becomes euler, and ddim has η = 0.",
)


def options_of(
    steps: int, guidance: float, solver: str, most_steps: int | None, classes: int
) -> tuple[SamplingOption, ...]:
    """The options of a run with these settings. most_steps: times of its process, None for any number. classes: 0
    without, for which there is no guidance."""
    most = min(MOST_STEPS, most_steps or MOST_STEPS)
    guided = (replace(GUIDANCE, default=float(guidance)),) if classes else ()
    return (replace(STEPS, default=steps, high=most), *guided, replace(SOLVER, default=solver))
