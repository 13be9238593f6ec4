"""What training takes of the machine, measured every few seconds of training: see `pipeline/runs/system_series.py`."""

from collections.abc import Callable, Mapping

import numpy as np
import torch

from pipeline.engine.machine_readings import readings
from pipeline.runs import stage_times
from pipeline.runs.stage_times import StageTimes
from pipeline.runs.system_series import CPU_CORES, DATA_SHARE
from pipeline.training.stage_clock import StageClock

FIRST_SECONDS = 1.0
"""Seconds of steps until the first measurement: less says little. A shorter run has none."""
SECONDS = 5.0
"""Seconds of steps from one measurement to the next. Each takes about 0.1 % of that."""


class SystemMetrics:
    """Measures between two slices. newest: the last measurement; {} before the first."""

    def __init__(
        self,
        clock: StageClock,
        device: torch.device,
        read: Callable[[torch.device], Mapping[str, float]] = readings,
    ) -> None:
        """read: what the machine says of itself at a moment."""
        self._clock = clock
        self._device = device
        self._read = read
        self.newest: Mapping[str, float] = {}

    def due(self, *, at_end: bool = False) -> bool:
        """Whether enough was trained since the last measurement. at_end: whether there will be no later one."""
        return self._clock.seconds >= (SECONDS if self.newest and not at_end else FIRST_SECONDS)

    def take(self) -> StageTimes:
        """Measure, and return the times of the stages since the last measurement."""
        cores = self._clock.cpu_cores
        times = self._clock.take()
        found = {DATA_SHARE.name: stage_times.data_share(times), CPU_CORES.name: cores, **self._read(self._device)}
        self.newest = {name: float(np.float32(value)) for name, value in found.items()}
        return times

    def forget(self) -> None:
        """Do not count what was trained since the last measurement."""
        self._clock.take()
