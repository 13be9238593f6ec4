"""The spectral normalization node: check, training and probes."""

import pytest
import torch
from torch.nn.utils.parametrize import is_parametrized

from pipeline.graph.check import check
from pipeline.graph.edit import add_node, connect
from pipeline.graph.node import Link
from pipeline.inspection.probes import probed_step
from pipeline.nodes.assemble import assemble
from pipeline.nodes.catalogue import NODES
from pipeline.training.trainer import Trainer


def normalized(workflow):
    """The workflow with a SpectralNorm node after its discriminator, and the new node's id."""
    workflow, added = add_node(workflow, "SpectralNorm", NODES)
    workflow = connect(workflow, added, "discriminator", Link("discriminator"))
    workflow = connect(workflow, "objective", "discriminator", Link(added))
    return connect(workflow, "discriminator_optimizer", "network", Link(added)), added


@pytest.fixture
def workflow(small):
    return normalized(small("mlp-gan", "discriminator.hidden=16,8", "generator.hidden=16", "noise.dim=5"))[0]


def test_a_workflow_with_spectral_norm_is_valid_and_has_the_same_layers(small):
    workflow, added = normalized(small("mlp-gan"))
    report = check(workflow, NODES)
    assert report.sentences() == []
    plain, after = report.ports["discriminator"][0].plan, report.ports[added][0].plan  # type: ignore[attr-defined]
    assert after.layers == plain.layers
    assert (plain.spectral_norm, after.spectral_norm) == (False, True)


def test_an_optimizer_still_connected_to_the_plain_discriminator_is_refused(small):
    workflow, _ = normalized(small("mlp-gan"))
    wrong = connect(workflow, "discriminator_optimizer", "network", Link("discriminator"))
    (sentence,) = check(wrong, NODES).sentences()
    assert "updates another discriminator" in sentence


def test_a_second_spectral_norm_is_refused(workflow):
    workflow, second = add_node(workflow, "SpectralNorm", NODES)
    (first,) = (node for node, data in workflow.nodes.items() if data.class_type == "SpectralNorm" and node != second)
    workflow = connect(workflow, second, "discriminator", Link(first))
    (problem,) = [problem for problem in check(workflow, NODES).problems if problem.node == second]
    assert problem.input_name == "discriminator" and "already" in problem.message


def test_it_normalizes_the_discriminators_weights_and_belongs_to_its_node(workflow, small, tmp_path):
    plain = assemble(small("mlp-gan", "discriminator.hidden=16,8"), tmp_path, seed=1).networks["discriminator"]
    experiment = assemble(workflow, tmp_path, seed=1)
    network = experiment.networks["discriminator"]
    assert is_parametrized(network.linear_1)
    assert torch.equal(network.linear_1.parametrizations.weight.original, plain.linear_1.weight)
    assert experiment.nodes["discriminator"] == "discriminator"


def test_equal_seeds_give_equal_runs_also_after_a_restore(workflow, tmp_path):
    def run(steps, captured=None):
        trainer = Trainer.fresh(assemble(workflow, tmp_path, seed=1))
        if captured is not None:
            trainer.restore(captured)
        trainer.slice(steps, seconds=60)
        return trainer

    def same(first, second):
        for role, weights in first.capture().networks.items():
            assert all(torch.equal(weight, second.capture().networks[role][name]) for name, weight in weights.items())

    whole = run(4)
    same(whole, run(4))
    same(whole, run(2, run(2).capture()))


def test_a_probed_run_equals_an_unprobed_one_and_probes_every_weight(workflow, tmp_path):
    plain = Trainer.fresh(assemble(workflow, tmp_path, seed=1))
    plain.slice(1, seconds=60)
    # Assembled only now, because this seeds the random numbers that dropout uses.
    watched = Trainer.fresh(assemble(workflow, tmp_path, seed=1))
    _, probe = probed_step(watched)
    for name, weight in plain.capture().networks["discriminator"].items():
        assert torch.equal(weight, watched.capture().networks["discriminator"][name])
    layers = {layer.name: layer for layer in probe.layers if layer.role == "discriminator"}
    assert layers["linear_1 Linear"].weight_norm > 0
    assert layers["linear_1 Linear"].gradient_norm > 0
    assert layers["linear_1 Linear"].update_norm > 0
