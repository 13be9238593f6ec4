"""Being told to stop while training: at first the step is finished and saved; a second time ends all at once."""

import signal
import threading
from types import FrameType, TracebackType
from typing import Any, Self

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stop:
    """While it is entered, Ctrl-C, SIGTERM and a closed terminal only set `number`, the signal's; it is 0 before.

    A signal that is ignored (nohup) stays ignored. Python hears signals in its main thread: entered in another one, it
    hears none.
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
        """Whether the process was told to stop."""
        return self.number != 0

    @property
    def exit_code(self) -> int:
        """128 + the signal's number, as shells have it: 130 for Ctrl-C, 143 for SIGTERM, 129 for a closed terminal."""
        return 128 + self.number

    def _told(self, number: int, frame: FrameType | None) -> None:
        self.number = number
        for again in self._before:
            signal.signal(again, signal.SIG_DFL)
