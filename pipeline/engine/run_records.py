"""Creates the records of new runs and of forks, with what they are called and found by: name, template, data, and what
a fork changed."""

from collections.abc import Sequence
from contextlib import suppress

from pipeline.errors.base import GenscopeError
from pipeline.graph import document
from pipeline.nodes.checked_workflow import CheckedWorkflow
from pipeline.nodes.devices import resolve_device
from pipeline.nodes.image_names import images_name
from pipeline.nodes.workflow_changes import Change, changes_between, fork_name, sentence, with_live
from pipeline.processes.group import process_count
from pipeline.processes.launch import local_processes
from pipeline.runs.job_runs import this_job
from pipeline.runs.store import RunRecord, Store
from pipeline.training.state import Captured
from pipeline.training.threads import thread_count


def new_record(store: Store, workflow: CheckedWorkflow, who: str, template: str = "", name: str = "") -> RunRecord:
    """Record a new run.

    template: the workflow's former name, if it was given another one for this run. name: of the run; "" for the
    workflow's. Raises UnknownDevice before it is recorded.
    """
    training = workflow.training
    return store.create(
        name=name or workflow.workflow.name,
        workflow_text=workflow.text,
        device=str(resolve_device(training.device)),
        seed=training.seed,
        total_steps=training.total_steps,
        batch_size=training.batch_size,
        train_images=training.images.count,
        who=who,
        noise="each",
        threads=thread_count(training.threads, local_processes()),
        processes=process_count(),
        template=template or workflow.workflow.name,
        images=images_name(workflow),
        job=this_job(),
    )


def fork_record(store: Store, workflow: CheckedWorkflow, who: str, parent_id: str, captured: Captured) -> RunRecord:
    """Record a fork of a run from the step of a state of it.

    It is named after its parent, the step and the first change, unless the user has given its workflow a name of its
    own. Raises UnknownRun, and UnknownDevice before it is recorded.
    """
    # Its name may have been changed while it was loaded.
    parent = store.run(parent_id)
    former, changes = _changes(parent, workflow, captured)
    training, name = workflow.training, workflow.workflow.name
    given = bool(name) and name not in (former, parent.name)
    return store.create(
        name=name if given else fork_name(parent.name, captured.step, changes),
        workflow_text=workflow.text,
        device=str(resolve_device(training.device)),
        seed=training.seed,
        # A fork from beyond its planned end would be finished at once, so its steps count from the fork.
        total_steps=training.total_steps + (captured.step if training.total_steps <= captured.step else 0),
        batch_size=training.batch_size,
        train_images=training.images.count,
        who=who,
        parent=parent.id,
        parent_step=captured.step,
        noise=parent.noise,
        threads=thread_count(training.threads, local_processes()),
        processes=process_count(),
        template=parent.template or name,
        images=images_name(workflow),
        changed=sentence(changes),
        job=this_job(),
    )


def branch_record(store: Store, run_id: str, step: int, who: str, threads: int, changes: Sequence[Change]) -> RunRecord:
    """Record a fork of a run, with the same workflow, from a step to which it was rewound.

    changes: what is about to be changed. Raises UnknownRun, CannotWrite.
    """
    parent = store.run(run_id)
    return store.create(
        name=fork_name(parent.name, step, changes),
        workflow_text=parent.workflow_text,
        device=parent.device,
        seed=parent.seed,
        total_steps=parent.total_steps,
        batch_size=parent.batch_size,
        train_images=parent.train_images,
        who=who,
        parent=parent.id,
        parent_step=step,
        noise=parent.noise,
        data=parent.data,
        threads=threads,
        processes=process_count(),
        template=parent.template,
        images=parent.images,
        changed=sentence(changes),
    )


def _changes(parent: RunRecord, workflow: CheckedWorkflow, captured: Captured) -> tuple[str, list[Change]]:
    """The name of the parent's workflow, and how the fork's differs from it with the live values of that time."""
    # A document that only an older version could read tells no changes.
    with suppress(GenscopeError):
        own = document.read(parent.workflow_text, "The parent's workflow")
        return own.name, changes_between(with_live(own, captured.live), workflow.workflow, workflow.report)
    return parent.name, []
