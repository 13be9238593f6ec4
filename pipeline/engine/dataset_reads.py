"""Read data sets for the Data page in separate threads, so that requests for samples do not wait.

Requests for the same set with the same preparation share one reading and its stored result, across all browsers. A
reading that failed or was stopped is repeated only on request.
"""

import json
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from threading import Event

from pipeline.data.fitting import Preparation
from pipeline.data.report import report_on
from pipeline.data.summary import Summary, summary_of
from pipeline.errors.data import ReadingStopped
from pipeline.runtime.messages.drawing_commands import Report
from pipeline.runtime.messages.snapshot import ReadingProgress

AT_ONCE = 2
"""Sets read at the same time; each uses all cores for its parallel parts."""

REMEMBERED = 64
"""Number of readings to keep, with their results."""


class DatasetRead:
    """One data set being read; also its own Progress callback, which raises ReadingStopped after `stop`."""

    def __init__(self, key: str, threads: ThreadPoolExecutor, wanted: Report, home: Path) -> None:
        self.key = key
        self._progress = ("Waiting for other data sets to be read", 0, 0)
        self._stop = Event()
        self._result: Future[Summary] = threads.submit(self._read, home, wanted)

    def __call__(self, doing: str, done: int, total: int) -> None:
        self._progress = (doing, done, total)
        if self._stop.is_set():
            raise ReadingStopped(doing, done, total)

    @property
    def done(self) -> bool:
        return self._result.done()

    @property
    def progress(self) -> ReadingProgress:
        return ReadingProgress(self.key, *self._progress)

    def result(self) -> Summary:
        """The result of a finished reading. Raises what the reading raised."""
        if self._result.cancelled():
            raise ReadingStopped(*self._progress)
        return self._result.result()

    def stop(self) -> None:
        self._stop.set()
        # A reading that has not begun can end at once.
        self._result.cancel()

    def _read(self, home: Path, wanted: Report) -> Summary:
        self("Opening the images", 0, 0)
        data = wanted.data
        preparation = Preparation(data.image_size, data.fit, data.channels, data.shades, data.rules)
        return summary_of(report_on(data.source, home, preparation, wanted.held_out, self))


class DatasetReads:
    """All readings of one engine. Call it only from the engine's main thread."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._readings: OrderedDict[str, DatasetRead] = OrderedDict()
        self._threads = ThreadPoolExecutor(AT_ONCE, "genscope-reading")

    @property
    def under_way(self) -> tuple[ReadingProgress, ...]:
        return tuple(reading.progress for reading in self._readings.values() if not reading.done)

    def ask(self, wanted: Report) -> tuple[str, Summary | None]:
        """The key of a reading and its result; None while it is in progress or if it has not been started.

        Raises what the reading raised.
        """
        key = json.dumps([*asdict(wanted.data).values(), wanted.held_out, wanted.fingerprint])
        reading = self._readings.get(key)
        if reading is None or (wanted.again and reading.done):
            if not (wanted.begin or wanted.again):
                return key, None
            reading = self._readings[key] = DatasetRead(key, self._threads, wanted, self._home)
            self._forget()
        self._readings.move_to_end(key)
        return key, reading.result() if reading.done else None

    def stop(self, key: str) -> None:
        """Stop a reading, unless it has ended."""
        if key in self._readings:
            self._readings[key].stop()

    def close(self) -> None:
        """Stop all readings and wait until they have ended."""
        for reading in self._readings.values():
            reading.stop()
        self._threads.shutdown()

    def _forget(self) -> None:
        for key, reading in list(self._readings.items())[:-REMEMBERED]:
            if reading.done:
                del self._readings[key]
