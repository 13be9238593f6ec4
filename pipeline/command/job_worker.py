"""What each task of a job runs: the same as `torchrun -m pipeline train`, in submitit's process.

The task with rank 0 leads. When the cluster gives notice, it finishes the step, saves, and hands over to submitit,
which queues the job again; the other tasks end with it. A task that begins looks first whether the job already has a
run, so a job goes on in the same way after a notice, a crash of its node, and a kill.
"""

import contextlib
import os
import signal
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.command import train
from pipeline.command.answer import CommandResult, print_status
from pipeline.command.stores import open_store
from pipeline.command.taking_part import SIGNALLED, take_part
from pipeline.engine.job_stop import NOTICE, JobStop
from pipeline.errors.base import GenscopeError
from pipeline.formatting import visible, visible_lines
from pipeline.launch import local_jobs
from pipeline.launch.jobs import WORKFLOW, Job, open_job
from pipeline.launch.states import cancelled_words
from pipeline.launch.task import torchrun_environment
from pipeline.runs import lock
from pipeline.runs.job_runs import VARIABLE, run_of_job
from pipeline.runs.remote.job_folder import worker_url
from pipeline.runs.store import RunRecord, Store
from pipeline.runtime.cores import SHORT_SPIN

if TYPE_CHECKING:
    from submitit.helpers import DelayedSubmission


class JobWorker:
    """The call that submitit pickles: only where the home is and which job this is."""

    def __init__(self, home: str, job: str) -> None:
        self.home, self.job = home, job

    def __call__(self) -> None:
        """Train until the job's goal, a stop, or a notice, upon which submitit ends the process."""
        requeue = signal.getsignal(NOTICE)
        os.environ.update(SHORT_SPIN | dict(os.environ) | torchrun_environment())
        os.environ.update({"GENSCOPE_HOME": self.home, VARIABLE: self.job})
        if url := worker_url(Path(self.home), self.job):
            # On another machine than the home's, where its SQLite file must not be opened.
            os.environ["GENSCOPE_DATABASE_URL"] = url
        job = open_job(Path(self.home), self.job)
        with contextlib.suppress(OSError):
            # Paths in a workflow mean the same here as where it was submitted.
            os.chdir(job.folder)
        leads = os.environ["RANK"] == "0"
        if job.note("cancelled"):
            if leads:
                job.write("ended", outcome="cancelled", sentence=cancelled_words(job))
            return
        here = leads and job.cluster == "local"
        with JobStop(leads) as stop, local_jobs.stopped_with_its_controller() if here else contextlib.nullcontext():
            code = _lead(job, stop) if leads else _follow(job, stop)
        if stop.requeue and not job.note("ended") and callable(requeue):
            requeue(NOTICE, None)
        if code:
            sys.exit(code)

    def checkpoint(self) -> "DelayedSubmission":
        """For submitit, once the run is saved: what to queue again. It goes on where the run stands then."""
        from submitit.helpers import DelayedSubmission

        return DelayedSubmission(JobWorker(self.home, self.job))


def _lead(job: Job, stop: JobStop) -> int:
    """Train, and note how it ended, unless the job will be queued again. Return an exit code."""
    # A job that had ended may be queued again by hand.
    (job.path / "ended.json").unlink(missing_ok=True)
    before = job.note("started")
    try:
        job.write("started", pid=os.getpid(), processes=int(os.environ["WORLD_SIZE"]))
        answer = take_part(partial(_train, job, stop, before))
    except GenscopeError as error:
        sentence = visible(str(error))
        print_status(sentence)
        if stop.requeue:
            # Stopped while images were read, before there was a step to save.
            return 0
        job.write("ended", outcome="failed", sentence=sentence)
        return error.exit_code
    sys.stdout.write(f"{visible_lines(answer.text)}\n")
    job.write("run", id=answer.facts["run"])
    if job.note("cancelled"):
        job.write("ended", outcome="cancelled", sentence=cancelled_words(job))
    elif not stop.asked():
        early = str(answer.facts.get("stopped", ""))
        job.write("ended", outcome="paused" if early else "done", sentence=early)
    elif not stop.requeue and job.cluster == "local":
        job.write("ended", outcome="cancelled", sentence="Ended by a signal; the run is saved.")
    return 0


def _follow(job: Job, stop: JobStop) -> int:
    """Take part until the leader ends, without a look at the run: its database may be one that only the leader's
    machine opens. Return an exit code."""
    try:
        code = take_part(partial(_train, job, stop, {})).exit_code
    except GenscopeError as error:
        print_status(visible(str(error)))
        return error.exit_code
    # That the leader was told to stop is no failure.
    return code if code < SIGNALLED else 0


def _train(job: Job, stop: JobStop, before: Mapping[str, Any]) -> CommandResult:
    """Start, resume or fork the job's run, and train it to the job's goal. Only the leader comes here. before: the note
    of the former leader; {} if there was none."""
    with open_store() as store:
        known = job.note("run").get("id")
        record = run_of_job(store, job.id) if known is None else store.run(known)
        if record is not None and before:
            # The job's former leader has ended, or this one would not have been started.
            lock.free(store.files(record.id), int(before.get("pid", 0)), str(before.get("host", "")))
        words = _words(job, store, record)
        if record is not None and _complete(job, store, record):
            return CommandResult({"run": record.id}, f"Run {record.id} is complete.")
    return train.train(_arguments(words), stop, job.goal)


def _words(job: Job, store: Store, record: RunRecord | None) -> list[str]:
    """The arguments of `train`: those of the job, or from its second start on, to resume its run."""
    if record is not None and store.files(record.id).checkpoints():
        return ["--resume", record.id]
    workflow = job.path / WORKFLOW
    return [*([str(workflow)] if workflow.is_file() else []), *job.arguments]


def _complete(job: Job, store: Store, record: RunRecord) -> bool:
    """Whether the run is saved at the job's goal: the former leader was ended before it could say so."""
    goal = job.goal or record.total_steps
    return any(step >= goal for step, _ in store.files(record.id).checkpoints())


def _arguments(words: list[str]) -> Namespace:
    parser = ArgumentParser(allow_abbrev=False)
    train.options(parser)
    return parser.parse_args(words)
