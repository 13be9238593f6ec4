"""Layer tables: measured by the engines on the network itself, without images, and stored."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from pipeline.data import sources
from pipeline.engine import launching, layers
from pipeline.engine.drawing_worker import DrawingWorker
from pipeline.errors.base import GenscopeError, Refusal
from pipeline.errors.training import NodeFailure
from pipeline.graph import document, edit
from pipeline.graph.check import Report, check
from pipeline.graph.workflow import Workflow
from pipeline.models.layers import LayerRow, from_json
from pipeline.nodes import layer_tables
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.checked_workflow import check_workflow as sound
from pipeline.runs.store import Store
from pipeline.runtime.messages.drawing_commands import Layers
from tests.nodes import plain_modules
from tests.nodes.plain_modules import skipping


@pytest.fixture(autouse=True)
def own(tmp_path: Path) -> Iterator[None]:
    with plain_modules.loaded(tmp_path / "mine"):
        yield


@pytest.fixture
def no_images(monkeypatch: pytest.MonkeyPatch) -> None:
    def unavailable(*arguments: object) -> None:
        raise AssertionError("no images may be loaded")

    monkeypatch.setattr(sources, "load", unavailable)


def checked(**inputs: object) -> Report:
    return check(skipping(**inputs), NODES)


def ask(home: Path, workflow: Workflow, node: str):
    """The drawing engine's answer to a request for the layers of this node's network."""
    worker = DrawingWorker(home)
    try:
        return from_json(worker.obey(Layers(workflow=document.write(workflow), node=node)).table)
    finally:
        worker.close()


@pytest.mark.usefixtures("no_images")
def test_the_drawing_engine_answers_with_the_layers_of_a_plain_module(home: Path) -> None:
    table = ask(home, skipping(width=4), "generator")
    assert (
        table.rows
        == (
            LayerRow("first", (4,), 44, 40),
            LayerRow("second", (64,), 14 * 64, 14 * 64),
            LayerRow("Skipping", (1, 8, 8), 0, 0),
        )[: len(table.rows)]
    )
    assert table.weights == {"first.weight": (4, 10), "first.bias": (4,), "second.weight": (64, 14)}
    assert layer_tables.load_table(home, checked(width=4), "generator") == table


@pytest.mark.usefixtures("no_images")
def test_a_stored_table_is_not_measured_again(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = layers.layer_table(home, checked(), "generator")
    monkeypatch.setattr(layers, "measure_layers", None)
    assert layers.layer_table(home, checked(), "generator") == first
    with pytest.raises(NodeFailure):
        layers.layer_table(home, checked(width=5), "generator")


def test_a_network_is_measured_with_the_changes_of_the_nodes_after_it(
    home: Path, small: Callable[..., Workflow]
) -> None:
    workflow, normalized = edit.insert_node(small(), "SpectralNorm", "discriminator", NODES)
    report = check(workflow, NODES)
    plain, changed = (layers.layer_table(home, report, node) for node in ("discriminator", normalized))
    assert changed.normalized and not plain.normalized
    assert changed.rows == plain.rows and set(changed.weights) != set(plain.weights)


def test_a_module_that_reads_tensor_values_is_measured_with_real_tensors(home: Path) -> None:
    before = torch.get_rng_state()
    found = layers.layer_table(home, checked(fault="looks"), "generator")
    assert found == layers.layer_table(home, checked(fault="none"), "generator")
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("made", "Skipping (generator) failed to be built: This width is unlucky (own_skip.py, line 36)."),
        ("called", "Skipping (generator) failed to show its layers: mat1 and mat2 shapes cannot be multiplied"),
        ("exits", "Skipping (generator) failed to show its layers: SystemExit: 3"),
        (
            "no module",
            "Skipping (generator) failed to be built: its module() returns int, not a torch.nn.Module "
            "(own_skip.py, line 47).",
        ),
    ],
)
def test_a_module_that_cannot_be_built_or_called_is_an_error_and_is_not_stored(home, fault, sentence) -> None:
    with pytest.raises(NodeFailure) as raised:
        ask(home, skipping(fault=fault), "generator")
    assert str(raised.value).startswith(sentence)
    assert not (home / "layers").exists()


def test_only_valid_networks_have_layers(home: Path) -> None:
    for node in ("data", "nobody", "../../etc"):
        with pytest.raises(Refusal, match="no network"):
            ask(home, skipping(), node)
    with pytest.raises(Refusal, match="no network 'generator'"):
        ask(home, skipping(width=-1), "generator")
    with pytest.raises(GenscopeError):
        DrawingWorker(home).obey(Layers(workflow="{", node="generator"))


def test_a_workflow_with_problems_elsewhere_shows_the_layers_of_its_valid_networks(home: Path) -> None:
    workflow = edit.remove_node(skipping(), "training", NODES)
    assert ask(home, workflow, "generator") == layers.layer_table(home, checked(), "generator")


def test_starting_a_run_stores_the_tables_of_its_networks(home: Path) -> None:
    with Store(home) as store:
        launching.start(store, sound(skipping()), "Ada").close()
    report = checked()
    assert layer_tables.load_table(home, report, "generator").weights["first.weight"] == (16, 10)
    assert layer_tables.load_table(home, report, "discriminator").parameters > 0


def test_a_run_starts_even_if_a_table_cannot_be_made_or_stored(home: Path, monkeypatch) -> None:
    (home / "layers").write_text("in the way")

    def run(workflow: Workflow) -> int:
        with Store(home) as store:
            started = launching.start(store, sound(workflow), "Ada")
            started.close()
            return started.step

    assert run(skipping()) == 0
    assert run(skipping(fault="looks")) == 0
    monkeypatch.setattr(layers, "networks", None)
    assert run(replace(skipping(), name="again")) == 0


def test_measuring_layers_does_not_change_the_random_state(home: Path) -> None:
    before = torch.get_rng_state()
    layers.keep_tables(sound(skipping()), home)
    assert len(list((home / "layers").iterdir())) == 2
    assert torch.equal(torch.get_rng_state(), before)


def test_a_network_too_large_for_memory_is_measured_without_allocating_it_or_refused(
    home: Path, tmp_path: Path
) -> None:
    attic = "super().__init__()\n        self.attic = nn.Linear(100_000, 100_000)"
    huge = plain_modules.NETWORKS.replace("super().__init__()", attic)
    plain_modules.write(tmp_path / "mine", huge)
    assert layers.layer_table(home, checked(), "generator").parameters > 10**10
    with pytest.raises(NodeFailure, match="Skipping \\(generator\\) failed to show its layers"):
        layers.layer_table(home, checked(fault="looks"), "generator")
