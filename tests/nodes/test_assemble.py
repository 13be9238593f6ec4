from typing import ClassVar

import pytest
import torch

from pipeline.errors.training import NodeFailure, UnknownDevice
from pipeline.errors.workflow import InvalidWorkflow
from pipeline.graph.check import check
from pipeline.graph.edit import add_node, connect, remove_node, set_parameter
from pipeline.graph.node import Category, Link, Node, Port
from pipeline.graph.registry import Registry
from pipeline.graph.workflow import NodeData, Workflow
from pipeline.nodes.assemble import assemble, build_node
from pipeline.nodes.building import Building
from pipeline.nodes.catalogue import NODES
from pipeline.ranks.ranks import Ranks


def weights(experiment, role="generator"):
    return torch.cat([parameter.flatten() for parameter in experiment.networks[role].parameters()])


def test_a_workflow_becomes_an_experiment(small, tmp_path):
    experiment = assemble(small("wgan-gp", "training.total_steps=7", "samples.count=9"), tmp_path)
    assert experiment.node == "training"
    assert experiment.nodes == {"generator": "generator", "discriminator": "discriminator"}
    assert experiment.settings.total_steps == 7
    assert experiment.settings.device == torch.device("cpu")
    assert experiment.samples.count == 9
    assert "gradient_penalty" in experiment.series
    assert experiment.live["gradient_penalty.penalty_weight"] == 10.0
    assert experiment.live["generator_optimizer.beta1"] == 0.0
    assert [update.name for update in experiment.updates][-1] == "generator"


def test_an_invalid_workflow_is_refused_with_all_problems(small, tmp_path):
    with pytest.raises(InvalidWorkflow) as caught:
        assemble(small("dcgan", "training.batch_size=0", "noise.dim=0"), tmp_path)
    assert len(caught.value.problems) == 2


def test_the_weights_of_networks_depend_only_on_the_seed(small, tmp_path):
    workflow = small("dcgan")
    first, again = assemble(workflow, tmp_path, seed=1), assemble(workflow, tmp_path, seed=1)
    other = assemble(workflow, tmp_path, seed=2)
    assert torch.equal(weights(first), weights(again))
    assert not torch.equal(weights(first), weights(other))
    assert first.settings.seed == 1


def test_a_workflow_needs_no_sample_grid(small, tmp_path):
    assert assemble(remove_node(small("dcgan"), "samples", NODES), tmp_path).samples is None


def test_an_unused_node_is_not_built(small, tmp_path):
    workflow, spare = add_node(small("dcgan"), "ImageData", NODES)
    workflow = set_parameter(workflow, spare, "dataset", "mnist", NODES)
    assemble(workflow, tmp_path)
    assert not list(tmp_path.rglob("*mnist*"))


def test_a_node_that_fails_to_build_is_named(tmp_path):
    class Broken(Node):
        """Cannot be built."""

        title: ClassVar[str] = "Broken"
        category: ClassVar[Category] = "noise"
        outputs: ClassVar[tuple[type[Port], ...]] = ()

        def infer(self) -> None:
            return None

        def build(self, building: Building) -> None:
            raise ZeroDivisionError

    registry = Registry()
    registry.register(Broken)
    report = check(Workflow("", {"fragile": NodeData("Broken", {})}), registry)
    with pytest.raises(NodeFailure, match=r"Broken \(fragile\) failed to be built: ZeroDivisionError") as caught:
        build_node(report, "fragile", tmp_path, "cpu", seed=0)
    assert caught.value.node_id == "fragile"


def test_a_generator_is_built_without_its_data(small, tmp_path):
    workflow = small("dcgan", "noise.dim=5")
    part = build_node(check(workflow, NODES), "generator", tmp_path, "cpu", seed=1)
    assert part.network(torch.zeros(2, 5)).shape == (2, 1, 8, 8)
    assert part.latents.dim == 5
    assert list(tmp_path.iterdir()) == []
    assert torch.equal(
        next(part.network.parameters()), next(assemble(workflow, tmp_path, seed=1).networks["generator"].parameters())
    )


def test_each_of_several_processes_trains_on_its_share_of_the_batch(small, tmp_path):
    settings = assemble(small("dcgan", "training.batch_size=8"), tmp_path, ranks=Ranks(index=1, count=4)).settings
    assert (settings.ranks.index, settings.batch_size, settings.share) == (1, 8, 2)


def test_an_optimizer_may_have_any_id(small, tmp_path):
    workflow, extra = add_node(small("mlp-gan"), "Adam", NODES)
    workflow = connect(workflow, extra, "network", Link("generator"))
    workflow = connect(workflow, "training", "generator_optimizer", Link(extra))
    experiment = assemble(workflow, tmp_path)
    assert experiment.optimizers["generator"].node == extra
    assert "generator_optimizer.learning_rate" not in experiment.live
    assert experiment.live[f"{extra}.learning_rate"] == 0.0002


def test_a_missing_device_is_refused(small, tmp_path):
    with pytest.raises(UnknownDevice, match=r"no device 'cuda:99'; it has cpu"):
        assemble(small("dcgan"), tmp_path, device="cuda:99")
    with pytest.raises(UnknownDevice):
        assemble(small("dcgan", "training.device=cuda:99"), tmp_path)
