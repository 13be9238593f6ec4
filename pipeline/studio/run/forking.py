"""Before a run is forked: the workflow that a fork begins from, where it can begin, and what it would take along.

What a fork really took along is said by the engine's event; both compare the shapes of weights.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from pipeline.errors.runs import BrokenCheckpoint
from pipeline.formatting import carried_over
from pipeline.graph.check import Report
from pipeline.graph.workflow import Workflow
from pipeline.models.plan import Shape
from pipeline.nodes.layer_tables import key_of
from pipeline.nodes.ports import OptimizerPort
from pipeline.nodes.training_subgraph import networks, trained
from pipeline.runs import checkpoints
from pipeline.runs.store import RunRecord, Store
from pipeline.runtime.messages import Snapshot
from pipeline.studio.run.debugging import workflow_now
from pipeline.studio.run.history import checkpoint_steps

UNTOLD = "What is carried over is said by the run's first event."
"""Where, or as long as, nobody can say it of the networks themselves."""

WeightShapes = Callable[[Report, str], Mapping[str, Shape]]
"""(a checked workflow, id of a node) -> the shapes of the weights of the node's network once it is built, by name."""


def workflow_of(store: Store, record: RunRecord, seen: Snapshot) -> Workflow:
    """The run's workflow with the live values in force: those that `seen` tells, else those of its last checkpoint.

    Raises UnknownRun, UnreadableDocument.
    """
    if not seen.live:
        seen = replace(seen, live=_live_when_saved(store, record.id))
    return workflow_now(record.workflow_text, seen)


def _live_when_saved(store: Store, run: str) -> dict[str, float]:
    """Live values in the run's last checkpoint; none where it cannot be read, as the engine will say of it too."""
    kept = store.files(run).checkpoints()
    try:
        return checkpoints.live_values(kept[-1][1]) if kept else {}
    except BrokenCheckpoint:
        return {}


@dataclass(frozen=True)
class Beginnings:
    """Where a fork can begin. now: the step that it goes on from unless another is named, None where there is nothing
    to go on from. kept: earlier or later steps of which a checkpoint is kept, the newest first."""

    now: int | None
    kept: tuple[int, ...]


def beginnings(store: Store, seen: Snapshot, *, under_way: bool) -> Beginnings:
    """The steps at which the run can be forked. under_way: the trainer has it, and it has not failed.

    A run that nobody trains stands at its last checkpoint. Raises UnknownRun.
    """
    kept = checkpoint_steps(store, seen.run)
    now = seen.step if under_way else next(iter(kept), None)
    return Beginnings(now, tuple(step for step in kept if step != now))


@dataclass(frozen=True)
class Preview:
    """What a fork would take along, by the roles of its networks. optimizers: roles whose optimizer's state comes too.

    afresh: roles whose network begins anew, because its layers have other shapes.
    """

    networks: tuple[str, ...]
    optimizers: tuple[str, ...]
    afresh: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """The preview in words."""
        return carried_over(self.networks, self.optimizers, self.afresh, done=False)


def preview(parent: Report, fork: Report, weights: WeightShapes) -> Preview | None:
    """What a fork of a run of `parent` with the workflow of `fork` would take along; None while that has problems.

    weights: asked only of networks that are not the same in both. Raises what it raises.
    """
    old, new = networks(trained(parent)), networks(trained(fork))
    if not fork.ok or not new:
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
        afresh=tuple(role for role in new if role not in carried),
    )


def _optimizers(report: Report) -> Mapping[str, str]:
    """The kind of each network's optimizer, by the network's role."""
    found = trained(report)
    return {
        port.network.role: report.workflow.nodes[node_id].class_type
        for node_id, ports in (found.given.items() if found else ())
        for port in ports
        if isinstance(port, OptimizerPort)
    }
