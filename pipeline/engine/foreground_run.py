"""Train a run in the calling process, without a server: for the command line and the Python API.

    with Stop() as stop:
        driven = drive(run, steps, stop, who="ada")

The run is trained slice by slice until it reaches its goal, a stop signal arrives, a condition or a breakpoint stops
it, or a page requests a pause. It is saved in every case.
"""

import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from math import ceil
from typing import TextIO

from pipeline.data.progress import ReadProgress
from pipeline.engine.active_run import ActiveRun
from pipeline.engine.debugger import Debugger
from pipeline.engine.other_results import other_results
from pipeline.engine.run_images import fork_warning
from pipeline.engine.run_threads import processes_remark, threads_words
from pipeline.engine.stop_signals import Stop
from pipeline.engine.terminal_line import ProgressLine, ReadingLine
from pipeline.engine.user_names import user_name as user_name
from pipeline.errors.base import GenscopeError
from pipeline.errors.data import ReadingStopped
from pipeline.errors.machine import CannotWrite, HomeTrouble
from pipeline.errors.training import RunPaused, TrainingStopped
from pipeline.formatting import visible
from pipeline.nodes.schedule_ends import remark, warm_up_remark
from pipeline.runs import lock
from pipeline.runs.pause_requests import PauseRequest
from pipeline.runs.store import RunRecord

MOST_STEPS = 1_000_000_000
Follow = Callable[[int], str]
"""(the step that is done and recorded) -> a sentence for the terminal, "" for none."""
FAULTS = ("not finite", "mistake")
"""Stops that `drive` raises as an error; the step is not measured then."""


@dataclass(frozen=True)
class Driven:
    """The result of `drive`.

    steps, seconds: how many steps were trained, and for how long. stopped: what stopped the run before its goal, as a
    sentence; "" if nothing did. told: whether a stop signal arrived. paused: whether a user paused it on a page.
    """

    steps: int
    seconds: float
    stopped: str = ""
    told: bool = False
    paused: bool = False


def drive(
    run: ActiveRun,
    steps: int | None,
    stop: Stop,
    who: str,
    condition: str | None = None,
    stream: TextIO | None = None,
    follow: Follow | None = None,
    then: str = "",
) -> Driven:
    """Train `steps` steps, or for None to the planned end, or until `condition` is true, and save.

    stream: for progress messages; None for standard error. follow: called after every slice. who: user name for the
    run's events. then: how a paused run goes on, as for RunPaused.

    Raises RunPaused if the home cannot be written, with the run as it is in memory; other GenscopeErrors if training or
    saving fails, and records it as the run's failure;
    TrainingStopped, with the run saved at its last finite step, if a metric became NaN or infinite or a condition
    divided by zero.
    """
    stream = stream or sys.stderr
    first, seconds_before = run.step, run.trainer.state.seconds
    goal = run.total_steps if steps is None else first + steps
    if goal > run.total_steps:
        run.extend(goal - first)
    # Pages then show the time that is left until the same step; nothing depends on it.
    with suppress(CannotWrite):
        lock.aim(run.files, goal if goal < run.total_steps else None)
    where = f"on {run.device} with {threads_words(run)}"
    _say(stream, f"Training {run.record.name!r} as run {run.id} {where}, from step {first:,} to {goal:,}")
    if run.streaming:
        _say(stream, run.streaming)
    experiment = run.trainer.experiment
    report = run.checked.report
    schedules = (remark(report, first, goal, run.trainer.state.live), warm_up_remark(report))
    for sentence in (processes_remark(run), *schedules, other_results(run.trainer, report)):
        if sentence:
            _say(stream, sentence)
    run.trainer.progress = _preparing(run, ReadingLine(stream, stop))
    # Nobody can go back here. After a NaN the last finite step is found from the last checkpoint.
    run.rewind.set_budget(0)
    try:
        with run.trainer.blamed(experiment.node, "begin"):
            debugger = Debugger(run)
            if condition is not None:
                debugger.conditions.run_until(condition)
        request = _advance(
            debugger,
            goal,
            stop,
            ProgressLine(stream, goal, run.record.batch_size, run.checked.training.phases),
            follow or (lambda step: ""),
        )
        with run.trainer.blamed(experiment.node, "be saved"):
            if run.step >= run.total_steps:
                run.finish()
            else:
                run.pause(who if request is None else request.who)
                if debugger.stop_kind not in FAULTS:
                    run.measurements.sample_at_end()
    except HomeTrouble as error:
        _record_pause(run, error)
        raise RunPaused(str(error), run.id, run.step, then) from error
    except GenscopeError as error:
        _record_failure(run, error, stream)
        raise
    if debugger.stop_kind in FAULTS:
        raise TrainingStopped(debugger.stopped, run.id, run.step)
    stopped = debugger.stopped or (paused_by(request, run.step) if request else "")
    if stopped:
        _say(stream, stopped)
    told = run.step < goal and stop.asked()
    return Driven(run.step - first, run.trainer.state.seconds - seconds_before, stopped, told, request is not None)


def say_images(run: ActiveRun, stream: TextIO | None = None) -> None:
    """Say on a terminal what was found when the run's images were read, and what the check warns of. stream: None for
    standard error."""
    findings, report = run.trainer.experiment.images.findings, run.checked.report
    doubts = (f"Warning: {report.sentence(warning)}" for warning in report.doubts)
    for sentence in (*(findings.sentences if findings else ()), fork_warning(run), *doubts):
        if sentence:
            _say(stream or sys.stderr, sentence)


def paused_by(request: PauseRequest, step: int) -> str:
    """The terminal message about a pause requested on a page."""
    return f"Paused by {request.who or 'a user'} on the dashboard, at step {step:,}."


def steps_in_epochs(record: RunRecord, epochs: int) -> int:
    """The number of steps in so many epochs."""
    return min(MOST_STEPS, ceil(epochs * record.train_images / record.batch_size))


def _preparing(run: ActiveRun, line: ReadingLine) -> ReadProgress:
    """The progress of what a step needs before it begins; stopped by a signal, or a request to pause."""

    def show(doing: str, done: int, total: int) -> None:
        line(doing, done, total)
        if done < total and run.asked_to_pause():
            raise ReadingStopped(doing, done, total)

    return show


def _advance(debugger: Debugger, goal: int, stop: Stop, progress: ProgressLine, follow: Follow) -> PauseRequest | None:
    """Train by slices until `goal` or until something stops the run; return the request to pause, if there is one."""
    run = debugger.run
    try:
        while run.step < goal and not stop.asked():
            if request := run.asked_to_pause():
                return request
            with run.trainer.blamed(run.trainer.experiment.node, "train"):
                stopped = debugger.advance(goal, stop.asked)
            if sentence := follow(run.step):
                progress.say(sentence)
            if stopped:
                break
            progress.show(run.step, run.metrics)
    finally:
        progress.end()
    return None


def _record_pause(run: ActiveRun, trouble: HomeTrouble) -> None:
    """Record why the run is paused, if the database can still be written; otherwise it counts as interrupted."""
    with suppress(GenscopeError):
        run.rest()
        run.event("stopped", str(trouble), "")


def _record_failure(run: ActiveRun, error: GenscopeError, stream: TextIO) -> None:
    try:
        run.fail(error)
    except GenscopeError as second:
        # A full disk can make the run fail, and then its record.
        _say(stream, f"The failure could not be recorded either: {second}")


def _say(stream: TextIO, sentence: str) -> None:
    stream.write(f"{visible(sentence)}\n")
    stream.flush()
