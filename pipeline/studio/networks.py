"""The layers of a workflow's networks: from a network's plan at once, or measured on the built network by the drawing
engine.

Networks that are plain torch modules have no plan. The shapes of weights always come from the built network.
"""

from pathlib import Path

from pipeline.errors.base import Fault
from pipeline.graph import document
from pipeline.graph.check import Report
from pipeline.models.layers import LayerTable, from_json, table_of
from pipeline.nodes import layer_tables
from pipeline.nodes.layer_tables import network
from pipeline.runtime.handle import TrainerHandle
from pipeline.runtime.messages.drawing_commands import Layers

SECONDS = 60.0


def known_layers(home: Path, report: Report, node_id: str) -> LayerTable | None:
    """The layers of this node's network without asking an engine; None if the engine has to be asked."""
    port = network(report, node_id)
    if port is None or port.plan is None:
        return stored_layers(home, report, node_id)
    return table_of(port.plan)


def stored_layers(home: Path, report: Report, node_id: str) -> LayerTable | None:
    """The stored table measured on this node's built network, with the shapes of its weights; None if there is none."""
    return layer_tables.load_table(home, report, node_id) if network(report, node_id) else None


def ask(drawer: TrainerHandle, report: Report, node_id: str) -> LayerTable:
    """Have the drawing engine build the network and measure the same table, which it stores.

    Raises CommandRefused, which says what cannot be built or called, or EngineGone.
    """
    command = Layers(workflow=document.write(report.workflow), node=node_id)
    table = from_json(drawer.ask(command, SECONDS).table)
    if table is None:
        raise Fault(
            "The drawing engine's answer cannot be read: it runs another version of Genscope. Restart the server."
        )
    return table
