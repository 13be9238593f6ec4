"""Where the time of training goes: seconds of each stage, and of the CPU, as the host measures them.

It adds one number to a dictionary after a stage that the `Trainer` times anyway. On a GPU, a stage ends for the host
when its work has been queued, so that its time is not that of the device: what is still to be computed when the numbers
of a slice are read is counted as waiting for the device (`WAIT`), or in a stage that itself waits.
"""

from time import perf_counter, process_time

from pipeline.runs.stage_times import StageTime, StageTimes


class StageClock:
    """Counts from the last `take` on. seconds: of all stages, with waiting."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._stages: dict[tuple[str, str], list[float]] = {}
        self._began: tuple[float, float] | None = None
        self._wall = self._cpu = 0.0

    def add(self, update: str, stage: str, seconds: float) -> None:
        """Count one run of a stage."""
        self.seconds += seconds
        counted = self._stages.get((update, stage))
        if counted is None:
            self._stages[update, stage] = [seconds, 1]
        else:
            counted[0] += seconds
            counted[1] += 1

    def begin(self) -> None:
        """A slice of training begins. One that failed has not ended, and does not count."""
        self._began = perf_counter(), process_time()

    def end(self) -> None:
        """The slice has ended."""
        if self._began is not None:
            self._wall += perf_counter() - self._began[0]
            self._cpu += process_time() - self._began[1]
            self._began = None

    @property
    def cpu_cores(self) -> float:
        """CPU seconds of all threads of the process per second of a slice; NaN if there was no slice."""
        return self._cpu / self._wall if self._wall > 0 else float("nan")

    def take(self) -> StageTimes:
        """What was counted, and begin again from zero."""
        found = tuple(StageTime(*key, seconds, int(times)) for key, (seconds, times) in self._stages.items())
        self._stages.clear()
        self.seconds = self._wall = self._cpu = 0.0
        return found
