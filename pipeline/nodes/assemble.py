"""Build a checked workflow: turn each node into its finished part, in topological order."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.data.progress import ReadProgress, no_progress
from pipeline.errors.data import ReadingStopped, UnusableSource
from pipeline.errors.training import MadeInPython, NodeFailure
from pipeline.graph.check import Report
from pipeline.graph.form import live_values, wires
from pipeline.graph.node import Port
from pipeline.graph.workflow import Workflow, ancestors
from pipeline.nodes.building import Building
from pipeline.nodes.checked_workflow import CheckedWorkflow, check_workflow
from pipeline.nodes.declaration_check import declaration_fault
from pipeline.nodes.devices import resolve_device
from pipeline.nodes.ports import ImagesPort
from pipeline.runs.series import checkup_of, names_of

if TYPE_CHECKING:
    from pipeline.data.findings import Findings
    from pipeline.training.experiment import Experiment


def assemble(
    workflow: CheckedWorkflow | Workflow,
    home: Path,
    device: str | None = None,
    seed: int | None = None,
    progress: ReadProgress = no_progress,
    *,
    together: bool = False,
    images: bool = True,
    given: Mapping[str, Any] | None = None,
) -> "Experiment":
    """Build the workflow's Experiment. `device` and `seed` override the training node's; data is cached in `home`.

    together, given: see `Building`. images: whether to load them; without, the Experiment can be sampled from but not
    trained. Builds only the nodes that the training and the outputs depend on. Raises UnknownDevice, NodeFailure if a
    node cannot be built, UnusableSource if none of its images can be read, MadeInPython if an object made in Python is
    missing from `given`, ReadingStopped from `progress`, and, for a workflow not checked before, what
    `check_workflow` raises.
    """
    from pipeline.training.node_errors import node_errors
    from pipeline.training.parts import SamplesPart

    checked = workflow if isinstance(workflow, CheckedWorkflow) else check_workflow(workflow)
    report, found = checked.report, checked.trained
    place = str(resolve_device(device or found.training.device))
    outputs = [node_id for node_id, node in report.nodes.items() if node.category == "output"]
    chosen_seed = found.training.seed if seed is None else seed
    building = Building(found.node, chosen_seed, place, home, progress, together, given=given or {})
    parts = _build(report, [found.node, *outputs], building, images)
    experiment: Experiment = parts[found.node]
    with node_errors(found.node, "be built", report.titles[found.node]):
        fault = declaration_fault(experiment, found)
    if fault:
        raise NodeFailure(found.node, "be built", fault, report.titles[found.node])
    live = {key: value for node_id in parts for key, value in live_values(node_id, report.nodes[node_id]).items()}
    findings = _found(experiment, parts)
    samples = next((part for part in parts.values() if isinstance(part, SamplesPart)), None)
    reading = tuple(role.name for role in found.training.family.roles if role.reads_images)
    measures = tuple(name for name in names_of(found.training.checkup) if name not in names_of(checkup_of()))
    return replace(
        experiment, live=live, samples=samples, titles=report.titles, reading=reading, measures=measures, found=findings
    )


def build_node(report: Report, node_id: str, home: Path, device: str, seed: int) -> Any:
    """The finished part of one node of a checked workflow. Builds only what it depends on.

    This loads the images of a run without building a network. Raises UnknownDevice, NodeFailure, MadeInPython.
    """
    return _build(report, [node_id], Building(node_id, seed, str(resolve_device(device)), home), True)[node_id]


def build_bare(report: Report, node_id: str, home: Path, device: str, given: Mapping[str, Any] | None = None) -> Any:
    """The finished part of one node for its shapes only: no images are loaded, and the weights are arbitrary.

    device: use "meta", with it also as torch's default device, to allocate no memory. given: see `Building`. Raises
    NodeFailure, MadeInPython.
    """
    building = Building(node_id, 0, device, home, given=given or {})
    return _build(report, [node_id], building, images=False)[node_id]


def _build(report: Report, wanted: Collection[str], building: Building, images: bool) -> dict[str, Any]:
    """The finished parts of the wanted nodes and of all that they depend on, by node id.

    building: what each node receives, except for its id and ports. images: False replaces real images by placeholders
    of the same shape, so that no data set is loaded.
    """
    parents = report.workflow.parents()
    needed = {node_id for target in wanted for node_id in ancestors(target, parents)}
    parts: dict[str, Any] = {}
    for node_id in report.order:
        if node_id in needed:
            found = None if images else _absent_images(report, node_id, building.device)
            own = replace(building, node_id=node_id, ports=report.ports[node_id])
            parts[node_id] = found or _as_declared(_built(report, node_id, own, parts), own.ports)
    return parts


def _as_declared(part: Any, ports: tuple[Port, ...]) -> Any:
    """Real images in the range that their node declares, with findings about them if their node did not add any; other
    parts as they are."""
    from pipeline.data.sources import findings_of
    from pipeline.training.parts import RealImages

    if not isinstance(part, RealImages):
        return part
    port = next((port for port in ports if isinstance(port, ImagesPort)), None)
    if port is not None:
        part = part.in_range(port.values)
    if part.findings is not None:
        return part
    names = port.class_names if port is not None else ()
    found = findings_of(part.train, part.held_out, names if len(names) == part.classes else (), part.classes)
    return replace(part, train=replace(part.train, findings=found))


def _found(experiment: "Experiment", parts: Mapping[str, Any]) -> "dict[str, Findings]":
    """The findings of each node that read images, by node id, those of the training images first."""
    from pipeline.training.parts import RealImages

    found: dict[str, Findings] = {}
    for node_id, part in parts.items():
        # A node that changes images, such as an augmentation, hands on the findings of the node before it.
        if isinstance(part, RealImages) and part.findings and not any(part.findings is each for each in found.values()):
            found[node_id] = part.findings
    return dict(sorted(found.items(), key=lambda each: each[1] is not experiment.images.findings))


def _built(report: Report, node_id: str, building: Building, parts: dict[str, Any]) -> Any:
    node = report.nodes[node_id]
    incoming = {wire.name: parts[getattr(node, wire.name).node] for wire in wires(type(node))}
    from pipeline.training.node_errors import from_keyboard, reason

    try:
        return node.build(building, **incoming)
    except BaseException as error:
        if isinstance(error, ReadingStopped | MadeInPython | UnusableSource) or from_keyboard(error):
            raise
        raise NodeFailure(node_id, "be built", reason(error), report.titles[node_id]) from error


def _absent_images(report: Report, node_id: str, device: str) -> Any:
    """A placeholder for the images that the node outputs, None if its output is something else."""
    match report.ports[node_id]:
        case (ImagesPort() as port,):
            from pipeline.training.parts import RealImages

            return RealImages.absent(node_id, port.shape, port.classes, port.fit, device, port.values)
        case _:
            return None
