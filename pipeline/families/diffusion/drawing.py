"""From noise to images in one call: what a Sampler does, in functions that a file without Genscope can have too."""

from collections.abc import Iterator
from itertools import count

from torch import Tensor

from pipeline.data.images import from_signed
from pipeline.data.value_range import ValueRange
from pipeline.families.diffusion.estimating import Guidance, Process, denoise
from pipeline.families.diffusion.family import DENOISER
from pipeline.families.diffusion.latents import decode_latents
from pipeline.families.diffusion.solvers import Passed, Solver
from pipeline.training.inference import Networks
from pipeline.training.streams import Streams


def solve(
    networks: Networks,
    noise: Tensor,
    streams: Streams,
    labels: Tensor | None,
    process: Process,
    solver: Solver,
    guidance: Guidance,
) -> Iterator[Passed]:
    """Turn noise (N, C, H, W) into images: yield what each step has made. labels: (N,), None if unconditional."""
    draws = count(1)
    return solver.run(
        process.noising,
        lambda noisy, time: denoise(networks[DENOISER], process, guidance, noisy, time, labels),
        noise,
        lambda: streams.normal(noise.shape[1:], next(draws)),
    )


def draw_pixels(
    networks: Networks,
    streams: Streams,
    label: int | None,
    *,
    shape: tuple[int, int, int],
    process: Process,
    solver: Solver,
    guidance: Guidance,
    values: ValueRange,
) -> Tensor:
    """The images (N, C, H, W) of these streams, of the class `label` or of every class in turn. shape: (C, H, W)."""
    made = _solved(networks, streams, label, shape, process, solver, guidance)
    return from_signed(made.clamp(-1, 1), values)


def draw_from_latents(
    networks: Networks,
    streams: Streams,
    label: int | None,
    *,
    shape: tuple[int, int, int],
    process: Process,
    solver: Solver,
    guidance: Guidance,
    values: ValueRange,
) -> Tensor:
    """As `draw_pixels`, of a denoiser of latents: `shape` is that of a latent, which is decoded at the end."""
    made = _solved(networks, streams, label, shape, process, solver, guidance)
    return decode_latents(networks, made, values)


def _solved(
    networks: Networks,
    streams: Streams,
    label: int | None,
    shape: tuple[int, int, int],
    process: Process,
    solver: Solver,
    guidance: Guidance,
) -> Tensor:
    labels = streams.labels(guidance.classes, label) if guidance.classes else None
    *_, last = solve(networks, streams.normal(shape), streams, labels, process, solver, guidance)
    return last.noisy
