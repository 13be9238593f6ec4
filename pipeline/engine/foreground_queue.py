"""Work through the queue in the calling process, without a server: for `python -m pipeline queue work`.

    with Stop() as stop:
        worked = work(store, stop)

Runs are trained one after another, each as `train` does it. A run that fails, or whose values become NaN, does not stop
the queue. A stop signal saves the run in progress and puts it back at the front, to be resumed; a user who pauses it on
a page stops the queue here, and the run stays paused.
"""

import sys
import time
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from typing import TextIO

from pipeline.engine.active_run import ActiveRun
from pipeline.engine.foreground_run import Driven, drive, say_images
from pipeline.engine.launching import start
from pipeline.engine.resuming import resume
from pipeline.engine.stop_signals import Stop
from pipeline.engine.terminal_line import ReadingLine
from pipeline.engine.user_names import user_name
from pipeline.engine.waiting_runs import settle
from pipeline.errors.base import GenscopeError
from pipeline.errors.machine import HomeTrouble
from pipeline.errors.training import TrainingStopped
from pipeline.formatting import visible
from pipeline.nodes.checked_workflow import check_run, read_and_check
from pipeline.runs import queue
from pipeline.runs.interrupted import mark_interrupted
from pipeline.runs.queue_rows import Entry
from pipeline.runs.queue_turn import trained_elsewhere, turn
from pipeline.runs.store import Store

LOOK_SECONDS = 0.3


@dataclass
class Worked:
    """What `work` did. entries: ids of those that it started or tried to, in their order. paused: the sentence about a
    user who paused a run; "" if none did."""

    entries: list[str] = field(default_factory=list)
    paused: str = ""


def work(store: Store, stop: Stop, stream: TextIO | None = None) -> Worked:
    """Train the runs that wait until none is left that may start, a stop signal arrives, or a user pauses one.

    Waits for entries that are to start at a later time, and while another process on this machine trains. stream: for
    progress messages; None for standard error. Raises CannotWrite.
    """
    stream = stream or sys.stderr
    mark_interrupted(store)
    worked, said = Worked(), ""
    while not stop.asked() and not worked.paused:
        active = None
        with turn(store) as entry:
            if entry is not None:
                worked.entries.append(entry.id)
                active = _prepared(store, entry, stop, stream)
        if entry is None:
            reason = _why_it_waits(store)
            if not reason:
                break
            if reason != said:
                _say(stream, reason)
                said = reason
            time.sleep(LOOK_SECONDS)
        elif active is not None:
            said = ""
            _train(store, active, stop, worked, stream)
    return worked


def _prepared(store: Store, entry: Entry, stop: Stop, stream: TextIO) -> ActiveRun | None:
    """The run of an entry, recorded as running; None if it is complete already, or if it was refused or failed, which
    is recorded with the entry. Raises CannotWrite."""
    if entry.complete:
        return None
    progress = ReadingLine(stream, stop)
    try:
        if entry.run is None:
            workflow = read_and_check(queue.workflow_text(store, entry.id), "The workflow")
            active = start(store, workflow, entry.who or user_name(), progress, name=entry.name)
        else:
            record = store.run(entry.run)
            active = resume(store, record.id, check_run(record, "resume it"), user_name(), progress)
    except GenscopeError as error:
        settle(store, entry, error, put_off=stop.asked())
        if isinstance(error, HomeTrouble):
            raise
        if not stop.asked():
            _say(stream, f"{entry.name} was not started. {error}")
        return None
    queue.became(store, entry.id, active.id)
    store.update(active.id, state="running")
    return active


def _train(store: Store, run: ActiveRun, stop: Stop, worked: Worked, stream: TextIO) -> None:
    """Train a run of the queue to its end, and record with its entry what stopped it before."""
    driven = Driven(0, 0.0)
    with closing(run):
        say_images(run, stream)
        try:
            driven = drive(run, None, stop, user_name(), stream=stream)
        except TrainingStopped as error:
            queue.note_stop(store, run.id, error.sentence)
            _say(stream, str(error))
        except HomeTrouble:
            raise
        except GenscopeError as error:
            _say(stream, f"{run.record.name} failed. {error}")
    # After its lock was released, or a process that takes it at once could not resume it.
    if driven.told:
        queue.put_back(store, run.id)
    elif driven.stopped:
        queue.note_stop(store, run.id, driven.stopped)
        worked.paused = driven.stopped if driven.paused else ""


def _why_it_waits(store: Store) -> str:
    """What the next entry waits for, as a sentence; "" if no entry will start by itself."""
    if queue.hold_of(store) is not None:
        return ""
    free = [each for each in queue.entries(store) if each.state == "waiting" and not each.held]
    if not free:
        return ""
    other = trained_elsewhere(store)
    if other is not None:
        return f"Waiting until {other.name!r} (run {other.id}), which another process trains, is paused or has ended."
    times = [each.not_before or 0.0 for each in free]
    if min(times) > time.time():
        return f"Waiting until {datetime.fromtimestamp(min(times)):%Y-%m-%d %H:%M}, when the next run starts."
    return "Waiting for another process that starts a run of this queue."


def _say(stream: TextIO, sentence: str) -> None:
    stream.write(f"{visible(sentence)}\n")
    stream.flush()
