"""`submit`: have a cluster's queue train a run. `submit_options.py` has its options, `submit_table.py` prints jobs."""

from argparse import Namespace
from dataclasses import replace

from pipeline.command.answer import CommandResult, print_status
from pipeline.command.files import read_workflow
from pipeline.command.stores import existing_store
from pipeline.command.submit_options import asked_resources, given_resources
from pipeline.command.submit_options import options as options
from pipeline.command.submit_table import job_facts, listed_jobs, printed_logs
from pipeline.command.train import changed_workflow
from pipeline.engine.user_names import user_name
from pipeline.errors.machine import UnreadableCommand
from pipeline.errors.runs import NoCheckpoint, UnknownCheckpoint
from pipeline.formatting import counted, visible_lines
from pipeline.graph import document
from pipeline.launch.cluster import HERE
from pipeline.launch.jobs import open_job
from pipeline.launch.logs import LINES, logs_of
from pipeline.launch.planning import JobPlan, forked_run, new_run, require, resumed_run
from pipeline.nodes.checked_workflow import check_workflow
from pipeline.runs.home import home
from pipeline.runs.store import Store
from pipeline.studio.jobs.job_rows import cancel_job, job_row, job_rows
from pipeline.studio.jobs.job_words import submitted_words
from pipeline.studio.jobs.submitting import batch_file, submit_plan

_CHANGES = ("seed", "device", "name")
_OF_TRAINING = ("step", "steps", "set", *_CHANGES)


def run(arguments: Namespace) -> CommandResult:
    """Submit a run to a cluster's queue, or to this machine, as a job that goes on after each time limit; list, cancel
    and read jobs."""
    _require_sense(arguments)
    if arguments.logs is not None:
        job = open_job(home(make=False), arguments.logs)
        return printed_logs(job, logs_of(job, arguments.lines or LINES))
    with existing_store() as store:
        if arguments.list:
            return listed_jobs(job_rows(store, wait=True))
        if arguments.cancel is not None:
            job = cancel_job(store, arguments.cancel, user_name())
            row = job_row(store, job.id, wait=True)
            return CommandResult(job_facts(row), f"The job {job.id} was told to end; its run is saved first.")
        plan = _plan(arguments, store)
    return _submit(arguments, plan)


def _submit(arguments: Namespace, plan: JobPlan) -> CommandResult:
    """Submit a job, for which a home is made once nothing is left to refuse."""
    asked = asked_resources(arguments, plan.processes)
    cluster = require(plan, asked, arguments.cluster)
    if arguments.cluster == "auto" and cluster == "local":
        print_status(HERE)
    if arguments.dry_run and cluster == "local":
        words = f"{counted(asked.processes, 'process', 'processes')} would train {plan.name!r} on this machine."
        return CommandResult({"batch_file": ""}, words)
    with Store(home()) as store:
        if arguments.dry_run:
            text = batch_file(store, plan, asked, user_name())
            return CommandResult({"batch_file": text}, visible_lines(text))
        job = submit_plan(store, plan, asked, cluster, user_name())
        row = job_row(store, job.id, wait=True)
    return CommandResult(job_facts(row), f"{submitted_words(row)} See it with `python -m pipeline submit --list`.")


def _plan(arguments: Namespace, store: Store) -> JobPlan:
    """What the job is to do. Raises what reading and checking it raises."""
    if arguments.resume is not None:
        for option in _CHANGES:
            if getattr(arguments, option) is not None:
                raise UnreadableCommand("submit", f"--{option} is for new runs and cannot be used with --resume")
        return resumed_run(store, store.resolve(arguments.resume), arguments.steps, arguments.set or [])
    if arguments.fork is None:
        workflow = check_workflow(changed_workflow(read_workflow(arguments.workflow), arguments))
        return new_run(workflow, arguments.steps)
    parent = store.resolve(arguments.fork)
    known = [step for step, _ in store.files(parent.id).checkpoints()]
    if not known:
        raise NoCheckpoint(parent.id)
    if arguments.step is not None and arguments.step not in known:
        raise UnknownCheckpoint(parent.id, arguments.step, known)
    own = document.read(parent.workflow_text, f"The workflow of run {parent.id}")
    workflow = check_workflow(changed_workflow(own, arguments))
    # In one word, since a name may begin with a dash.
    words = [f"--set={setting}" for setting in arguments.set or []]
    words += [f"--{option}={value}" for option in _CHANGES if (value := getattr(arguments, option)) is not None]
    step = known[-1] if arguments.step is None else arguments.step
    plan = forked_run(parent, step, workflow, arguments.steps, words)
    return replace(plan, name=arguments.name) if arguments.name else plan


def _require_sense(arguments: Namespace) -> None:
    """Raises UnreadableCommand if options do not go together."""
    if arguments.step is not None and arguments.fork is None:
        raise UnreadableCommand("submit", "--step can only be used with --fork")
    if arguments.lines is not None and not arguments.logs:
        raise UnreadableCommand("submit", "--lines goes with --logs")
    action = next((name for name in ("cancel", "logs") if getattr(arguments, name) is not None), "")
    if action or arguments.list:
        given = [f"--{name}" for name in _OF_TRAINING if getattr(arguments, name) is not None]
        given += given_resources(arguments)
        if given:
            raise UnreadableCommand(
                "submit", f"{given[0]} is for a new job and cannot be used with --{action or 'list'}"
            )
