"""An evaluation gives way to other programs: it rests as long as it has worked while they keep the machine busy.

A low priority is not enough. Training's threads wait for each other in every operation, and what fills the gaps is not
always gone when they wake up: on two cores, with the lowest priority, a DCGAN kept about 0.75 of its speed beside an
evaluation that never rested.
"""

import time
from threading import Event

import psutil

from pipeline.errors.data import ReadingStopped

BUSY = 70.0
"""Percentage of all cores in use above which others are at work: on two cores, the evaluation alone takes 50."""
SHORTEST, LONGEST = 0.1, 2.0
"""Seconds of work after which a rest is due, and the longest rest."""


class GivingWay:
    """Called often by work that gives way and can be stopped. stop: ends a rest at once, and the work after it."""

    def __init__(self, stop: Event) -> None:
        self._stop = stop
        self._since = time.monotonic()
        psutil.cpu_percent()

    def __call__(self, doing: str, share: float) -> None:
        """Rest, if other programs are at work. doing, share: what is being done, and how much of it is, 0 to 1.

        Raises ReadingStopped after a stop.
        """
        self._rest()
        if self._stop.is_set():
            raise ReadingStopped(doing, round(100 * share), 100)

    def _rest(self) -> None:
        worked = time.monotonic() - self._since
        if worked < SHORTEST:
            return
        if psutil.cpu_percent() > BUSY:
            self._stop.wait(min(worked, LONGEST))
        self._since = time.monotonic()
