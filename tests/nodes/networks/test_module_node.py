"""A node whose network is a plain torch module: checked without torch, built from its own seed, trained."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from pipeline.errors.training import NodeFailure
from pipeline.graph import document
from pipeline.graph.check import check
from pipeline.nodes.assemble import assemble, build_bare, build_node
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.ports import GeneratorPort
from pipeline.training.trainer import Trainer
from tests.nodes import plain_modules
from tests.nodes.plain_modules import skipping

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def own(tmp_path: Path) -> Iterator[None]:
    with plain_modules.loaded(tmp_path / "mine"):
        yield


def network(home: Path, seed: int = 0) -> torch.nn.Module:
    return build_node(check(skipping(), NODES), "generator", home, "cpu", seed).network


def test_shapes_are_known_before_anything_is_built():
    assert check(skipping(image_size=8), NODES).ports["generator"] == (GeneratorPort(None, (1, 8, 8), 10),)


def test_weights_depend_on_the_seed_alone_and_the_global_random_state_is_unchanged(tmp_path):
    before = torch.get_rng_state()
    first, again, other = network(tmp_path), network(tmp_path), network(tmp_path, seed=1)
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(first.first.weight, again.first.weight)
    assert not torch.equal(first.first.weight, other.first.weight)


def test_it_trains_like_any_other_network(tmp_path, one_thread):
    trainer = Trainer.fresh(assemble(skipping(), tmp_path))
    before = trainer.state.networks["generator"].first.weight.clone()
    for _ in trainer.stages():
        pass
    assert trainer.state.step == 1
    assert not torch.equal(trainer.state.networks["generator"].first.weight, before)


def test_on_the_meta_device_it_is_built_without_images_or_memory(tmp_path):
    with torch.device("meta"):
        part = build_bare(check(skipping(), NODES), "generator", tmp_path, "meta")
    assert part.network.first.weight.is_meta
    assert list(tmp_path.glob("*data*")) == []


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("made", "This width is unlucky (own_skip.py, line 36)."),
        ("no module", "its module() returns int, not a torch.nn.Module (own_skip.py, line 47)."),
    ],
)
def test_a_module_that_cannot_be_created_is_reported_at_its_node(fault, reason, tmp_path):
    with pytest.raises(NodeFailure) as raised:
        assemble(skipping(fault=fault), tmp_path)
    assert str(raised.value) == f"Skipping (generator) failed to be built: {reason}"
    assert raised.value.node_id == "generator"


def test_check_on_the_command_line_finds_a_mismatch_and_loads_no_torch(tmp_path):
    path = tmp_path / "workflow.json"
    path.write_text(document.write(skipping(image_size=12)))
    script = (
        "import sys\n"
        "from pipeline.__main__ import main\n"
        f"code = main(['check', {str(path)!r}])\n"
        "assert 'torch' not in sys.modules\n"
        "sys.exit(code)\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=os.environ | {"GENSCOPE_NODES": str(tmp_path / "mine")},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert found.returncode == 2, found.stderr
    assert "12×12" in found.stdout + found.stderr and "8×8" in found.stdout + found.stderr


def test_lazy_layers_are_initialised_when_built(tmp_path, one_thread):
    lazy = plain_modules.NETWORKS.replace("nn.Linear(latent_dim, width)", "nn.LazyLinear(width)")
    plain_modules.write(tmp_path / "mine", lazy)
    first, again = network(tmp_path), network(tmp_path)
    assert first.first.weight.shape == (16, 10) and first.training
    assert torch.equal(first.first.weight, again.first.weight)
    with torch.device("meta"):
        assert build_bare(check(skipping(), NODES), "generator", tmp_path, "meta").network.first.weight.is_meta
    assert Trainer.fresh(assemble(skipping(), tmp_path)).slice(2, seconds=60).steps == 2
