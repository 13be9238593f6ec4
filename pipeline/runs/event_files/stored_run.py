"""Writes what a stored run keeps as an event file of TensorBoard.

Scalars are all series, at every step of runs of up to 10,000 steps: as many as TensorBoard reads of a series. Longer
runs have the last value of every band, a power of two steps wide, or every n-th step. Pictures are the sample grids,
histograms those of the probes; texts are the workflow and the events.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline import VERSION
from pipeline.runs import metrics, probes
from pipeline.runs.atomic_files import make_folder, os_errors_as_refusals, temporary_sibling
from pipeline.runs.blocks import Float32Array, Steps
from pipeline.runs.event_files import texts
from pipeline.runs.event_files.event_log import EventLog
from pipeline.runs.event_files.layer_counts import histogram
from pipeline.runs.exporting.progress import ExportProgress, unseen
from pipeline.runs.exporting.run_rows import RunRows
from pipeline.runs.metrics import SECONDS
from pipeline.runs.probe_records import EDGES, HISTOGRAMS, SCORE_GROUPS
from pipeline.runs.store import Store

MOST_STEPS = 10_000
"""Steps of a run that are written, unless it is said which."""
SAMPLES = "samples"
"""The tag of sample grids."""
MOST_EVENTS = 1_000

_PNG_HEAD = 33
"""Bytes before the data of a PNG: its signature and the chunk of its size."""
_UNSAFE = re.compile(r"[^\w.-]+")


class Written(NamedTuple):
    """An event file and what it holds."""

    path: Path
    scalars: int
    images: int
    histograms: int


@dataclass(frozen=True)
class Clock:
    """When the steps of a run ended: its time of creation plus the seconds of training so far; pauses do not count."""

    created: float
    steps: NDArray[np.float64]  # (n,) ascending
    seconds: NDArray[np.float64]  # (n,) since its first step

    def at(self, steps: Steps | Sequence[int]) -> list[float]:
        """Seconds since 1970, of each of these steps."""
        times: list[float] = (self.created + np.interp(steps, self.steps, self.seconds)).tolist()
        return times


def write_run(
    store: Store, rows: RunRows, folder: Path, every: int | None = None, progress: ExportProgress = unseen
) -> Written:
    """Write the run to a folder of its own in `folder`; the same run replaces its file.

    every: write the scalars of each step that it divides. None: as the file above says. NaN, which stands for a value
    that was not recorded, is left out. Raises UnknownRun, CannotWrite.
    """
    record = rows.record
    own = folder / folder_name(record.name, record.id)
    path = own / f"events.out.tfevents.{int(record.created):010d}.genscope"
    clock = clock_of(store, rows)
    existed = own.exists()
    make_folder(own, private=False)
    try:
        with os_errors_as_refusals(path), temporary_sibling(path) as temporary:
            with EventLog(temporary, record.created) as log:
                _write_texts(store, rows, log)
                scalars = sum(_write_scalars(store, rows, log, clock, every, progress))
                images = _write_images(store, rows, log, clock, progress)
                histograms = _write_histograms(store, rows, log, clock, progress)
            temporary.replace(path)
    except BaseException:
        if not existed and not any(own.iterdir()):
            own.rmdir()
        raise
    return Written(path, scalars, images, histograms)


def folder_name(name: str, run: str) -> str:
    """The name under which TensorBoard lists a run: the run's name as far as a file may have it, and its id."""
    return "-".join(filter(None, (_UNSAFE.sub("-", name)[:60].strip("-."), run)))


def clock_of(store: Store, rows: RunRows) -> Clock:
    """The times of a run's steps, as precise as 10,000 of them are. Raises UnknownRun."""
    record = rows.record
    first = record.parent_step or 0
    found = metrics.history(store, record.id, [], bands=MOST_STEPS)
    known = np.isfinite(found.seconds)
    own, begun = found.seconds[known].astype(np.float64), 0.0
    if first:
        # A fork counts the seconds of training from those of its parent on. If that is gone, its first step is nearest.
        before = metrics.history(store, record.parent, [], 1, first, first).seconds if record.parent else own[:0]
        begun = float(next((each for each in (*before, *own[:1]) if np.isfinite(each)), 0.0))
    steps = np.concatenate([[float(first)], found.steps[known]])
    return Clock(record.created, steps, np.concatenate([[0.0], np.maximum(own - begun, 0.0)]))


