"""Noising: how an image becomes noise, x_t = α(t) x₀ + σ(t) ε with ε ~ N(0, I), for times t from 0 to 1 (only noise).

    Line               α = 1 − t, σ = t: flow matching
    VariancePreserving α² + σ² = 1 at n discrete times: DDPM, with a schedule of β

A process also says in which variables its probability flow (the ODE that turns noise into images) is followed: y = x/s,
by a clock c, with dy/dc given by the estimates of x₀ and ε. Other processes, such as EDM's with α = 1, fit in without a
change here.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

import torch
from torch import Tensor

Schedule = Literal["linear", "scaled linear", "cosine"]
LARGEST_BETA = 0.999


class Estimates(NamedTuple):
    """What a network's prediction says about x_t: the image x₀ and the noise ε in it, both of the shape of x_t."""

    clean: Tensor
    noise: Tensor


class Noising(ABC):
    """One process. All times are in [0, 1], in tensors of any shape."""

    @abstractmethod
    def signal(self, times: Tensor) -> Tensor:
        """α(t), of the shape of `times`."""

    @abstractmethod
    def noise(self, times: Tensor) -> Tensor:
        """σ(t), of the shape of `times`."""

    def known(self, times: Tensor) -> Tensor:
        """The times at which the process is defined, next to these; the same times unless it is discrete."""
        return times

    @abstractmethod
    def grid(self, steps: int) -> Tensor:
        """The times between which a solver steps: (steps + 1,) float64 on the CPU, falling from 1 to 0.

        Raises ValueError if the process has not so many times.
        """

    def snr(self, times: Tensor) -> Tensor:
        """The signal-to-noise ratio α²/σ²; infinite at t = 0."""
        return (self.signal(times) / self.noise(times)).square()

    def scale(self, signal: float) -> float:
        """s, from α: the solvers follow y = x/s. 0 where it cannot be followed."""
        return signal

    def clock(self, signal: float, noise: float) -> float:
        """c, from α and σ."""
        return noise / signal

    def slope(self, estimates: Estimates) -> Tensor:
        """dy/dc."""
        return estimates.noise


class Line(Noising):
    """x_t = (1 − t) x₀ + t ε: a straight line, with dx/dt = ε − x₀.

    Flow matching, Lipman et al. 2023 (arXiv 2210.02747); rectified flow, Liu et al. 2023 (arXiv 2209.03003).
    """

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def signal(self, times: Tensor) -> Tensor:
        return 1 - times

    def noise(self, times: Tensor) -> Tensor:
        return times

    def grid(self, steps: int) -> Tensor:
        return torch.linspace(1, 0, _at_least_one(steps) + 1, dtype=torch.float64)

    def scale(self, signal: float) -> float:
        return 1.0

    def clock(self, signal: float, noise: float) -> float:
        return noise

    def slope(self, estimates: Estimates) -> Tensor:
        return estimates.noise - estimates.clean


class VariancePreserving(Noising):
    """q(x_t | x_{t−1}) = N(√(1 − β_t) x_{t−1}, β_t I), so that α_t² = Π (1 − β_i) and σ_t² = 1 − α_t².

    DDPM, Ho et al. 2020 (arXiv 2006.11239). Time n of T is t = n/T; at t = 0 there is no noise.
    """

    def __init__(self, betas: Sequence[float], *, zero_terminal_snr: bool = False, device: str = "cpu") -> None:
        """betas: the variances β_1 to β_T, each in [0, 1). zero_terminal_snr: see `without_terminal_signal`.

        Raises ValueError if a β is outside.
        """
        if not len(betas) or not all(0 <= each < 1 for each in betas):
            raise ValueError("every β must be at least 0 and below 1")
        signals = torch.cumprod(1 - torch.tensor([0.0, *betas], dtype=torch.float64), 0).sqrt()
        if zero_terminal_snr:
            signals[1:] = without_terminal_signal(signals[1:])
        self.count = len(betas)
        self._signal, self._noise = signals.to(device), (1 - signals.square()).sqrt().to(device)

    def signal(self, times: Tensor) -> Tensor:
        return self._signal.to(times.device)[self._number(times)].to(times.dtype)

    def noise(self, times: Tensor) -> Tensor:
        return self._noise.to(times.device)[self._number(times)].to(times.dtype)

    def known(self, times: Tensor) -> Tensor:
        """The next discrete time, so that uniform times in (0, 1] give each of the T times equally often."""
        return (times * self.count).ceil().clamp(1, self.count) / self.count

    def grid(self, steps: int) -> Tensor:
        """Evenly spaced from T down: "trailing", Lin et al. 2023 (arXiv 2305.08891), so that sampling starts where only
        noise is left."""
        if _at_least_one(steps) > self.count:
            raise ValueError(f"{steps:,} steps are more than the schedule's {self.count:,} times")
        numbers = torch.round(self.count * torch.linspace(1, 0, steps + 1, dtype=torch.float64))
        return numbers / self.count

    def _number(self, times: Tensor) -> Tensor:
        return torch.round(times * self.count).long().clamp(0, self.count)


class ScheduledNoising(VariancePreserving):
    """`VariancePreserving` with the variances of a schedule, from which it can be made again: see `betas_of`."""

    def __init__(
        self,
        schedule: Schedule,
        count: int,
        first: float,
        last: float,
        *,
        zero_terminal_snr: bool = False,
        device: str = "cpu",
    ) -> None:
        super().__init__(betas_of(schedule, count, first, last), zero_terminal_snr=zero_terminal_snr, device=device)
        self._made_from = f"{schedule!r}, {count}, {first!r}, {last!r}, zero_terminal_snr={zero_terminal_snr}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._made_from})"


def betas_of(schedule: Schedule, count: int, first: float = 1e-4, last: float = 0.02) -> list[float]:
    """The variances β_1 to β_T of a schedule.

    linear: from `first` to `last`, Ho et al. 2020, who use 0.0001 and 0.02 for T = 1,000. scaled linear: the roots are
    linear, as in latent diffusion, Rombach et al. 2022 (arXiv 2112.10752), with 0.0015 to 0.0195; Stable Diffusion has
    0.00085 to 0.012. cosine: α² follows cos² with offset 0.008, β at most 0.999, Nichol & Dhariwal 2021
    (arXiv 2102.09672); `first` and `last` are not used.
    """
    if schedule == "linear":
        return torch.linspace(first, last, count, dtype=torch.float64).tolist()
    if schedule == "scaled linear":
        return torch.linspace(first**0.5, last**0.5, count, dtype=torch.float64).square().tolist()
    assert schedule in get_args(Schedule)
    angles = (torch.linspace(0, 1, count + 1, dtype=torch.float64) + 0.008) / 1.008 * torch.pi / 2
    squares = angles.cos().square()
    return (1 - squares[1:] / squares[:-1]).clamp(max=LARGEST_BETA).tolist()


def without_terminal_signal(signals: Tensor) -> Tensor:
    """The α of a schedule, shifted and scaled so that the last is 0 and the first stays; Lin et al. 2023, algorithm 1.

    Sampling starts from pure noise. With the usual schedules training never sees that: at its last time, a little of
    the image is left.
    """
    shifted = signals - signals[-1]
    return shifted * signals[0] / shifted[0]


def _at_least_one(steps: int) -> int:
    if steps < 1:
        raise ValueError("at least one step is needed")
    return steps
