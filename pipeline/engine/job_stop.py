"""The signals by which a cluster ends a job: the run finishes its step and is saved, however many signals arrive.

Slurm sends SIGUSR2 (chosen by submitit) some time before a job's time limit; SIGTERM when it preempts or cancels a
job, and SIGKILL some time after; on some clusters both, one after the other.
"""

import os
import signal
import threading
from types import FrameType, TracebackType
from typing import Self

from pipeline.engine.stop_signals import SIGNALS, Stop

NOTICE = getattr(signal, f"SIG{os.environ.get('SUBMITIT_PREEMPT_SIGNAL', 'USR2')}", signal.SIGUSR2)
"""The signal that asks to save and to be queued again. submitit reads its name from the same variable."""


class JobStop(Stop):
    """Stop in a task of a job. Unlike in a terminal, a second signal ends nothing, and the context may be entered again
    inside itself.

    leads: whether this task decides when the run stops; the others follow it, so for them no signal does anything.
    requeue: whether the job asked to be queued again.
    """

    def __init__(self, leads: bool = True) -> None:
        super().__init__()
        self.leads, self._inside = leads, 0
        self.requeue = False

    def __enter__(self) -> Self:
        self._inside += 1
        if self._inside == 1 and threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._told) for number in (*SIGNALS, NOTICE)}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._inside -= 1
        if not self._inside:
            super().__exit__(kind, error, trace)

    def _told(self, number: int, frame: FrameType | None) -> None:
        if self.leads:
            self.number = number
            self.requeue |= number == NOTICE
