"""Data sets that are read for the Data page, each in a thread of its own, so that whoever wants samples need not wait.

Whoever asks for the same set with the same preparation is given the same reading, and what came of it is kept: all
browsers share it. A reading that failed or was stopped stays so until somebody asks for it again.
"""

import json
from collections import OrderedDict
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

from pipeline.data.fitting import Preparation
from pipeline.data.report import report_on
from pipeline.data.summary import Summary, summary_of
from pipeline.errors.data import ReadingStopped
from pipeline.runtime.messages import ReadingSeen

AT_ONCE = 2
"""Sets that are read at a time; each takes all cores for what can be done in parallel."""

REMEMBERED = 64
"""Readings whose result is kept."""


class DatasetRead:
    """One set being read. It is told how far it is, as any reading is, and raises ReadingStopped once it is stopped."""

    def __init__(self, key: str, threads: ThreadPoolExecutor, wanted: Mapping[str, Any], home: Path) -> None:
        self.key = key
        self._seen = ("Waiting for other sets to be read", 0, 0)
        self._stop = Event()
        self._result: Future[Summary] = threads.submit(self._read, home, **wanted)

    def __call__(self, doing: str, done: int, total: int) -> None:
        self._seen = (doing, done, total)
        if self._stop.is_set():
            raise ReadingStopped(doing, done, total)

    @property
    def done(self) -> bool:
        return self._result.done()

    @property
    def seen(self) -> ReadingSeen:
        return ReadingSeen(self.key, *self._seen)

    def result(self) -> Summary:
        """Of a reading that is done. Raises what it raised."""
        if self._result.cancelled():
            raise ReadingStopped(*self._seen)
        return self._result.result()

    def stop(self) -> None:
        self._stop.set()
        # One that still waits for its turn need not wait for it to end.
        self._result.cancel()

    def _read(
        self, home: Path, *, source: str, image_size: int, fit: Any, channels: Any, held_out: float, fingerprint: str
    ) -> Summary:
        self("Opening the images", 0, 0)
        return summary_of(report_on(source, home, Preparation(image_size, fit, channels), held_out, self))


class DatasetReads:
    """All readings of one engine. Its main thread alone calls this."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._readings: OrderedDict[str, DatasetRead] = OrderedDict()
        self._threads = ThreadPoolExecutor(AT_ONCE, "genscope-reading")

    @property
    def under_way(self) -> tuple[ReadingSeen, ...]:
        return tuple(reading.seen for reading in self._readings.values() if not reading.done)

    def ask(self, wanted: Mapping[str, Any], *, begin: bool, again: bool) -> tuple[str, Summary | None]:
        """The key of a reading, and what came of it: None while it is under way, or where it has not been begun.

        wanted: source, image_size, fit, channels, held_out, and the fingerprint of the source as whoever asks knows it.
        begin: begin it where nobody has. again: begin it anew where it is done. Raises what the reading raised.
        """
        key = json.dumps(wanted, sort_keys=True)
        reading = self._readings.get(key)
        if reading is None or (again and reading.done):
            if not (begin or again):
                return key, None
            reading = self._readings[key] = DatasetRead(key, self._threads, wanted, self._home)
            self._forget()
        self._readings.move_to_end(key)
        return key, reading.result() if reading.done else None

    def stop(self, key: str) -> None:
        """Ends a reading; nothing happens where it has ended."""
        if key in self._readings:
            self._readings[key].stop()

    def close(self) -> None:
        """Ends all readings, and waits until they have."""
        for reading in self._readings.values():
            reading.stop()
        self._threads.shutdown()

    def _forget(self) -> None:
        for key, reading in list(self._readings.items())[:-REMEMBERED]:
            if reading.done:
                del self._readings[key]
