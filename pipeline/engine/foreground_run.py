"""A run driven by the very process that was asked to train, without a server: by the command line, or from Python.

    with Stop() as stop:
        driven = drive(run, steps, stop, who="ada")

It is trained slice by slice until its goal is reached, the process is told to stop, a condition or a breakpoint stops
it, or somebody leaves word on a page that it is to pause. In each case it is saved.
"""

import getpass
import sys
from contextlib import suppress
from dataclasses import dataclass
from math import ceil
from typing import TextIO

from pipeline.engine.active_run import ActiveRun
from pipeline.engine.debugger import Debugger
from pipeline.engine.progress_line import ProgressLine
from pipeline.engine.stop_signals import Stop
from pipeline.errors.base import GenscopeError
from pipeline.errors.training import StoppedTraining
from pipeline.runs.pause_requests import PauseRequest
from pipeline.runs.store import RunRecord

MOST_STEPS = 1_000_000_000


@dataclass(frozen=True)
class Driven:
    """What has come of it. steps, seconds: trained. stopped: what has stopped it before its goal, in a sentence; "" for
    nothing. told: whether it was the process that was told to stop."""

    steps: int
    seconds: float
    stopped: str = ""
    told: bool = False


def drive(
    run: ActiveRun, steps: int | None, stop: Stop, who: str, condition: str | None = None, stream: TextIO | None = None
) -> Driven:
    """Trains `steps` steps, or to the planned end, or until `condition` holds, and saves.

    stream: where its progress is told; standard error where none is given. who: signs what the process does. Raises
    GenscopeError where training or saving fails, which is recorded as the run's failure; StoppedTraining with the run
    saved at its last sound step.
    """
    stream = stream or sys.stderr
    first, seconds_before = run.step, run.trainer.state.seconds
    goal = first + steps if steps else run.total_steps
    if goal > run.total_steps:
        run.extend(goal - first)
    _say(stream, f"Training {run.record.name!r} as run {run.id} on {run.device}, from step {first:,} to {goal:,}")
    if run.streaming:
        _say(stream, run.streaming)
    debugger = Debugger(run)
    try:
        if condition is not None:
            debugger.run_until(condition)
        request = _advance(debugger, goal, stop, ProgressLine(stream, goal, run.record.batch_size))
        if run.step >= run.total_steps:
            run.finish()
        else:
            run.pause(who if request is None else request.who)
    except GenscopeError as error:
        _record_failure(run, error, stream)
        raise
    if debugger.stop_kind in ("not finite", "mistake"):
        raise StoppedTraining(debugger.stopped, run.id, run.step)
    stopped = debugger.stopped or (paused_by(request, run.step) if request else "")
    if stopped:
        _say(stream, stopped)
    told = run.step < goal and stop.asked()
    return Driven(run.step - first, run.trainer.state.seconds - seconds_before, stopped, told)


def paused_by(request: PauseRequest, step: int) -> str:
    """A sentence for whoever sits before the process that trained."""
    return f"Paused by {request.who or 'somebody'} on the dashboard, at step {step:,}."


def steps_of_epochs(record: RunRecord, epochs: int) -> int:
    """Steps until so many more passes over the training images are done."""
    return min(MOST_STEPS, ceil(epochs * record.train_images / record.batch_size))


def user_name() -> str:
    """The name that signs what this process does."""
    with suppress(KeyError, OSError):
        return getpass.getuser()
    # A user id without an account, as in some containers.
    return "command line"


def _advance(debugger: Debugger, goal: int, stop: Stop, progress: ProgressLine) -> PauseRequest | None:
    """Trains slice by slice until `goal` or until something stops it; the request that did, if one did."""
    run = debugger.run
    try:
        while run.step < goal and not stop.asked():
            if request := run.asked_to_pause():
                return request
            if debugger.advance(goal, stop.asked):
                break
            progress.show(run.step, run.metrics)
    finally:
        progress.end()
    return None


def _record_failure(run: ActiveRun, error: GenscopeError, stream: TextIO) -> None:
    try:
        run.fail(error)
    except GenscopeError as second:
        # A full disk can fail the run and then its record too.
        _say(stream, f"Nor could this be recorded: {second}")


def _say(stream: TextIO, sentence: str) -> None:
    stream.write(f"{sentence}\n")
    stream.flush()
