"""Puts given images and modules into a workflow: nodes that stand for them, with the ids and wires of the old ones."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.api.images import Given, facts
from pipeline.data.files.formats import ENDINGS
from pipeline.data.value_range import SIGNED
from pipeline.errors.machine import UnusableFile, UnusableValue
from pipeline.errors.training import UnfitModule
from pipeline.errors.workflow import InvalidWorkflow
from pipeline.formatting import listed
from pipeline.graph import edit
from pipeline.graph.check import check
from pipeline.graph.form import parameters, pass_through_wire, wires
from pipeline.graph.workflow import Json, NodeData, Workflow
from pipeline.models.python_modules import layers_hash, weight_count
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.checked_workflow import CheckedWorkflow, check_workflow
from pipeline.nodes.ends import end_misfit
from pipeline.nodes.ports import ImagesPort
from pipeline.nodes.python_objects import GivenImages, GivenImageSets, GivenNetwork, GivenNode
from pipeline.runs.workflows import LONGEST_NAME
from pipeline.studio import workflows


class Prepared(NamedTuple):
    """A workflow ready for training. given: images and modules, by node id. networks: role -> node id."""

    workflow: CheckedWorkflow
    given: Mapping[str, Any]
    networks: Mapping[str, str]


def open_workflow(template: str | Path | Workflow) -> Workflow:
    """Return a workflow: the one passed, the template of this name, or the one in the .json or .png file at this path.

    Raises UnknownTemplate, UnreadableDocument or UnusableFile.
    """
    if isinstance(template, Workflow):
        return template
    if Path(template).suffix.lower() not in (".json", *ENDINGS):
        return workflows.open_template(str(template))
    try:
        content = Path(template).read_bytes()
    except OSError as error:
        raise UnusableFile(str(template), "read", (error.strerror or str(error)).lower()) from error
    return workflows.open_file(content, Path(template).name)


def prepare(
    workflow: Workflow,
    sets: GivenImageSets,
    images: Given,
    modules: Mapping[str, Any],
    settings: Iterable[str] = (),
    name: str = "",
) -> Prepared:
    """Replace the workflow's source of images and the networks of the given roles.

    settings: "NODE.PARAMETER=VALUE", applied after the replacement. name: the name of the run. Raises UnfitModule,
    InvalidWorkflow, and what `edit.apply_settings` raises.
    """
    if name:
        if len(name) > LONGEST_NAME or not name.isprintable():
            raise UnusableValue(f"The name of a run must have 1 to {LONGEST_NAME} visible characters.")
        workflow = replace(workflow, name=name)
    networks = {role: _origin(workflow, role) for role in modules}
    data = images_node(workflow)
    # The range of values belongs to the networks of the workflow, not to its images.
    kept = {name: value for name, value in workflow.nodes[data].inputs.items() if name == "value_range"}
    workflow = edit.replace_node(workflow, data, NodeData(GivenImages.__name__, {**facts(sets, images), **kept}))
    for role, node_id in networks.items():
        workflow = edit.replace_node(workflow, node_id, _standing_in(workflow.nodes[node_id], role))
    return fit_modules(edit.apply_settings(workflow, settings, NODES), {data: sets}, modules, networks)


def fit_modules(
    workflow: Workflow, given: Mapping[str, Any], modules: Mapping[str, Any], networks: Mapping[str, str]
) -> Prepared:
    """Try the modules on a batch and describe them in the nodes that stand for them. Raises as `prepare` does."""
    filled = dict(given)
    sets = next(each for each in given.values() if isinstance(each, GivenImageSets))
    shape = sets.pixels.shape
    image_shape = (shape[1], shape[2], shape[3])
    data = images_node(workflow)
    for role, node_id in networks.items():
        report = check(workflow, NODES)
        node = report.nodes.get(node_id)
        values = next((port.values for port in report.ports.get(data, ()) if isinstance(port, ImagesPort)), SIGNED)
        links = {wire.name: getattr(node, wire.name) for wire in wires(type(node))} if node else {}
        if not isinstance(node, GivenNetwork) or any(link.node not in report.ports for link in links.values()):
            raise InvalidWorkflow(report.sentences())
        ports = {wire: report.ports[link.node][link.output] for wire, link in links.items()}
        fitted = node.fitted(modules[role], image_shape, **ports)
        if fault := end_misfit(fitted.end, values):
            raise UnfitModule(role, fault)
        channels, height, width = fitted.image_shape
        description: dict[str, Json] = {
            "made": type(modules[role]).__name__,
            "weights": weight_count(modules[role]),
            "layers": layers_hash(fitted.network),
            "channels": channels,
            "height": height,
            "width": width,
        }
        known = {parameter.name for parameter in parameters(type(node))}
        for parameter, value in description.items():
            if parameter in known:
                workflow = edit.set_parameter(workflow, node_id, parameter, value, NODES)
        filled[node_id] = fitted.network
    checked = check_workflow(workflow)
    checked.require_given(filled)
    return Prepared(checked, filled, networks)


def given_networks(workflow: Workflow) -> dict[str, str]:
    """Ids of the nodes that stand for given networks, by role."""
    classes = {node_id: NODES.get(node.class_type) for node_id, node in workflow.nodes.items()}
    return {each.category: node_id for node_id, each in classes.items() if each and issubclass(each, GivenNetwork)}


def images_node(workflow: Workflow) -> str:
    """Id of the workflow's source of images."""
    found = [
        node_id
        for node_id, node in workflow.nodes.items()
        if (node_class := NODES.get(node.class_type))
        and any(issubclass(port, ImagesPort) for port in node_class.outputs)
        and not wires(node_class)
    ]
    return _only(found, "source of images")


def _origin(workflow: Workflow, role: str) -> str:
    """Id of the node that makes the network of this role, as opposed to nodes that modify it."""
    found = [
        node_id
        for node_id, node in workflow.nodes.items()
        if (node_class := NODES.get(node.class_type))
        and node_class.category == role
        and pass_through_wire(node_class) is None
    ]
    if not found:
        known = sorted({each.category for each in _stand_ins()} & {_category(node) for node in workflow.nodes.values()})
        raise UnfitModule(role, f"is not a network of this workflow, which has: {listed(known)}.")
    return _only(found, role)


def _only(found: list[str], what: str) -> str:
    if len(found) != 1:
        count = f"has {len(found)}: {listed(found)}" if found else "has none"
        raise UnusableValue(f"The workflow must have exactly one {what}, but it {count}.")
    return found[0]


def _category(node: NodeData) -> str:
    node_class = NODES.get(node.class_type)
    return node_class.category if node_class else ""


def _stand_ins() -> list[type[GivenNetwork]]:
    return [each for each in NODES if issubclass(each, GivenNetwork)]


def _standing_in(node: NodeData, role: str) -> NodeData:
    """The node that replaces a network of this role; keeps the wires and parameters that both node types have."""
    stand_in = next((each for each in _stand_ins() if each.category == role), None)
    if stand_in is None:
        raise UnfitModule(
            role, "cannot be given: its family has no GivenNetwork node of this category. Add one to the family."
        )
    shared = {each.name for each in wires(stand_in)} | {each.name for each in parameters(stand_in)}
    # Parameters that describe the replaced network do not apply to the given one.
    shared -= {each.name for each in parameters(GivenNode)} | {"weights", "layers", "channels", "height", "width"}
    inputs = {name: value for name, value in node.inputs.items() if name in shared}
    return NodeData(stand_in.__name__, inputs, node.title)
