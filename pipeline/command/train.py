"""`train`: train a run in this process, without a server. The run is recorded in the same store as the pages' runs."""

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.command.answer import CommandResult, print_status
from pipeline.command.files import WORKFLOW, read_workflow
from pipeline.command.names import run_name
from pipeline.command.numbers import integer, whole_number
from pipeline.command.reproducing import Reproducing
from pipeline.command.restarted import begun, remember, resuming
from pipeline.command.stores import open_store
from pipeline.command.taking_part import take_part
from pipeline.command.train_answer import answer_of
from pipeline.conditions.expression import parse, require_condition
from pipeline.data.progress import ReadProgress
from pipeline.engine.plan_end import require_plan
from pipeline.engine.stop_signals import Stop
from pipeline.engine.terminal_line import ReadingLine
from pipeline.errors.machine import UnreadableCommand
from pipeline.errors.runs import NoCheckpoint, OtherImages, RunComplete
from pipeline.errors.training import TrainingStopped
from pipeline.graph import document, edit
from pipeline.graph.workflow import Workflow
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.checked_workflow import CheckedWorkflow, check_run, check_workflow
from pipeline.nodes.live_settings import live_settings
from pipeline.nodes.training_subgraph import metric_names
from pipeline.runs.store import RunRecord, Store
from pipeline.runtime.cores import SHORT_SPIN

if TYPE_CHECKING:
    from pipeline.engine.active_run import ActiveRun

MOST_STEPS = 1_000_000_000
MOST_EPOCHS = 1_000_000


def options(parser: ArgumentParser) -> None:
    """Add options: what to train, for how long, and which parameters to change."""
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("workflow", nargs="?", **WORKFLOW)
    what.add_argument("--resume", metavar="RUN", help="resume a run (its id, or latest) from its last checkpoint")
    parser.add_argument(
        "--accept-data", action="store_true",
        help="with --resume: go on even if the images are not those that the run was trained on; recorded as an event",
    )  # fmt: skip
    what.add_argument(
        "--fork", metavar="RUN",
        help="start a new run from a checkpoint of this run (its id, or latest), with any parameters changed; every "
        "network that still fits is kept",
    )  # fmt: skip
    what.add_argument(
        "--reproduce", metavar="RUN",
        help="start a run again from its record, as a new run, and say at which step the losses first differ; with "
        "--steps N only its first N steps",
    )  # fmt: skip
    parser.add_argument(
        "--weights", type=Path, metavar="FILE",
        help="with WORKFLOW: begin with the weights in this .safetensors or .pth file, as `export` writes them, or any "
        "state dict; says which tensors fit",
    )  # fmt: skip
    parser.add_argument(
        "--network", metavar="NETWORK", help="with --weights: the file has the weights of this network alone"
    )
    parser.add_argument("--step", type=integer, metavar="K", help="with --fork: the checkpoint's step (default: last)")
    how_far = parser.add_mutually_exclusive_group()
    how_far.add_argument(
        "--steps", type=whole_number(1, MOST_STEPS), metavar="N",
        help="train N more steps (default: up to the training node's total_steps)",
    )  # fmt: skip
    how_far.add_argument(
        "--epochs", type=whole_number(1, MOST_EPOCHS), metavar="N",
        help="train N more passes over the training images",
    )  # fmt: skip
    parser.add_argument(
        "--until", metavar="EXPRESSION",
        help="stop at the first step for which this condition on metrics is true, e.g. "
        "'diversity < 0.5 or mean(energy_distance, 100) < 0.1'",
    )  # fmt: skip
    parser.add_argument(
        "--set", action="append", metavar="NODE.PARAMETER=VALUE",
        help="change a parameter of the workflow before training, or with --resume a live parameter of the run; "
        "repeatable",
    )  # fmt: skip
    parser.add_argument("--seed", type=integer, metavar="N", help="set the training node's seed")
    parser.add_argument("--device", help="set the training node's device: auto, cpu, cuda, cuda:1 or mps")
    parser.add_argument("--name", type=run_name, help="name of the run (default: the workflow's name)")


