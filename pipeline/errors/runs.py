"""What is refused, or fails, about a run and what it has left behind."""

from collections.abc import Iterable

from pipeline.errors.base import Fault, Refusal


class UnknownRun(Refusal):
    """A run id that is not in the store, or that is no run id at all."""

    def __init__(self, run: str) -> None:
        super().__init__(f"There is no run {run[:60]!r}. `python -m pipeline runs` lists the runs there are.")


class RunLocked(Refusal):
    """A run that another process is training."""

    def __init__(self, run: str, pid: int, host: str) -> None:
        super().__init__(f"Run {run} is being trained by process {pid} on {host}. Pause it there first.")


class NoCheckpoint(Refusal):
    """A run of which nothing usable has been saved."""

    def __init__(self, run: str) -> None:
        super().__init__(f"Run {run} has no usable checkpoint yet. Train it for a while, or press Save checkpoint.")


class RunComplete(Refusal):
    """A run to go on with that has reached its planned end."""

    def __init__(self, total_steps: int) -> None:
        super().__init__(f"The run has reached its {total_steps:,} steps. Say how many more it should train.")


class UnknownCheckpoint(Refusal):
    """A step of which a run keeps no checkpoint."""

    def __init__(self, run: str, step: int, known: Iterable[int]) -> None:
        kept = ", ".join(f"{other:,}" for other in sorted(known))
        super().__init__(f"Run {run} keeps no checkpoint of step {step:,}; it keeps those of {kept}.")


class BrokenCheckpoint(Fault):
    """A checkpoint whose bytes are not those that were saved."""

    def __init__(self, folder: str, reason: str) -> None:
        super().__init__(f"Checkpoint {folder} is damaged ({reason}); use the one before it.")


class UnknownGrid(Refusal):
    """A step of which a run keeps no sample grid."""

    def __init__(self, run: str, step: int) -> None:
        super().__init__(f"Run {run} keeps no sample grid of step {step:,}. Choose another step on its film strip.")


class BrokenGrid(Fault):
    """A sample grid that cannot be read as the picture it should be."""

    def __init__(self, step: int, reason: str) -> None:
        super().__init__(f"The sample grid of step {step:,} cannot be shown: {reason}. Choose another step.")
