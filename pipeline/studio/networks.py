"""The layers of a workflow's networks: of a plan at once, of a plain torch module as the drawing engine has read them.

Only what was read off the built network tells the shapes of its weights, whichever kind it is.
"""

from pathlib import Path

from pipeline.errors.base import Fault
from pipeline.graph import document
from pipeline.graph.check import Report
from pipeline.models.layers import LayerTable, from_json, table_of
from pipeline.nodes import layer_tables
from pipeline.nodes.layer_tables import network
from pipeline.runtime.handle import TrainerHandle
from pipeline.runtime.messages import Command

SECONDS = 60.0


def at_once(home: Path, report: Report, node_id: str) -> LayerTable | None:
    """The layers of this node's network without asking an engine; None where one has to be asked."""
    port = network(report, node_id)
    if port is None or port.plan is None:
        return read_off(home, report, node_id)
    return table_of(port.plan)


def read_off(home: Path, report: Report, node_id: str) -> LayerTable | None:
    """What was once read off the built network of this node, with the shapes of its weights; None where nothing was."""
    return layer_tables.kept(home, report, node_id) if network(report, node_id) else None


def ask(drawer: TrainerHandle, report: Report, node_id: str) -> LayerTable:
    """The same, read off now by the drawing engine, which keeps it.

    Raises CommandRefused with the sentence of what cannot be built or called, EngineGone.
    """
    arguments = {"workflow": document.write(report.workflow), "node": node_id}
    table = from_json(drawer.ask(Command("layers", arguments=arguments), SECONDS).values["table"])
    if table is None:
        raise Fault("The layers that the drawing engine has answered cannot be read: it is of another version.")
    return table
