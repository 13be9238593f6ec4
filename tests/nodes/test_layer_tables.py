"""The key of a stored layer table: it covers all that determines the network's shapes, and nothing else."""

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
    """report("dcgan", "noise.dim=8"): the check of a template with these settings."""

    def checked(name: str, *settings: str) -> Report:
        found = check(small(name, *settings), NODES)
        assert found.ok
        return found

    return checked


def test_a_stored_table_is_found_and_a_damaged_one_is_ignored(report, tmp_path):
    of = report("dcgan"), "generator"
    assert layer_tables.load_table(tmp_path, *of) is None
    layer_tables.store_table(tmp_path, *of, TABLE)
    assert layer_tables.load_table(tmp_path, *of) == TABLE
    assert layer_tables.load_table(tmp_path, of[0], "discriminator") is None
    (file,) = (tmp_path / "layers").iterdir()
    file.write_text(TABLE.json()[:-9])
    assert layer_tables.load_table(tmp_path, *of) is None


def test_the_key_depends_on_the_parameters_and_the_inputs(report):
    def key(*settings: str, node: str = "generator") -> str:
        return layer_tables.key_of(report("dcgan", *settings), node)

    assert key() == key("training.batch_size=32", "discriminator.base_channels=16", "samples.count=9")
    assert len({key(), key("generator.base_channels=16"), key("noise.dim=9"), key(node="discriminator")}) == 4


def test_the_key_depends_on_the_version(report, monkeypatch):
    before = layer_tables.key_of(report("dcgan"), "generator")
    monkeypatch.setattr(pipeline, "VERSION", "9.9.9")
    assert layer_tables.key_of(report("dcgan"), "generator") != before


def test_the_key_of_a_node_that_modifies_a_network_depends_on_the_nodes_before_it(tmp_path):
    def key(width: int) -> str:
        workflow, normalized = edit.insert_node(skipping(), "SpectralNorm", "discriminator", NODES)
        workflow = edit.apply_settings(workflow, [f"discriminator.hidden={width}"], NODES)
        return layer_tables.key_of(check(workflow, NODES), normalized)

    with plain_modules.loaded(tmp_path):
        assert key(16) == key(16) != key(17)


def test_the_key_of_a_custom_node_depends_on_all_files_in_its_folder_as_loaded(tmp_path):
    def key(networks: str = NETWORKS) -> str:
        with plain_modules.loaded(tmp_path, networks):
            plain_modules.write(tmp_path, "changed since")
            return layer_tables.key_of(check(skipping(), NODES), "generator")

    assert key() == key() != key(NETWORKS + "\n# wider\n")


def test_an_unreadable_file_does_not_prevent_a_key(tmp_path: Path):
    (tmp_path / "_elsewhere.py").symlink_to(tmp_path / "nowhere.py")
    with plain_modules.loaded(tmp_path):
        assert len(layer_tables.key_of(check(skipping(), NODES), "generator")) == 64
