"""What the table of a network's layers is kept by: all that its shapes follow from, and nothing else."""

from pathlib import Path

import pytest

import pipeline
from pipeline.graph import edit
from pipeline.graph.check import Report, check
from pipeline.models.layers import LayerRow, LayerTable
from pipeline.nodes import layer_tables
from pipeline.nodes.catalogue import NODES
from tests.nodes import plain_modules
from tests.nodes.plain_modules import NETWORKS, skipping

TABLE = LayerTable((LayerRow("linear", (3,), 15, 12),), 15, 12, {"linear.weight": (3, 5)})


@pytest.fixture
def report(small):
    """report("dcgan", "noise.dim=8"): a checked template with settings."""

    def checked(name: str, *settings: str) -> Report:
        found = check(small(name, *settings), NODES)
        assert found.ok
        return found

    return checked


def test_a_table_that_is_kept_is_found_again_and_a_damaged_one_is_not(report, tmp_path):
    of = report("dcgan"), "generator"
    assert layer_tables.kept(tmp_path, *of) is None
    layer_tables.keep(tmp_path, *of, TABLE)
    assert layer_tables.kept(tmp_path, *of) == TABLE
    assert layer_tables.kept(tmp_path, of[0], "discriminator") is None
    (file,) = (tmp_path / "layers").iterdir()
    file.write_text(TABLE.json()[:-9])
    assert layer_tables.kept(tmp_path, *of) is None


def test_it_belongs_to_the_parameters_and_to_what_comes_in(report):
    def key(*settings: str, node: str = "generator") -> str:
        return layer_tables.key_of(report("dcgan", *settings), node)

    assert key() == key("training.batch_size=32", "discriminator.base_channels=16", "samples.count=9")
    assert len({key(), key("generator.base_channels=16"), key("noise.dim=9"), key(node="discriminator")}) == 4


def test_it_belongs_to_the_version(report, monkeypatch):
    before = layer_tables.key_of(report("dcgan"), "generator")
    monkeypatch.setattr(pipeline, "VERSION", "9.9.9")
    assert layer_tables.key_of(report("dcgan"), "generator") != before


def test_of_a_node_that_changes_a_network_it_belongs_to_the_nodes_before_it_too(tmp_path):
    def key(width: int) -> str:
        workflow, normalized = edit.insert_node(skipping(), "SpectralNorm", "discriminator", NODES)
        workflow = edit.apply_settings(workflow, [f"discriminator.hidden={width}"], NODES)
        return layer_tables.key_of(check(workflow, NODES), normalized)

    with plain_modules.loaded(tmp_path):
        assert key(16) == key(16) != key(17)


def test_of_a_node_of_ones_own_it_belongs_to_every_file_beside_it_as_it_was_when_loaded(tmp_path):
    def key(networks: str = NETWORKS) -> str:
        with plain_modules.loaded(tmp_path, networks):
            plain_modules.write(tmp_path, "changed since")
            return layer_tables.key_of(check(skipping(), NODES), "generator")

    assert key() == key() != key(NETWORKS + "\n# wider\n")


def test_a_file_that_cannot_be_read_stops_nothing(tmp_path: Path):
    (tmp_path / "_elsewhere.py").symlink_to(tmp_path / "nowhere.py")
    with plain_modules.loaded(tmp_path):
        assert len(layer_tables.key_of(check(skipping(), NODES), "generator")) == 64
