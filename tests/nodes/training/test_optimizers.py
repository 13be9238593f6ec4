"""Optimizer nodes: each equals torch's optimizer, has live options, and resumes exactly."""

import pytest
import torch

from pipeline.graph.check import check
from pipeline.graph.edit import add_node, connect, set_parameter
from pipeline.graph.node import Link
from pipeline.nodes.assemble import assemble
from pipeline.nodes.catalogue import NODES
from pipeline.training.checkpoint import load, save
from pipeline.training.experiment import begin
from pipeline.training.trainer import Trainer

KINDS = ("Adam", "AdamW", "RMSprop", "SGD")
TINY = ("generator.hidden=8", "discriminator.hidden=8", "training.batch_size=8", "noise.dim=4")

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def with_optimizer(small):
    """with_optimizer("SGD", momentum=0.5): a small mlp-gan whose generator has this optimizer, and the node's id."""

    def make(kind: str, **options: object):
        workflow, own = add_node(small("mlp-gan", *TINY), kind, NODES)
        workflow = connect(workflow, own, "network", Link("generator"))
        workflow = connect(workflow, "training", "generator_optimizer", Link(own))
        for name, value in options.items():
            workflow = set_parameter(workflow, own, name, value, NODES)
        return workflow, own

    return make


@pytest.mark.parametrize(
    ("kind", "options", "reference"),
    [
        ("Adam", {"beta1": 0.5}, lambda weights: torch.optim.Adam(weights, lr=0.01, betas=(0.5, 0.999))),
        (
            "AdamW",
            {"weight_decay": 0.3},
            lambda weights: torch.optim.AdamW(weights, lr=0.01, betas=(0.9, 0.999), weight_decay=0.3),
        ),
        (
            "RMSprop",
            {"alpha": 0.9, "momentum": 0.5},
            lambda weights: torch.optim.RMSprop(weights, lr=0.01, alpha=0.9, momentum=0.5),
        ),
        (
            "SGD",
            {"momentum": 0.5, "nesterov": True},
            lambda weights: torch.optim.SGD(weights, lr=0.01, momentum=0.5, nesterov=True),
        ),
    ],
)
def test_each_optimizer_updates_weights_as_torchs_does(with_optimizer, tmp_path, kind, options, reference):
    workflow, _ = with_optimizer(kind, learning_rate=0.01, **options)
    part = assemble(workflow, tmp_path).optimizers["generator"]
    moved = []
    for make in (part.make, reference):
        weights = torch.nn.Parameter(torch.linspace(-1, 1, 7))
        optimizer = make([weights])
        for factor in (1.0, -0.5, 2.0):
            weights.grad = factor * weights.detach() + 0.1
            optimizer.step()
        moved.append(weights.detach())
    torch.testing.assert_close(*moved)


def test_a_weight_without_gradient_shrinks_by_weight_decay_times_the_learning_rate(with_optimizer, tmp_path):
    workflow, _ = with_optimizer("AdamW", learning_rate=0.1, weight_decay=0.5)
    weights = torch.nn.Parameter(torch.ones(3))
    weights.grad = torch.zeros(3)
    assemble(workflow, tmp_path).optimizers["generator"].make([weights]).step()
    torch.testing.assert_close(weights.detach(), torch.full((3,), 0.95))


@pytest.mark.parametrize("kind", KINDS)
def test_every_live_option_reaches_the_optimizer(with_optimizer, tmp_path, kind):
    workflow, own = with_optimizer(kind)
    trainer = Trainer.fresh(assemble(workflow, tmp_path))
    options = {
        "learning_rate": "lr",
        "alpha": "alpha",
        "weight_decay": "weight_decay",
        "momentum": "momentum",
    }
    live = [key.removeprefix(f"{own}.") for key in trainer.state.live if key.startswith(f"{own}.")]
    assert {"learning_rate", "clip_norm"} <= set(live)
    for name in live:
        trainer.set_live(f"{own}.{name}", 0.125)
    group = trainer.state.optimizers["generator"].param_groups[0]
    assert [group[options[name]] for name in live if name in options] == [0.125] * len(set(live) & set(options))
    if "beta1" in live:
        assert group["betas"] == (0.125, 0.125)
    trainer.step()


def test_momentum_can_be_turned_on_and_off_during_a_run(with_optimizer, tmp_path):
    workflow, own = with_optimizer("SGD", momentum=0.0, nesterov=True)
    assert check(workflow, NODES).ok
    trainer = Trainer.fresh(assemble(workflow, tmp_path))
    trainer.step()
    trainer.set_live(f"{own}.momentum", 0.9)
    trainer.slice(2, seconds=60)
    trainer.set_live(f"{own}.momentum", 0.0)
    assert trainer.slice(2, seconds=60).steps == 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_resumed_run_equals_the_uninterrupted_one(with_optimizer, tmp_path, kind):
    options = {"momentum": 0.5} if kind in ("RMSprop", "SGD") else {}
    experiment = assemble(with_optimizer(kind, clip_norm=0.1, **options)[0], tmp_path)
    through = Trainer.fresh(experiment)
    through.slice(2, seconds=60)
    save(tmp_path / "at two", through.state, {})
    through.slice(2, seconds=60)
    resumed = Trainer(experiment, begin(experiment))
    load(tmp_path / "at two", resumed.state)
    resumed.slice(2, seconds=60)
    for role, network in through.state.networks.items():
        pairs = zip(network.parameters(), resumed.state.networks[role].parameters(), strict=True)
        assert all(torch.equal(*pair) for pair in pairs), role


def test_clipping_shortens_the_step_and_not_the_recorded_norm(with_optimizer, tmp_path):
    found = {}
    for limit in (0.0, 1e-4):
        workflow, _ = with_optimizer("SGD", learning_rate=1.0, momentum=0.0, clip_norm=limit)
        trainer = Trainer.fresh(assemble(workflow, tmp_path))
        before = torch.cat([w.detach().flatten().clone() for w in trainer.state.networks["generator"].parameters()])
        done = trainer.step()
        after = torch.cat([w.detach().flatten() for w in trainer.state.networks["generator"].parameters()])
        found[limit] = done.values[0, done.names.index("G_grad_norm")], (after - before).norm().item()
    (norm, plain), (same_norm, clipped) = found.values()
    assert norm == same_norm
    assert plain == pytest.approx(norm, rel=1e-3)
    assert clipped == pytest.approx(1e-4, rel=1e-2)


def test_an_older_run_without_a_live_option_continues_with_its_default(with_optimizer, tmp_path):
    workflow, own = with_optimizer("Adam")
    trainer = Trainer.fresh(assemble(workflow, tmp_path))
    captured = trainer.capture()
    del captured.live[f"{own}.clip_norm"]  # type: ignore[attr-defined]
    trainer.restore(captured)
    assert trainer.state.live[f"{own}.clip_norm"] == 0
    trainer.step()
