"""Per-step metrics, kept on the device as one row per step until they are read as a `Slice`.

Reading waits for the device, so no step reads.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isnan, nan

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pipeline.runs.metrics import CLOCK_SERIES

StepObserver = Callable[[int, Mapping[str, float]], bool]
"""(step, its metrics by name, without those of other phases) -> whether to stop training after this step."""


@dataclass(frozen=True)
class Slice:
    """The metrics of consecutive steps.

    first_step: number of the first of them; a run's first step is 1. names: names of the series. values: (steps,
    series) float32. seconds: training time of these steps; `values` gives each step an equal share of it.
    """

    first_step: int
    names: tuple[str, ...]
    values: NDArray[np.float32]
    seconds: float

    @property
    def steps(self) -> int:
        """Number of steps."""
        return len(self.values)

    @property
    def newest(self) -> dict[str, float]:
        """The metrics of the last step by name, without those of other phases; {} without steps.

        A recorded step is finite, so a NaN is a gap.
        """
        row = self.values[-1].tolist() if self.steps else [nan] * len(self.names)
        return {name: value for name, value in zip(self.names, row, strict=True) if not isnan(value)}

    def after(self, step: int) -> "Slice":
        """The steps after `step` only; may be empty."""
        left_out = min(self.steps, max(0, step + 1 - self.first_step))
        share = 1 - left_out / self.steps if self.steps else 1.0
        return Slice(self.first_step + left_out, self.names, self.values[left_out:], self.seconds * share)


def as_number(name: str, made: object, device: torch.device) -> Tensor:
    """A metric made by a stage as 0-dimensional float32 on the device, detached.

    Raises TypeError, RuntimeError or NotImplementedError if it is not a single real number.
    """
    if not isinstance(made, Tensor):
        raise TypeError(f"{name!r} is of the type {type(made).__name__}, not a tensor")
    if made.is_complex():
        raise TypeError(f"{name!r} is a complex number, but metrics must be real")
    number = made.detach()
    # Nearly all metrics are such numbers, for which the two calls below would do nothing, six times in a step.
    if number.ndim == 0 and number.dtype == torch.float32 and number.device == device:
        return number
    return number.reshape(()).to(device, torch.float32)


class Rows:
    """The metrics of the steps not read yet. names: names of the series, without the clock series."""

    def __init__(self, names: Sequence[str], batch_size: int) -> None:
        self._names = tuple(names)
        self._batch_size = batch_size
        self._rows: list[Tensor] = []
        self._gaps: list[list[int]] = []
        self._fetched: NDArray[np.float32] | None = None
        self._first_step = 0
        self.seconds = 0.0

    def add(self, step: int, metrics: Mapping[str, Tensor]) -> None:
        """The metrics of one more step, 0-dimensional; those that are missing are gaps."""
        if not self._rows:
            self._first_step = step
        gaps = [place for place, name in enumerate(self._names) if name not in metrics]
        if gaps:
            gap = torch.full((), nan, device=next(iter(metrics.values())).device)
            metrics = dict.fromkeys(self._names, gap) | dict(metrics)
        self._rows.append(torch.stack([metrics[name] for name in self._names]))
        self._gaps.append(gaps)
        self._fetched = None

    def newest(self, before: float, after: float) -> dict[str, float]:
        """The metrics of the last step by name, without gaps; waits for the device. before, after: the run's training
        time then."""
        newest = dict(zip(self._names, self._rows[-1].tolist(), strict=True))
        for place in self._gaps[-1]:
            del newest[self._names[place]]
        return newest | dict(zip(CLOCK_SERIES, (self._batch_size / (after - before), after), strict=True))

    def fetch(self) -> NDArray[np.float32]:
        """(steps, series), fetched from the device in one transfer."""
        if self._fetched is None:
            empty = np.empty((0, len(self._names)), np.float32)
            self._fetched = torch.stack(self._rows).cpu().numpy() if self._rows else empty
        return self._fetched

    def clear(self) -> None:
        self._rows.clear()
        self._gaps.clear()
        self._fetched = None
        self.seconds = 0.0

    def first_bad(self) -> tuple[int, str] | None:
        """Step and metric of the first value that is NaN or infinite, and no gap; None if all are finite."""
        finite = np.isfinite(self.fetch())
        for row, gaps in enumerate(self._gaps):
            finite[row, gaps] = True
        if finite.all():
            return None
        row, column = divmod(int(np.argmin(finite)), finite.shape[1])
        return self._first_step + row, self._names[column]

    def cut(self, step: int) -> float:
        """Drop the steps from `step` on and return the seconds spent on them."""
        left = step - self._first_step
        lost = self.seconds * (len(self._rows) - left) / len(self._rows)
        del self._rows[left:]
        del self._gaps[left:]
        self._fetched = None
        self.seconds -= lost
        return lost

    def take(self, step: int, seconds: float) -> Slice:
        """Return the unread steps and clear them. step, seconds: the run's step count and training time after them."""
        rows, spent = self.fetch(), self.seconds
        count = len(rows)
        clocks = np.empty((count, len(CLOCK_SERIES)))
        if count:
            clocks[:, 0] = self._batch_size * count / spent
            clocks[:, 1] = seconds - spent + spent * np.arange(1, count + 1) / count
        values = np.concatenate([rows, clocks], axis=1, dtype=np.float32)
        first_step = self._first_step if count else step + 1
        self.clear()
        return Slice(first_step, (*self._names, *CLOCK_SERIES), values, spent)