def run(arguments: Namespace) -> CommandResult:
    """Train a workflow, or resume, fork or reproduce a run. Ctrl-C finishes the step, saves the run and exits with code
    130. As several processes: torchrun --nproc-per-node=2 -m pipeline train ...; the batch size stays that of all
    together."""
    for name, value in SHORT_SPIN.items():
        os.environ.setdefault(name, value)
    if arguments.step is not None and arguments.fork is None:
        raise UnreadableCommand("train", "--step can only be used with --fork")
    if arguments.accept_data and arguments.resume is None:
        raise UnreadableCommand("train", "--accept-data goes with --resume: a new run takes the images as they are")
    if arguments.weights is not None and arguments.workflow is None:
        raise UnreadableCommand("train", "--weights goes with a workflow: a resumed or forked run has its own weights")
    if arguments.network is not None and arguments.weights is None:
        raise UnreadableCommand("train", "--network goes with --weights")
    return take_part(partial(train, arguments, Stop()))


def train(arguments: Namespace, stop: Stop, goal: int | None = None) -> CommandResult:
    """Begin or resume the run and train it, in the process that records it. stop: ends it, and is entered here. goal:
    the step at which to end, whatever the run begins with; None for what the arguments say."""
    again = None if arguments.reproduce is None else Reproducing(arguments)
    earlier = begun()
    kind = _resuming if arguments.resume is not None else _forking if arguments.fork is not None else _starting
    take_up = resuming(earlier) if earlier else again.begin if again else kind(arguments)
    with open_store() as store, stop, closing(take_up(store, ReadingLine(sys.stderr, stop))) as active:
        from pipeline.engine.foreground_run import drive, say_images, user_name

        say_images(active)
        if earlier and again:
            again.go_on(store, active)
        steps = again.steps if again else _steps(arguments, active.record)
        if earlier:
            steps = max(0, earlier.goal - active.step)
        else:
            if goal is not None:
                steps = max(0, goal - active.step)
            remember(active.id, active.total_steps if steps is None else active.step + steps)
        follow = again.follow if again else None
        try:
            driven = drive(active, steps, stop, user_name(), arguments.until, follow=follow)
        except TrainingStopped as error:
            raise TrainingStopped(error.sentence, error.run, error.step, _slower(active)) from None
        answer = answer_of(active, driven, stop)
        if again is None:
            return answer
        return replace(answer, facts={**answer.facts, **again.facts}, text=f"{answer.text}\n{again.sentence}")


def _slower(run: "ActiveRun") -> str:
    """How to go back to the last checkpoint before this step with a tenth of the learning rates, as a sentence; "" if
    no rate can be changed."""
    rates = {key: value for key, value in run.trainer.state.live.items() if key.endswith(".learning_rate")}
    lower = " ".join(f"--set {key}={value / 10!r}" for key, value in rates.items())
    earlier = [step for step, _ in run.files.checkpoints() if step < run.step]
    back = f"--fork {run.id} --step {earlier[-1]}" if earlier else f"--resume {run.id}"
    return f"To do so: python -m pipeline train {back} {lower}" if rates else ""


def _steps(arguments: Namespace, record: RunRecord) -> int | None:
    """The requested number of steps; None to train to the planned end."""
    epochs: int | None = arguments.epochs
    if epochs is not None:
        from pipeline.engine.foreground_run import steps_in_epochs

        return steps_in_epochs(record, epochs)
    return None if arguments.steps is None else int(arguments.steps)


