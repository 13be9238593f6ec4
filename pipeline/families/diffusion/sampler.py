"""Sample images from a denoiser: solve from noise to images, guided by the class."""

from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import replace
from functools import partial
from typing import Any, Self

from torch import Tensor

from pipeline.data.images import from_signed
from pipeline.families.autoencoder.family import DECODER
from pipeline.families.diffusion.drawing import draw_from_latents, draw_pixels, solve
from pipeline.families.diffusion.estimating import Guidance
from pipeline.families.diffusion.family import DENOISER
from pipeline.families.diffusion.latents import decode_latents
from pipeline.families.diffusion.options import ESTIMATE, GUIDANCE, NOISY, SOLVER, STEPS
from pipeline.families.diffusion.parts import DenoisingPart, SamplingPart
from pipeline.families.diffusion.solvers import Passed, levels_of
from pipeline.training.condition import ClassCondition, Condition
from pipeline.training.inference import Networks
from pipeline.training.sampler import Latents, Moment, Sampler, Setting
from pipeline.training.settings import Settings
from pipeline.training.standalone import Standalone
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
        label = condition.label if isinstance(condition, ClassCondition) else None
        return Latents(noise, streams, streams.labels(classes, label) if classes else None)

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
        process, solver = self._objective.process, self._sampling.solver
        return solve(networks, latents.values, latents.streams, latents.labels, process, solver, self._guidance)

    @property
    def _guidance(self) -> Guidance:
        clip = self._sampling.clip and self._latents is None
        return Guidance(self._objective.denoiser.classes, self._sampling.guidance, clip)

    def _as_images(self, networks: Networks, made: Tensor) -> Tensor:
        if self._latents:
            return decode_latents(networks, made, self._latents.images.values)
        return from_signed(made.clamp(-1, 1), self.value_range)

    def standalone(self) -> Standalone:
        settings: dict[str, Any] = {
            "shape": self._shape,
            "process": self._objective.process,
            "solver": self._sampling.solver,
            "guidance": self._guidance,
            "values": self._latents.images.values if self._latents else self.value_range,
        }
        return Standalone(draw_from_latents if self._latents else draw_pixels, settings)


def _label(time: float) -> str:
    return f"t = {time:.2f}"
