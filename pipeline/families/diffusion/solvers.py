"""Solvers: how many small steps turn noise into images.

All need only the estimates of x₀ and ε at the current time, so that each works with every process and prediction.
A step goes from time t, with α and σ, to the earlier time of the grid, with α' and σ'.

    euler      one network call a step. With a variance-preserving process it is DDIM with η = 0
    heun       two calls: the slope at both ends of the step, averaged
    ddim       η adds fresh noise in place of some of the estimated
    ancestral  DDIM with η = 1: as DDPM samples
    dpm++ 2m   one call, and the estimate of the step before: second order at the price of first
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf, log, sqrt
from typing import NamedTuple

import torch
from torch import Tensor

from pipeline.families.diffusion.options import SolverName
from pipeline.objectives.noising import Estimates, Noising

Denoise = Callable[[Tensor, float], Estimates]
"""(x_t (N, …), t) -> the estimates of x₀ and ε."""


class Level(NamedTuple):
    """A time of the grid, with α and σ there."""

    time: float
    signal: float
    noise: float


class Passed(NamedTuple):
    """What a step has made: x at the new time, and the estimate of x₀ at the one before, both (N, …)."""

    noisy: Tensor
    clean: Tensor


@dataclass(frozen=True)
class Solver:
    """A solver with its settings. eta: share of fresh noise, from 0 to 1, for `ddim`."""

    name: SolverName
    steps: int
    eta: float = 0.0

    @property
    def calls(self) -> int:
        """Network calls for one image."""
        return 2 * self.steps - 1 if self.name == "heun" else self.steps

    def run(self, noising: Noising, denoise: Denoise, start: Tensor, fresh: Callable[[], Tensor]) -> Iterator[Passed]:
        """Turn noise (N, …) into images: yield what each step has made; the last `noisy` is the finished images.

        fresh: draws standard normal noise of the shape of `start`, for the solvers that add some. Raises ValueError if
        the process has too few times for so many steps.
        """
        levels = levels_of(noising, self.steps)
        match self.name:
            case "heun":
                return _heun(noising, denoise, start, levels)
            case "dpm++ 2m":
                return _dpm(denoise, start, levels)
            case name:
                return _first_order(denoise, start, levels, {"ddim": self.eta, "ancestral": 1.0}.get(name, 0.0), fresh)


def levels_of(noising: Noising, steps: int) -> list[Level]:
    """The levels that a solver goes through. Raises ValueError if the process has too few."""
    times = noising.grid(steps)
    rows = zip(times.tolist(), noising.signal(times).tolist(), noising.noise(times).tolist(), strict=True)
    return [Level(*row) for row in rows]


def jump(estimates: Estimates, here: Level, there: Level, eta: float = 0.0, fresh: Tensor | None = None) -> Tensor:
    """x at the next level if the estimates hold until then: α' x₀ + σ' ε, with a part of ε replaced by a fresh draw.

    eta: 0 for none of it, 1 for as much as DDPM draws: σ' η √(1 − (σ'α / σα')²). Song et al. 2021 (arXiv 2010.02502),
    equation 12, written with the noise relative to the image, so that it holds for every process.
    """
    ratio = there.noise * here.signal / (there.signal * here.noise)
    drawn = eta * there.noise * sqrt(max(0.0, 1 - ratio**2))
    kept = sqrt(max(0.0, there.noise**2 - drawn**2))
    found = there.signal * estimates.clean + kept * estimates.noise
    return found + drawn * fresh if fresh is not None and drawn else found


def _first_order(
    denoise: Denoise, start: Tensor, levels: Sequence[Level], eta: float, fresh: Callable[[], Tensor]
) -> Iterator[Passed]:
    noisy = start
    for here, there in pairwise(levels):
        found = denoise(noisy, here.time)
        noisy = jump(found, here, there, eta, fresh() if eta and there.noise else None)
        yield Passed(noisy, found.clean)


def _heun(noising: Noising, denoise: Denoise, start: Tensor, levels: Sequence[Level]) -> Iterator[Passed]:
    """Heun's method, as in Karras et al. 2022 (arXiv 2206.00364), algorithm 1.

    The last step, to σ = 0, is Euler's; so is a first one from α = 0, where the flow cannot be followed.
    """
    noisy = start
    for here, there in pairwise(levels):
        found = denoise(noisy, here.time)
        after = jump(found, here, there)
        scale = noising.scale(here.signal)
        if there.noise and scale:
            ahead = denoise(after, there.time)
            lasts = noising.clock(there.signal, there.noise) - noising.clock(here.signal, here.noise)
            slope = (noising.slope(found) + noising.slope(ahead)) / 2
            after = noising.scale(there.signal) * (noisy / scale + lasts * slope)
        noisy = after
        yield Passed(noisy, found.clean)


def _dpm(denoise: Denoise, start: Tensor, levels: Sequence[Level]) -> Iterator[Passed]:
    """DPM-Solver++(2M), Lu et al. 2022 (arXiv 2211.01095), algorithm 2, in λ = log(α/σ).

    x₀ is extrapolated from its last two estimates. The first step has only one; the last, to σ = 0, uses only one.
    """
    noisy, before, taken = start, None, inf
    for here, there in pairwise(levels):
        found = denoise(noisy, here.time).clean
        size = _half_log_snr(there) - _half_log_snr(here)
        clean = found
        if before is not None and size < inf and taken < inf:
            clean = found + size / (2 * taken) * (found - before)
        shrink = there.noise * here.signal / (there.signal * here.noise)
        noisy = there.noise / here.noise * noisy + there.signal * (1 - shrink) * clean
        before, taken = found, size
        yield Passed(noisy, found)


def _half_log_snr(level: Level) -> float:
    if not level.noise:
        return inf
    return log(level.signal / level.noise) if level.signal else -inf


def guided(conditional: Estimates, free: Estimates, scale: float) -> Estimates:
    """Classifier-free guidance, Ho & Salimans 2022 (arXiv 2207.12598): f + w (f_c − f) for both estimates, where w = 1
    is the conditional network alone and 0 the unconditional one."""
    return Estimates(*(torch.lerp(one, other, scale) for one, other in zip(free, conditional, strict=True)))
