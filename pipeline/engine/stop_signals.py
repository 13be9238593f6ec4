"""Signals that stop training: the first one finishes the step and saves; a second one ends the process at once."""

import signal
import threading
from types import FrameType, TracebackType
from typing import Any, Self

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stop:
    """A context in which Ctrl-C, SIGTERM and a closed terminal only set `number` to the signal's number; 0 before.

    A signal that is ignored (nohup) stays ignored. Python handles signals only in the main thread: entered in another
    thread, the context has no effect.
    """

    def __init__(self) -> None:
        self.number = 0
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is not threading.main_thread():
            return self
        heard = [number for number in SIGNALS if signal.getsignal(number) != signal.SIG_IGN]
        self._before = {number: signal.signal(number, self._told) for number in heard}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def asked(self) -> bool:
        """Whether a signal to stop has arrived."""
        return self.number != 0

    @property
    def exit_code(self) -> int:
        """128 + the signal's number, as in shells: 130 for Ctrl-C, 143 for SIGTERM, 129 for a closed terminal."""
        return 128 + self.number

    def _told(self, number: int, frame: FrameType | None) -> None:
        self.number = number
        for again in self._before:
            signal.signal(again, signal.SIG_DFL)
