"""The layers of a workflow's networks, with and without asking the drawing engine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.engine.layers import layer_table
from pipeline.errors.base import Fault
from pipeline.graph import edit
from pipeline.nodes import layer_tables
from pipeline.nodes.catalogue import NODES
from pipeline.runtime.messages.answers import NetworkLayers
from pipeline.runtime.messages.drawing_commands import Layers
from pipeline.studio import networks, workflows
from tests.nodes import plain_modules

DCGAN = workflows.open_template("dcgan")


@pytest.fixture
def own(tmp_path: Path) -> Iterator[None]:
    with plain_modules.loaded(tmp_path / "mine"):
        yield


class Drawer:
    """Stands in for the drawing engine. asked: the commands received."""

    def __init__(self, table: str) -> None:
        self.table = table
        self.asked: list[Layers] = []

    def ask(self, command, timeout):
        self.asked.append(command)
        return NetworkLayers(table=self.table)


def test_only_a_network_with_a_plan_shows_its_layers_at_once(home):
    report = workflows.report(DCGAN)
    table = networks.known_layers(home, report, "generator")
    assert table.rows[-1].output_shape == (1, 28, 28)
    assert table.weights == {} and networks.stored_layers(home, report, "generator") is None
    assert networks.known_layers(home, report, "data") is None
    assert networks.known_layers(home, report, "nobody") is None


def test_a_network_with_unknown_shapes_shows_no_layers(home):
    unwired = workflows.report(edit.remove_node(DCGAN, "noise", NODES))
    assert networks.known_layers(home, unwired, "generator") is None


@pytest.mark.usefixtures("own")
def test_the_layers_of_a_plain_module_are_stored_once_read_off(home):
    report = workflows.report(plain_modules.skipping())
    assert networks.known_layers(home, report, "generator") is None
    table = layer_table(home, report, "generator")
    assert (
        networks.known_layers(home, report, "generator") == table == networks.stored_layers(home, report, "generator")
    )


@pytest.mark.usefixtures("own")
def test_the_engine_gets_the_whole_workflow(home):
    report = workflows.report(plain_modules.skipping())
    table = layer_table(home, report, "generator")
    drawer = Drawer(table.json())
    assert networks.ask(drawer, report, "generator") == table
    (asked,) = drawer.asked
    assert asked.node == "generator"
    again = workflows.checked(asked.workflow)
    assert layer_tables.key_of(again, "generator") == layer_tables.key_of(report, "generator")


def test_an_answer_of_another_version_is_a_clear_error():
    with pytest.raises(Fault, match="another version"):
        networks.ask(Drawer("{}"), workflows.report(DCGAN), "generator")
