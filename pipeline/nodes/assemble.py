"""Build a checked workflow: the Experiment of its training node, or the part of a single node."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.data.progress import ReadProgress, no_progress
from pipeline.errors.training import NodeFailure
from pipeline.graph.check import Report
from pipeline.graph.form import live_values
from pipeline.graph.workflow import Workflow
from pipeline.nodes.build_parts import build_parts
from pipeline.nodes.building import Building
from pipeline.nodes.checked_workflow import CheckedWorkflow, check_workflow
from pipeline.nodes.declaration_check import declaration_fault
from pipeline.nodes.devices import resolve_device
from pipeline.runs.series import checkup_of, names_of

if TYPE_CHECKING:
    from pipeline.data.findings import Findings
    from pipeline.ranks.ranks import Ranks
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
    ranks: "Ranks | None" = None,
) -> "Experiment":
    """Build the workflow's Experiment. `device` and `seed` override the training node's; data is cached in `home`.

    together, given, ranks: see `Building`. images: whether to load them; without, the Experiment can be sampled from
    but not trained. Builds only the nodes that the training and the outputs depend on. Raises UnknownDevice,
    NodeFailure if a node cannot be built, UnusableSource if none of its images can be read, MadeInPython if an object
    made in Python is missing from `given`, ReadingStopped from `progress`, and, for a workflow not checked before, what
    `check_workflow` raises.
    """
    from pipeline.training.node_errors import node_errors
    from pipeline.training.parts import EvaluationPart, LogPart, SamplesPart

    checked = workflow if isinstance(workflow, CheckedWorkflow) else check_workflow(workflow)
    report, found = checked.report, checked.trained
    place = str(resolve_device(device or found.training.device, ranks.local if ranks else 0))
    outputs = [node_id for node_id, node in report.nodes.items() if node.category == "output"]
    chosen_seed = found.training.seed if seed is None else seed
    building = Building(found.node, chosen_seed, place, home, progress, together, given=given or {}, ranks=ranks)
    parts = build_parts(report, [found.node, *outputs], building, images)
    experiment: Experiment = parts[found.node]
    with node_errors(found.node, "be built", report.titles[found.node]):
        fault = declaration_fault(experiment, found)
    if fault:
        raise NodeFailure(found.node, "be built", fault, report.titles[found.node])
    live = {key: value for node_id in parts for key, value in live_values(node_id, report.nodes[node_id]).items()}
    findings = _found(experiment, parts)
    samples = next((part for part in parts.values() if isinstance(part, SamplesPart)), None)
    evaluation = next((part for part in parts.values() if isinstance(part, EvaluationPart)), None)
    log = next((part for part in parts.values() if isinstance(part, LogPart)), None)
    reading = tuple(role.name for role in found.training.family.roles if role.reads_images)
    measures = tuple(name for name in names_of(found.training.checkup) if name not in names_of(checkup_of()))
    return replace(
        experiment, live=live, samples=samples, evaluation=evaluation, log=log, titles=report.titles, reading=reading,
        measures=measures, found=findings,
    )  # fmt: skip


def build_node(report: Report, node_id: str, home: Path, device: str, seed: int) -> Any:
    """The finished part of one node of a checked workflow. Builds only what it depends on.

    This loads the images of a run without building a network. Raises UnknownDevice, NodeFailure, MadeInPython.
    """
    return build_parts(report, [node_id], Building(node_id, seed, str(resolve_device(device)), home), True)[node_id]


def build_bare(report: Report, node_id: str, home: Path, device: str, given: Mapping[str, Any] | None = None) -> Any:
    """The finished part of one node for its shapes only: no images are loaded, and the weights are arbitrary.

    device: use "meta", with it also as torch's default device, to allocate no memory. given: see `Building`. Raises
    NodeFailure, MadeInPython.
    """
    building = Building(node_id, 0, device, home, given=given or {})
    return build_parts(report, [node_id], building, images=False)[node_id]


def _found(experiment: "Experiment", parts: Mapping[str, Any]) -> "dict[str, Findings]":
    """The findings of each node that read images, by node id, those of the training images first."""
    from pipeline.training.parts import RealImages

    found: dict[str, Findings] = {}
    for node_id, part in parts.items():
        # A node that changes images, such as an augmentation, hands on the findings of the node before it.
        if isinstance(part, RealImages) and part.findings and not any(part.findings is each for each in found.values()):
            found[node_id] = part.findings
    return dict(sorted(found.items(), key=lambda each: each[1] is not experiment.images.findings))
