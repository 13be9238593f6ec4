"""Read the data set and augmentations from a workflow's nodes, and put a chosen data set into a workflow."""

from pipeline.data.sets import FACTS
from pipeline.graph import edit
from pipeline.graph.category import COMMON
from pipeline.graph.check import Report
from pipeline.graph.fitting import Fitted, fit
from pipeline.graph.form import parameters, wires
from pipeline.graph.node import Link
from pipeline.graph.workflow import Json, NodeData, Workflow, ancestors
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.inputs.augment import Augment
from pipeline.nodes.inputs.data import ImageData
from pipeline.nodes.inputs.files import ImageFiles
from pipeline.nodes.ports import ImagesPort
from pipeline.studio import workflows
from pipeline.studio.data.datasets import DataChoice, Strengths


def data_node(workflow: Workflow) -> str:
    """Id of the node that the training images come from; "" if there is none."""
    found = [node_id for node_id, node in workflow.nodes.items() if _is_data(node)]
    trained = [
        node_id
        for node_id, node in workflow.nodes.items()
        if (node_class := NODES.get(node.class_type)) and node_class.category == "training"
    ]
    parents = workflow.parents()
    used = [node_id for node_id in found if any(node_id in ancestors(each, parents) for each in trained)]
    return next(iter([*used, *found]), "")


def choice_of(report: Report) -> DataChoice | None:
    """The data set of a workflow; None if it has none, or if its node is of another type."""
    match report.nodes.get(data_node(report.workflow)):
        case ImageData() as node:
            return DataChoice(node.dataset, node.image_size or FACTS[node.dataset].size)
        case ImageFiles() as node:
            return DataChoice(
                node.source, node.image_size, node.fit, node.channels, node.held_out, node.shades, node.rules
            )
        case _:
            return None


def augmentations(report: Report) -> tuple[tuple[str, Strengths], ...]:
    """Title and strengths of each Augment node behind the workflow's data node, in the order of application."""
    nodes = {node_id: node for node_id, node in report.nodes.items() if isinstance(node, Augment)}
    chain, at = list[str](), data_node(report.workflow)
    # If a node feeds two Augment nodes, follow the first. Stop at cycles, which an unchecked workflow may have.
    while after := [node_id for node_id, node in nodes.items() if node.images == Link(at) and node_id not in chain]:
        at = after[0]
        chain.append(at)
    return tuple((report.titles[node_id], strengths(nodes[node_id])) for node_id in chain)


def strengths(node: Augment) -> Strengths:
    """The strengths of an augmentation by name."""
    return {each.name: float(getattr(node, each.name)) for each in parameters(Augment)}


def replace_data(workflow: Workflow, choice: DataChoice) -> Fitted:
    """Replace the workflow's data node by one for this set, with the same id and wires.

    Networks that generate images of another size, channel count or class count are set to those of the data set if that
    makes them valid; otherwise they are left as they are, and the check reports what does not fit.
    """
    before, node_id = choice_of(workflows.report(workflow)), data_node(workflow)
    if before == choice:
        return Fitted(workflow)
    # A custom title, such as "Real digits", belongs to the old set.
    title = workflow.nodes[node_id].title if before and before.source == choice.source else ""
    if not node_id:
        workflow, node_id = _with_data(workflow)
    # The range of values belongs to the networks, not to the set; when images are decoded, to the set, and no field of
    # the Data page says it.
    own = ("value_range", "decoding") if before and before.source == choice.source else ("value_range",)
    kept = {name: value for name, value in workflow.nodes[node_id].inputs.items() if name in own}
    node = NodeData("ImageData" if choice.named else "ImageFiles", {**_inputs(choice), **kept}, title)
    return _fitted(edit.replace_node(workflow, node_id, node), node_id)


def _is_data(node: NodeData) -> bool:
    node_class = NODES.get(node.class_type)
    return node_class is not None and node_class.outputs == (ImagesPort,) and not wires(node_class)


def _inputs(choice: DataChoice) -> dict[str, Json]:
    if choice.named:
        own = FACTS[choice.source].size
        return {"dataset": choice.source, "image_size": 0 if choice.image_size == own else choice.image_size}
    return {
        "source": choice.source,
        "image_size": choice.image_size,
        "fit": choice.fit,
        "channels": choice.channels,
        "shades": choice.shades,
        "held_out": choice.held_out,
        **({} if choice.rules == DataChoice.rules else {"rules": choice.rules}),
    }


def _with_data(workflow: Workflow) -> tuple[Workflow, str]:
    """Add a data node to a workflow without one, wired to every node that lacks images; also returns its id."""
    found, data = edit.add_node(workflow, "ImageData", NODES)
    for node_id, other in workflow.nodes.items():
        node_class = NODES.get(other.class_type)
        for wire in wires(node_class) if node_class else ():
            if wire.port is ImagesPort and wire.name not in other.inputs:
                found = edit.connect(found, node_id, wire.name, Link(data))
    return found, data


def _fitted(workflow: Workflow, data: str) -> Fitted:
    """The workflow with its networks set to the images of node `data`, if that makes them valid."""
    roles = NODES.categories.keys() - COMMON.keys()
    fitted = fit(workflow, NODES, {each for each, node in workflow.nodes.items() if _category(node) in roles})
    touched = {data, *(each for each, node in workflow.nodes.items() if fitted.workflow.nodes[each] != node)}
    problems = workflows.report(fitted.workflow).problems
    return Fitted(workflow) if any(problem.node in touched for problem in problems) else fitted


def _category(node: NodeData) -> str:
    category = NODES.category_of(node.class_type)
    return category.name if category else ""
