"""What hints know about a run besides its curves: facts of its workflow, its images, its changes and its parent."""

from collections.abc import Iterator, Mapping, Sequence

from pipeline.graph.check import Report
from pipeline.graph.form import parameters
from pipeline.health.changes import BEFORE
from pipeline.health.facts import Facts, ForkOrigin, LiveChange, PenalisedBatchNorm
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.losses.penalties import penalised_batch_norm
from pipeline.nodes.ports import NetworkPort, OptimizerPort
from pipeline.nodes.run_data import training_findings
from pipeline.nodes.training.training_node import TrainingNode
from pipeline.nodes.training_subgraph import TrainingSubgraph, training_subgraph
from pipeline.runs import metrics
from pipeline.runs.catalogue import parent_of
from pipeline.runs.store import RunRecord, Store
from pipeline.studio.workflows import of_run

MOST_EVENTS = 300
"""Newest events that are searched for changes."""


def run_facts(store: Store, record: RunRecord, checked: Report, step: int, losses: Sequence[str]) -> Facts:
    """The facts of a run that stands at `step`. checked: the report on its workflow. losses: names of its losses.
    Raises UnknownRun."""
    found = training_subgraph(checked)
    if found is None:
        return Facts(total_steps=record.total_steps)
    roles = suggested_roles(found, checked)
    changes = tuple(_changes(store, record, checked, roles, step))
    images = training_findings(record.data)
    return Facts(
        total_steps=record.total_steps,
        train_images=images.train if images else None,
        average_halflife=_average_halflife(checked, found),
        phase_begun=max((phase.first for phase in found.training.phases if phase.first < max(1, step)), default=0),
        data_warnings=images.warnings if images else (),
        penalised=tuple(_penalised(checked, found, changes)),
        changes=tuple(change for _, change in changes),
        fork=_fork(store, record, step, losses),
        weights={
            port.role: port.plan.parameters for port in found.ports if isinstance(port, NetworkPort) and port.plan
        },
    )


def suggested_roles(found: TrainingSubgraph, checked: Report) -> dict[str, str]:
    """The role by which suggestions refer to each node that training depends on, by node id."""
    roles = {}
    for node_id, ports in found.given.items():
        match ports[0]:
            case OptimizerPort(network=network):
                roles[node_id] = f"{network.role} optimizer"
            case NetworkPort(role=role):
                roles[node_id] = role
            case _:
                roles[node_id] = checked.nodes[node_id].category
    return roles


def _changes(
    store: Store, record: RunRecord, checked: Report, roles: Mapping[str, str], step: int
) -> list[tuple[str, LiveChange]]:
    """The live changes up to `step`, each with its key, "node.parameter", oldest first."""
    changes = []
    for event in store.events(record.id, MOST_EVENTS):
        if event.kind != "parameter changed" or event.step > step or not event.data:
            continue
        key, before, after = (event.data.get(name) for name in ("parameter", "from", "to"))
        if not isinstance(key, str) or not isinstance(before, int | float) or not isinstance(after, int | float):
            continue
        node_id, _, parameter = key.rpartition(".")
        title = f"{checked.titles.get(node_id, node_id)} · {_label(checked, node_id, parameter)}"
        role = roles.get(node_id, "")
        changes.append((key, LiveChange(event.step, title, float(before), float(after), event.who, role, parameter)))
    return changes


def _label(checked: Report, node_id: str, parameter: str) -> str:
    forms = parameters(type(checked.nodes[node_id])) if node_id in checked.nodes else ()
    return next((form.label for form in forms if form.name == parameter), parameter)


def _average_halflife(checked: Report, found: TrainingSubgraph) -> float:
    """In steps; 0 without an average, and with a ramp-up, by which an average is never older than the run."""
    training = checked.nodes[found.node]
    if not isinstance(training, TrainingNode) or training.ema_rampup:
        return 0.0
    return training.ema_halflife_images / training.batch_size


def _penalised(
    checked: Report, found: TrainingSubgraph, changes: Sequence[tuple[str, LiveChange]]
) -> Iterator[PenalisedBatchNorm]:
    """The penalties in use, with their current weights, on networks that have batch normalization."""
    now = {key: change.after for key, change in changes}
    for penalty, network, weight, layers in penalised_batch_norm(checked):
        if penalty in found.given:
            parameter = weight.rpartition(".")[2]
            current = now.get(weight, float(getattr(checked.nodes[penalty], parameter)))
            yield PenalisedBatchNorm(checked.titles[penalty], checked.titles[network], current, layers)


def _fork(store: Store, record: RunRecord, step: int, losses: Sequence[str]) -> ForkOrigin | None:
    """Where the run was forked, with its parent's losses if that still exists and they mean the same."""
    if record.parent_step is None:
        return None
    parent = parent_of(store, record)
    if parent is None or _objectives(parent) != _objectives(record):
        return ForkOrigin(record.parent_step)
    first = max(1, record.parent_step - BEFORE + 1)
    curves = metrics.history(store, parent.id, losses, BEFORE, first, record.parent_step)
    return ForkOrigin(record.parent_step, {name: curve.last for name, curve in curves.series.items()})


def _objectives(record: RunRecord) -> list[tuple[str, list[tuple[str, object]]]]:
    """The types and parameters of the nodes that make up the loss."""
    workflow = of_run(record.workflow_text).workflow
    return [
        (node.class_type, sorted((name, str(value)) for name, value in node.inputs.items()))
        for node in workflow.nodes.values()
        if (node_class := NODES.get(node.class_type)) and node_class.category == "objective"
    ]
