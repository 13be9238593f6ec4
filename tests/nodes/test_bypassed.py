"""A bypassed node of the catalogue takes no part: not in training, live parameters, series or layers."""

import pytest
import torch

from pipeline.graph import document, edit
from pipeline.graph.bypass import without_bypassed
from pipeline.graph.check import check
from pipeline.graph.node import Link
from pipeline.nodes.assemble import assemble
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.checked_workflow import check_workflow, read_and_check
from pipeline.nodes.training_subgraph import metric_names
from pipeline.training.trainer import Trainer

STACKED = {
    "R1R2Penalty": "objective",
    "DiffAugment": "objective",
    "Augment": "data",
    "SpectralNorm": "discriminator",
    "LearningRateSchedule": "generator_optimizer",
}


@pytest.fixture
def plain(small):
    return small("mlp-gan", "generator.hidden=16,16", "discriminator.hidden=16,16", "training.batch_size=8")


@pytest.fixture
def bypassed(plain):
    """The plain GAN with one node of each kind that passes its input through, all bypassed."""
    for class_type, after in STACKED.items():
        plain, node_id = edit.insert_node(plain, class_type, after, NODES)
        plain = edit.apply_settings(plain, [f"{node_id}.bypass=true"], NODES)
    return plain


def test_a_run_with_bypassed_nodes_equals_one_without_them_bit_for_bit(plain, bypassed, tmp_path):
    def trained(workflow):
        trainer = Trainer.fresh(assemble(workflow, tmp_path, seed=1))
        return trainer.slice(4, seconds=60), trainer.capture()

    (told, one), (untold, other) = trained(bypassed), trained(plain)
    for role, weights in one.networks.items():
        assert all(torch.equal(weight, other.networks[role][name]) for name, weight in weights.items())
    assert told.steps == untold.steps == 4


def test_nothing_but_the_document_knows_bypassed_nodes(plain, bypassed, tmp_path):
    assert without_bypassed(bypassed, NODES) == plain
    checked = read_and_check(check_workflow(bypassed).text, "It")
    assert checked.workflow == bypassed
    assert checked.trained.given.keys() == check_workflow(plain).trained.given.keys()
    assert metric_names(checked.report) == metric_names(check_workflow(plain).report)
    assert assemble(checked, tmp_path).live == assemble(plain, tmp_path).live


def test_a_picture_keeps_them(bypassed):
    texts = document.png_texts(bypassed, "run", 1, 0, "0")
    assert document.read(texts["prompt"], "It") == bypassed


def test_removing_what_leads_nowhere_keeps_the_bypassed_nodes_on_it_and_brings_no_problem(bypassed):
    workflow, end = edit.add_node(bypassed, "HingeObjective", NODES)
    for role in ("generator", "discriminator"):
        workflow = edit.connect(workflow, end, role, Link(role))
    workflow, above = edit.add_node(workflow, "DiffAugment", NODES)
    workflow = edit.connect(workflow, above, "objective", Link(end))
    workflow = edit.apply_settings(workflow, [f"{above}.bypass=true"], NODES)
    (warning,) = check(workflow, NODES).warnings
    assert warning.node == end
    changed = warning.mend.change(workflow, NODES)
    assert changed.nodes.keys() == workflow.nodes.keys() - {end}
    assert "objective" not in changed.nodes[above].inputs
    after = check(changed, NODES)
    assert after.ok and not after.warnings


def test_settings_still_change_a_bypassed_node(bypassed):
    changed = edit.apply_settings(bypassed, ["r1_r2_penalty.penalty_weight=3"], NODES)
    assert changed.nodes["r1_r2_penalty"].inputs["penalty_weight"] == 3
    assert changed.nodes["r1_r2_penalty"].bypassed
