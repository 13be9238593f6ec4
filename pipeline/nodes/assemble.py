"""From a checked workflow to finished parts: node by node, in the direction of flow."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.data.progress import Progress, unwatched
from pipeline.errors.data import ReadingStopped
from pipeline.errors.training import NodeFailure
from pipeline.graph.check import Report
from pipeline.graph.form import live_values, wires
from pipeline.graph.workflow import Workflow, ancestors
from pipeline.nodes.building import Building
from pipeline.nodes.checked import CheckedWorkflow, checked
from pipeline.nodes.devices import resolve_device

if TYPE_CHECKING:
    from pipeline.training.experiment import Experiment


def assemble(
    workflow: CheckedWorkflow | Workflow,
    home: Path,
    device: str | None = None,
    seed: int | None = None,
    progress: Progress = unwatched,
) -> "Experiment":
    """The workflow's Experiment. `device` and `seed` take the place of the training node's; data is kept in `home`.

    Builds what the training and the outputs depend on; a node that nothing leads to is left alone. Raises
    UnknownDevice, NodeFailure where a node cannot be built, and ReadingStopped out of `progress`; for a workflow that
    was not checked before, what `checked` raises.
    """
    from pipeline.training.parts import SamplesPart

    sound = workflow if isinstance(workflow, CheckedWorkflow) else checked(workflow)
    report, found = sound.report, sound.trained
    place = str(resolve_device(device or found.training.device))
    outputs = [node_id for node_id, node in report.nodes.items() if node.category == "output"]
    chosen_seed = found.training.seed if seed is None else seed
    parts = _build(report, [found.node, *outputs], home, place, chosen_seed, progress)
    experiment: Experiment = parts[found.node]
    live = {key: value for node_id in parts for key, value in live_values(node_id, report.nodes[node_id]).items()}
    samples = next((part for part in parts.values() if isinstance(part, SamplesPart)), None)
    return replace(experiment, live=live, samples=samples)


def build_node(report: Report, node_id: str, home: Path, device: str, seed: int) -> Any:
    """The finished part of one node of a checked workflow; only what it depends on is built.

    So a generator can be built, to put stored weights into, without loading any images. Raises UnknownDevice and
    NodeFailure.
    """
    return _build(report, [node_id], home, str(resolve_device(device)), seed)[node_id]


def _build(
    report: Report, wanted: Collection[str], home: Path, device: str, seed: int, progress: Progress = unwatched
) -> dict[str, Any]:
    """Finished parts, by node id, of the wanted nodes and of all that they depend on."""
    parents = report.workflow.parents()
    needed = {node_id for target in wanted for node_id in ancestors(target, parents)}
    parts: dict[str, Any] = {}
    for node_id in report.order:
        if node_id in needed:
            node = report.nodes[node_id]
            incoming = {wire.name: parts[getattr(node, wire.name).node] for wire in wires(type(node))}
            try:
                parts[node_id] = node.build(Building(node_id, seed, device, home, progress), **incoming)
            except ReadingStopped:
                raise
            except Exception as error:
                raise NodeFailure(node_id, "be built", str(error) or type(error).__name__) from error
    return parts