def _starting(arguments: Namespace) -> "Callable[[Store, ReadProgress], ActiveRun]":
    """Read and check the workflow before a store is created; return a function that starts the run."""
    opened = read_workflow(arguments.workflow)
    workflow = check_workflow(changed_workflow(opened, arguments))
    _require_sense(arguments.until, workflow)
    initial = None
    if arguments.weights is not None:
        from pipeline.training.given_weights import InitialWeights

        initial = InitialWeights.in_file(arguments.weights, arguments.network)

    def start(store: Store, progress: ReadProgress) -> "ActiveRun":
        from pipeline.engine.foreground_run import user_name
        from pipeline.engine.launching import start

        active = start(store, workflow, user_name(), progress, initial=initial, template=opened.name)
        for event in store.events(active.id):
            if event.kind == "weights loaded" and event.data:
                print_status("\n".join([event.text, *event.data["table"]]))
        return active

    return start


def _resuming(arguments: Namespace) -> "Callable[[Store, ReadProgress], ActiveRun]":
    """Refuse the options for new runs; return a function that resumes the run and changes its live parameters."""
    for option in ("seed", "device", "name"):
        if getattr(arguments, option) is not None:
            raise UnreadableCommand("train", f"--{option} is for new runs and cannot be used with --resume")

    def resume(store: Store, progress: ReadProgress) -> "ActiveRun":
        record = store.resolve(arguments.resume)
        # Check before resuming, which already changes the run's record.
        ended = record.step >= record.total_steps and record.state not in ("running", "interrupted")
        if _steps(arguments, record) is None and ended:
            raise RunComplete(record.total_steps)
        workflow = check_run(record, "resume it")
        _require_sense(arguments.until, workflow)
        settings = live_settings(workflow, arguments.set or [])
        require_plan(store, record, workflow, settings)
        from pipeline.engine.foreground_run import user_name
        from pipeline.engine.live_changes import set_each
        from pipeline.engine.resuming import resume

        try:
            active = resume(store, record.id, workflow, user_name(), progress, accept_data=arguments.accept_data)
        except OtherImages as error:
            raise error.by("--accept-data") from None
        print_status(next(event.text for event in reversed(store.events(active.id)) if event.kind == "resumed"))
        set_each(active, settings, user_name())
        return active

    return resume


def _forking(arguments: Namespace) -> "Callable[[Store, ReadProgress], ActiveRun]":
    """Return a function that starts a new run from a checkpoint of a stored one."""

    def fork(store: Store, progress: ReadProgress) -> "ActiveRun":
        record = store.resolve(arguments.fork)
        own = document.read(record.workflow_text, f"The workflow of run {record.id}")
        workflow = check_workflow(changed_workflow(own, arguments))
        _require_sense(arguments.until, workflow)
        workflow.require_given()
        steps = [step for step, _ in store.files(record.id).checkpoints()]
        if not steps:
            raise NoCheckpoint(record.id)
        from pipeline.engine.foreground_run import user_name
        from pipeline.engine.launching import checkpoint_of, fork

        captured = checkpoint_of(store, record.id, steps[-1] if arguments.step is None else arguments.step)
        active = fork(store, record, captured, workflow, user_name(), progress)
        for event in store.events(active.id):
            if event.kind == "forked":
                print_status(event.text)
        return active

    return fork


def _require_sense(condition: str | None, workflow: CheckedWorkflow) -> None:
    """Raises MalformedExpression, UnknownMetric or NotACondition if this is not a condition on the workflow's
    metrics."""
    if condition is not None:
        require_condition(parse(condition, metric_names(workflow.report)))


def changed_workflow(workflow: Workflow, arguments: Namespace) -> Workflow:
    """The workflow after --set, --seed, --device and --name."""
    workflow = edit.apply_settings(workflow, arguments.set or [], NODES)
    for option in ("seed", "device"):
        value = getattr(arguments, option)
        for node_id, node in workflow.nodes.items() if value is not None else ():
            node_class = NODES.get(node.class_type)
            if node_class and node_class.category == "training":
                workflow = edit.set_parameter(workflow, node_id, option, value, NODES)
    return replace(workflow, name=arguments.name) if arguments.name else workflow
