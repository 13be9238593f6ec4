"""Take measurements one after the other, each with a folder of its own."""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from pipeline.bench.declaration import Effort, Measurement, NotMeasured, Workbench
from pipeline.bench.results import Result
from pipeline.errors.base import GenscopeError

Say = Callable[[str], None]


def take(measurements: Sequence[Measurement], effort: Effort, say: Say) -> Iterator[Result]:
    """Yield the results of each measurement when it has been taken. say: shows a line of progress.

    A measurement that lacks something, or that fails in any way, does not keep others from being taken.
    """
    for number, measurement in enumerate(measurements, start=1):
        begun = time.monotonic()
        place = f"{number} of {len(measurements)}, {measurement.name}"
        with _folder() as folder:
            yield from _results(measurement, Workbench(effort, folder, partial(_tell, say, place)))
        say(f"{place}: took {time.monotonic() - begun:.0f} s")


def _results(measurement: Measurement, bench: Workbench) -> Iterator[Result]:
    try:
        values = measurement.measure(bench)
    except NotMeasured as error:
        yield from (Result(row, why=str(error)) for row in measurement.rows)
    except Exception as error:  # noqa: BLE001 - a browser or a driver may raise anything
        why = str(error) if isinstance(error, GenscopeError) else f"{type(error).__name__}: {error}".strip()[:600]
        yield from (Result(row, why=why, failed=True) for row in measurement.rows)
    else:
        # With little effort, some rows may be left out.
        for row in measurement.rows:
            found = tuple(values.get(row.name, ()))
            yield Result(row, found, "" if found else "Left out by --quick.")


def _tell(say: Say, place: str, doing: str) -> None:
    say(f"{place}: {doing}")


@contextmanager
def _folder() -> Iterator[Path]:
    # A process that is killed may still write into its folder for a moment.
    with tempfile.TemporaryDirectory(prefix="genscope-bench-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)
