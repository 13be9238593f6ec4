"""Turn the nodes of a workflow into their finished parts, in topological order."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from pipeline.errors.data import ReadingStopped, UnusableSource
from pipeline.errors.training import MadeInPython, NodeFailure
from pipeline.graph.check import Report
from pipeline.graph.form import wires
from pipeline.graph.node import Port
from pipeline.graph.workflow import ancestors
from pipeline.nodes.building import Building
from pipeline.nodes.ports import ImagesPort


def build_parts(report: Report, wanted: Collection[str], building: Building, images: bool) -> dict[str, Any]:
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
