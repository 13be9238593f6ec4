"""Ends a process that follows if process 0 is gone without a word, and process 0 if torchrun is gone.

A process that dies closes its connections, which the others notice at once. One whose machine loses its network does
not, and process 0 uses no connection while it waits for the others to build a run: so all count up at the meeting point
as long as they live. A torchrun that was killed takes the meeting point with it, and leaves its processes without
anybody to end them.
"""

import os
import signal
import threading
import time
from collections.abc import Callable

from torch._C._distributed_c10d import Store

BEAT_SECONDS = 5.0
LOST_SECONDS = 120.0
ALIVE = "alive"


def beat(
    store: Store,
    ended: threading.Event,
    seconds: float = BEAT_SECONDS,
    leave: Callable[[int, int], object] = os.kill,
) -> None:
    """Count up at the meeting point until `ended` is set; the body of a thread of process 0. store: of its own.

    If the meeting point is gone, tell this process to stop by SIGTERM, upon which it saves and ends the others.
    """
    try:
        while not ended.wait(seconds):
            store.add(ALIVE, 1)
    except RuntimeError:
        if not ended.is_set():
            leave(os.getpid(), signal.SIGTERM)


def listen(
    store: Store,
    ended: threading.Event,
    rank: int,
    seconds: float = BEAT_SECONDS,
    lost: float = LOST_SECONDS,
    leave: Callable[[int], object] = os._exit,
) -> None:
    """Count up too, and leave with exit code 1 if process 0 has not for `lost` seconds; the body of a thread of the
    others. rank: of this process."""
    last, since = -1, time.monotonic()
    while not ended.wait(seconds):
        try:
            store.add(_of(rank), 1)
            now = store.add(ALIVE, 0)
        except RuntimeError:
            now = last
        if now != last:
            last, since = now, time.monotonic()
        elif time.monotonic() - since > lost:
            # The main thread may wait for process 0 in a call that nothing else ends.
            leave(1)
            return


class Pulse:
    """Whether the processes that follow are alive, as process 0 sees it."""

    def __init__(self, store: Store, lost: float = LOST_SECONDS) -> None:
        self._store, self._lost = store, lost
        self._last: dict[int, tuple[int, float]] = {}

    def stopped(self, rank: int) -> bool:
        """Whether a process has not counted up for `lost` seconds, as far as this was asked."""
        count, now = self._store.add(_of(rank), 0), time.monotonic()
        if rank not in self._last or self._last[rank][0] != count:
            self._last[rank] = count, now
        return now - self._last[rank][1] > self._lost


def _of(rank: int) -> str:
    return f"{ALIVE}/{rank}"
