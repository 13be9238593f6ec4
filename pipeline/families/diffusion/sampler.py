"""Sample images from a denoiser: solve from noise to images, guided by the class."""

from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import replace
from functools import partial
from itertools import count
from typing import Any, Self

import torch
from torch import Tensor, nn

from pipeline.data.images import from_signed
from pipeline.families.autoencoder.family import DECODER
from pipeline.families.diffusion.family import DENOISER
from pipeline.families.diffusion.latents import decode_latents
from pipeline.families.diffusion.options import ESTIMATE, GUIDANCE, NOISY, SOLVER, STEPS
from pipeline.families.diffusion.parts import DenoisingPart, SamplingPart
from pipeline.families.diffusion.solvers import Passed, guided, levels_of
from pipeline.objectives.noising import Estimates
from pipeline.training.condition import ClassCondition, Condition
from pipeline.training.inference import Networks
from pipeline.training.sampler import Latents, Moment, Sampler, Setting
from pipeline.training.settings import Settings
from pipeline.training.streams import Streams


class DenoisingSampler(Sampler):
    """Latents are noise (N, C, H, W). A pass is a step of the solver.

    Without a class condition, the classes cycle: the class of an image depends only on its number.
    """

    def __init__(self, objective: DenoisingPart, sampling: SamplingPart, settings: Settings) -> None:
        super().__init__(settings)
        self._objective = objective
        self._sampling = sampling
        self._shape = objective.denoiser.shape
        self._latents = objective.denoiser.latents
        self.roles = (DENOISER, DECODER) if self._latents else (DENOISER,)

    def begin(self, streams: Streams, condition: Condition) -> Latents:
        noise, classes = streams.normal(self._shape), self._objective.denoiser.classes
        if not classes:
            return Latents(noise, streams)
        numbers = torch.tensor(streams.numbers, device=self.device)
        label = condition.label if isinstance(condition, ClassCondition) else None
        return Latents(noise, streams, numbers % classes if label is None else torch.full_like(numbers, label))

    @property
    def passes(self) -> int:  # type: ignore[override]  # the base has a plain attribute, which it never sets
        return self._sampling.solver.steps

    @property
    def settings(self) -> Mapping[str, Setting]:
        solver = self._sampling.solver
        guidance = {GUIDANCE.name: self._sampling.guidance} if self._objective.denoiser.classes else {}
        return {STEPS.name: solver.steps, SOLVER.name: solver.name, **guidance}

    def with_settings(self, settings: Mapping[str, Setting]) -> Self:
        chosen: dict[str, Any] = {**self.settings, **settings}
        solver = replace(self._sampling.solver, name=chosen[SOLVER.name], steps=chosen[STEPS.name])
        guidance = float(chosen.get(GUIDANCE.name, self._sampling.guidance))
        return self._with(replace(self._sampling, solver=solver, guidance=guidance))

    def steady(self) -> Self:
        """Without fresh noise: `ddim` with η = 0, and `euler`, which is the same with all steps of DDPM, in place of
        `ancestral`."""
        solver = self._sampling.solver
        if solver.name == "ancestral":
            solver = replace(solver, name="euler")
        return self._with(replace(self._sampling, solver=replace(solver, eta=0.0)))

    def _with(self, sampling: SamplingPart) -> Self:
        other = copy(self)
        other._sampling = sampling
        return other

    def steps(self, networks: Networks, latents: Latents) -> Iterator[Tensor | None]:
        for number, passed in enumerate(self._passes(networks, latents), 1):
            # Latents are decoded only once, at the end.
            yield self._as_images(networks, passed.noisy) if number == self.passes else None

    def path(self, networks: Networks, latents: Latents) -> Iterator[Moment]:
        """Before each pass: x_t, and the estimate of x₀ that the pass makes of it. At the end they are the same."""
        levels = levels_of(self._objective.noising, self.passes)
        shown, noisy = partial(partial, self._as_images, networks), latents.values
        for level, passed in zip(levels, self._passes(networks, latents), strict=False):
            pictures = {ESTIMATE: shown(passed.clean), NOISY: shown(noisy)}
            yield Moment(_label(level.time), pictures)
            noisy = passed.noisy
        yield Moment(_label(0.0), dict.fromkeys((ESTIMATE, NOISY), shown(noisy)))

    def _passes(self, networks: Networks, latents: Latents) -> Iterator[Passed]:
        draws = count(1)
        return self._sampling.solver.run(
            self._objective.noising,
            lambda noisy, time: self._denoise(networks, noisy, time, latents.labels),
            latents.values,
            lambda: latents.streams.normal(self._shape, next(draws)),
        )

    def _denoise(self, networks: Networks, noisy: Tensor, time: float, labels: Tensor | None) -> Estimates:
        times = torch.full((len(noisy),), time, device=noisy.device)
        found = self._guided(networks[DENOISER], noisy, times, labels)
        if self._sampling.clip and self._latents is None:
            return self._objective.clipped(noisy, found, times)
        return found

    def _guided(self, network: nn.Module, noisy: Tensor, times: Tensor, labels: Tensor | None) -> Estimates:
        objective = self._objective
        if labels is None:
            return objective.estimates(noisy, network(noisy, times), times)
        if self._sampling.guidance == 1:
            return objective.estimates(noisy, network(noisy, times, labels), times)
        # One pass for both, since two small ones take longer.
        free = torch.full_like(labels, objective.denoiser.classes)
        made = network(noisy.repeat(2, 1, 1, 1), times.repeat(2), torch.cat([labels, free]))
        told, free_ones = (objective.estimates(noisy, half, times) for half in made.chunk(2))
        return guided(told, free_ones, self._sampling.guidance)

    def _as_images(self, networks: Networks, made: Tensor) -> Tensor:
        if self._latents:
            return decode_latents(networks, made, self._latents.images)
        return from_signed(made.clamp(-1, 1), self.value_range)


def _label(time: float) -> str:
    return f"t = {time:.2f}"
