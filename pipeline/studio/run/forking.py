"""Plan a fork: the workflow it starts from, the steps it can start from, and a preview of what it would carry over.

The engine records what a fork actually carried over, as an event. Both compare the shapes of weights.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from pipeline.errors.runs import BrokenCheckpoint
from pipeline.formatting import fork_summary
from pipeline.graph.check import Report
from pipeline.graph.workflow import Workflow
from pipeline.models.plan import Shape
from pipeline.nodes.layer_tables import key_of
from pipeline.nodes.phases import Phase, too_late
from pipeline.nodes.ports import OptimizerPort
from pipeline.nodes.training_subgraph import networks, training_subgraph
from pipeline.runs import checkpoints
from pipeline.runs.store import RunRecord, Store
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.studio.run.debugging import current_workflow
from pipeline.studio.run.history import checkpoint_steps

PENDING = "The first event of the new run will list what was carried over."
"""Shown while, or if, the networks' shapes are not known."""

WeightShapes = Callable[[Report, str], Mapping[str, Shape]]
"""(a checked workflow, id of a node) -> the shapes of the weights of the node's built network, by name."""


def workflow_of(store: Store, record: RunRecord, snapshot: Snapshot) -> Workflow:
    """The run's workflow with its current live values: those of `snapshot`, or else of the last checkpoint.

    Raises UnknownRun or UnreadableDocument.
    """
    if not snapshot.live:
        snapshot = replace(snapshot, live=_live_when_saved(store, record.id))
    return current_workflow(record.workflow_text, snapshot)


def _live_when_saved(store: Store, run: str) -> dict[str, float]:
    """Live values in the run's last checkpoint; empty if it cannot be read, which the engine will report."""
    saved = store.files(run).checkpoints()
    try:
        return checkpoints.live_values(saved[-1][1]) if saved else {}
    except BrokenCheckpoint:
        return {}


@dataclass(frozen=True)
class ForkPoints:
    """The steps that a fork can start from. now: the default, None if the run has no step to start from. kept: other
    steps that have a checkpoint, newest first."""

    now: int | None
    kept: tuple[int, ...]


def fork_points(store: Store, snapshot: Snapshot, *, under_way: bool) -> ForkPoints:
    """The steps at which the run can be forked. under_way: whether the trainer has loaded it and it has not failed.

    For a run that is not loaded, the default is its last checkpoint. Raises UnknownRun.
    """
    steps = checkpoint_steps(store, snapshot.run)
    now = snapshot.step if under_way else next(iter(steps), None)
    return ForkPoints(now, tuple(step for step in steps if step != now))


@dataclass(frozen=True)
class Preview:
    """What a fork would carry over, by role.

    networks: whose weights are carried over. optimizers: those of them whose optimizer state is carried over too.
    reinitialised: those that would be reinitialised, because their weights have other shapes.
    """

    networks: tuple[str, ...]
    optimizers: tuple[str, ...]
    reinitialised: tuple[str, ...]
    phases: tuple[Phase, ...] = ()
    """Of the fork's training."""

    def sentence(self, step: int) -> str:
        """The preview of a fork at this step, in sentences."""
        carried = fork_summary(self.networks, self.optimizers, self.reinitialised, done=False)
        return f"{carried} {too_late(self.phases, self.reinitialised, step)}".rstrip()


def preview(parent: Report, fork: Report, weights: WeightShapes) -> Preview | None:
    """What a fork with workflow `fork` would carry over from a run of workflow `parent`; None if `fork` has problems.

    weights: called only for networks that differ between the two. Raises what it raises.
    """
    found = training_subgraph(fork)
    old, new = networks(training_subgraph(parent)), networks(found)
    if not fork.ok or not new or found is None:
        return None

    def fits(role: str) -> bool:
        if role not in old:
            return False
        if key_of(parent, old[role]) == key_of(fork, new[role]):
            return True
        return weights(parent, old[role]) == weights(fork, new[role])

    carried = tuple(role for role in new if fits(role))
    before, after = _optimizers(parent), _optimizers(fork)
    return Preview(
        networks=carried,
        optimizers=tuple(role for role in carried if before.get(role) == after.get(role)),
        reinitialised=tuple(role for role in new if role not in carried),
        phases=found.training.phases,
    )


def _optimizers(report: Report) -> Mapping[str, str]:
    """The class_type of each network's optimizer, by the network's role."""
    found = training_subgraph(report)
    return {
        port.network.role: report.workflow.nodes[node_id].class_type
        for node_id, ports in (found.given.items() if found else ())
        for port in ports
        if isinstance(port, OptimizerPort)
    }
