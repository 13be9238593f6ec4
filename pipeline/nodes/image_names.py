"""The name of the images that a workflow is trained on, as users know them."""

from pathlib import PurePath

from pipeline.formatting import shortened
from pipeline.graph.node import Node
from pipeline.nodes.checked_workflow import CheckedWorkflow
from pipeline.nodes.inputs.data import ImageData
from pipeline.nodes.inputs.files import ImageFiles
from pipeline.nodes.ports import ImagesPort

LONGEST = 80


def images_name(checked: CheckedWorkflow) -> str:
    """The name of the data set or of the file or folder, or the title of a node of another kind; several are joined
    with " + "."""
    report = checked.report
    names = [
        _name(report.nodes[node_id], report.titles[node_id])
        for node_id in checked.trained.giving(ImagesPort)
        # Others pass on the images of one of these.
        if not any(True for _ in checked.workflow.nodes[node_id].links())
    ]
    return shortened(" + ".join(dict.fromkeys(names)), LONGEST)


def _name(node: Node, title: str) -> str:
    match node:
        case ImageData():
            return node.dataset
        case ImageFiles():
            return PurePath(node.source).name or node.source
        case _:
            return title