def _write_texts(store: Store, rows: RunRows, log: EventLog) -> None:
    record = rows.record
    first = record.parent_step or 0
    log.text("run", first, record.created, texts.facts_text(record, VERSION))
    log.text("workflow", first, record.created, texts.workflow_text(record))
    log.text("events", record.step, record.updated, texts.events_text(store.events(record.id, MOST_EVENTS)))
    log.hyperparameters(record.id, record.created, texts.parameters(record))


def _write_scalars(
    store: Store, rows: RunRows, log: EventLog, clock: Clock, every: int | None, progress: ExportProgress
) -> Iterator[int]:
    """Write the scalars, and yield how many, part by part."""
    for name, points in rows.points.items():
        kept = points.steps % every == 0 if every else _evenly(len(points.steps))
        kept = kept & ~np.isnan(points.values)
        times = clock.at(points.steps[kept])
        for step, value, time in zip(points.steps[kept].tolist(), points.values[kept].tolist(), times, strict=True):
            log.scalars(step, time, {name: value})
        yield int(kept.sum())
    names = [name for name in rows.columns if name not in rows.measured]
    done = 0
    for steps, values in _every_nth(rows, names, every) if every else _bands(store, rows, names):
        for step, row, time in zip(steps.tolist(), values.tolist(), clock.at(steps), strict=True):
            log.scalars(step, time, {name: value for name, value in zip(names, row, strict=True) if value == value})
        yield int((~np.isnan(values)).sum())
        done = int(steps[-1]) - (rows.record.parent_step or 0) if len(steps) else done
        progress("Writing steps", min(done, rows.steps), rows.steps)


def _every_nth(rows: RunRows, names: Sequence[str], every: int) -> Iterator[tuple[Steps, Float32Array]]:
    columns = [rows.columns.index(name) for name in names]
    for block in rows.wide():
        kept = block.steps % every == 0
        if kept.any():
            yield block.steps[kept], block.values[kept][:, columns]


def _bands(store: Store, rows: RunRows, names: Sequence[str]) -> Iterator[tuple[Steps, Float32Array]]:
    curves = metrics.history(store, rows.record.id, names, MOST_STEPS)
    found = [curves.seconds if name == SECONDS else curves.series[name].last for name in names]
    yield curves.steps, np.array(found, np.float32).reshape(len(names), len(curves.steps)).T


def _evenly(count: int) -> NDArray[np.bool_]:
    """Which of `count` points are written: at most MOST_STEPS, evenly spread, the first and the last included."""
    kept = np.zeros(count, bool)
    kept[np.linspace(0, count - 1, min(count, MOST_STEPS)).astype(int)] = True
    return kept


def _write_images(store: Store, rows: RunRows, log: EventLog, clock: Clock, progress: ExportProgress) -> int:
    grids = store.files(rows.record.id).grids()
    times = clock.at([step for step, _ in grids])
    written = 0
    for (step, path), time in zip(grids, times, strict=True):
        try:
            png = path.read_bytes()
        except FileNotFoundError:
            # Thinned out since the folder was listed.
            continue
        if len(png) < _PNG_HEAD:
            # Cut short by a power failure.
            continue
        log.image(SAMPLES, step, time, png)
        written += 1
        progress("Writing sample grids", written, len(grids))
    return written


def _write_histograms(store: Store, rows: RunRows, log: EventLog, clock: Clock, progress: ExportProgress) -> int:
    history = probes.load(store.files(rows.record.id))
    written = 0
    for place, (step, time) in enumerate(zip(history.steps.tolist(), clock.at(history.steps), strict=True)):
        found = {
            f"{role}/{layer}/{kind.removesuffix('_histogram')}": histogram(
                EDGES, history.histograms[kind][place, number]
            )
            for number, (role, layer) in enumerate(history.layers)
            for kind in HISTOGRAMS
        }
        if (scores := history.scores[place]) is not None:
            found |= {f"scores/{group}": histogram(scores.edges, scores.counts[group]) for group in SCORE_GROUPS}
        filled = {tag: each for tag, each in found.items() if each is not None}
        log.histograms(step, time, filled)
        written += len(filled)
        progress("Writing histograms", place + 1, len(history.steps))
    return written
