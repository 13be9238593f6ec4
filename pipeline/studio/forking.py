"""Before a run is forked: the workflow that a fork begins from, where it can begin, and what it would take along.

What a fork really took along is said by the engine's event; both compare the shapes of weights.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pipeline.errors.runs import BrokenCheckpoint
from pipeline.graph.check import Report
from pipeline.graph.workflow import Workflow
from pipeline.models.plan import Plan
from pipeline.nodes.ports import Network, Optimizer
from pipeline.nodes.trained import trained
from pipeline.runs import checkpoints
from pipeline.runs.store import RunRecord, Store
from pipeline.runtime.messages import Snapshot
from pipeline.studio.debugging import workflow_now
from pipeline.studio.history import checkpoint_steps
from pipeline.wording import carried_over

SHAPING = {
    *("in_features", "out_features", "in_channels", "out_channels", "kernel_size", "num_features", "bias"),
    *("classes", "embedding_dim", "channels", "inner"),
}
"""Options of a layer that the shapes of its weights depend on."""

Shapes = tuple[tuple[str, tuple[tuple[str, object], ...]], ...]


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


def preview(parent: Report, fork: Report) -> Preview | None:
    """What a fork of a run of `parent` with the workflow of `fork` would take along; None while that has problems."""
    old, new = _networks(parent), _networks(fork)
    if not fork.ok or not new:
        return None
    networks = tuple(role for role in new if role in old and weight_shapes(new[role]) == weight_shapes(old[role]))
    before, after = _optimizers(parent), _optimizers(fork)
    return Preview(
        networks=networks,
        optimizers=tuple(role for role in networks if before.get(role) == after.get(role)),
        afresh=tuple(role for role in new if role not in networks),
    )


def weight_shapes(plan: Plan) -> Shapes:
    """What tells the shapes of a network's weights: equal for two plans whose networks can exchange their weights.

    With spectral normalization weights have other names, and its vectors beside them.
    """
    normalized = (("spectral_norm", ()),) if plan.spectral_norm else ()
    return normalized + tuple(
        (path, tuple(option for option in layer.options if option[0] in SHAPING))
        for path, layer in plan.leaves
        if layer.parameters
    )


def _networks(report: Report) -> Mapping[str, Plan]:
    """The networks that the workflow trains, by role; none while its training has problems."""
    found = trained(report)
    ports = [port for port in (found.ports if found else ()) if isinstance(port, Network)]
    return {port.role: port.plan for port in ports if port.plan is not None}


def _optimizers(report: Report) -> Mapping[str, str]:
    """The kind of each network's optimizer, by the network's role."""
    found = trained(report)
    return {
        port.network.role: report.workflow.nodes[node_id].class_type
        for node_id, ports in (found.given.items() if found else ())
        for port in ports
        if isinstance(port, Optimizer)
    }
