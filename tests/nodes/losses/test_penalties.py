"""Nodes stacked on an objective: their stages, series and live weights."""

import pytest
import torch

from pipeline.graph.check import check
from pipeline.graph.edit import apply_settings, insert_node
from pipeline.nodes.assemble import assemble
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.losses.penalties import penalised_batch_norm
from pipeline.nodes.ports import TrainingPort
from pipeline.studio.workflows import open_template
from pipeline.training.trainer import Trainer


@pytest.fixture
def stacked(small):
    """stacked("R1R2Penalty", "r1_r2_penalty.images=R1"): a small GAN with these nodes after its objective."""

    def load(*words):
        kinds, settings = [word for word in words if "." not in word], [word for word in words if "." in word]
        workflow = small("mlp-gan", "generator.hidden=16", "discriminator.hidden=16", "training.batch_size=8")
        last = "objective"
        for kind in kinds:
            workflow, last = insert_node(workflow, kind, last, NODES)
        return apply_settings(workflow, settings, NODES)

    return load


@pytest.fixture
def begun(stacked, tmp_path):
    def begin(*words):
        return Trainer.fresh(assemble(stacked(*words), tmp_path))

    return begin


def made_by(trainer, update="discriminator"):
    """Everything made by the stages of one update of the next step, and the nodes of the stages by stage name."""
    made, nodes = {}, {}
    for stage in trainer.stages():
        if stage.update == update:
            made |= stage.made
            nodes.setdefault(stage.name, []).append(stage.node)
    return made, nodes


def last(found, name):
    return found.values[-1, found.names.index(name)]


@pytest.mark.parametrize(
    ("words", "metrics"),
    [
        (["GradientPenalty"], ("gradient_penalty", "critic_slope")),
        (["GradientPenalty", "gradient_penalty.sides=one-sided"], ("gradient_penalty", "critic_slope")),
        (["R1R2Penalty"], ("r1", "r2")),
        (["R1R2Penalty", "r1_r2_penalty.images=R1"], ("r1",)),
        (["R1R2Penalty", "r1_r2_penalty.images=R2"], ("r2",)),
        (["DRAGANPenalty"], ("dragan",)),
        (["WeightPenalty", "weight_penalty.norm=L1"], ("D_l1",)),
        (["R1R2Penalty", "GradientPenalty", "WeightPenalty"], ("r1", "r2", "gradient_penalty", "critic_slope", "D_l2")),
    ],
)
def test_stacked_penalties_add_their_weighted_sum_to_the_discriminators_loss(stacked, begun, words, metrics):
    (training,) = check(stacked(*words), NODES).ports["training"]
    assert isinstance(training, TrainingPort)
    assert training.metrics[6:] == metrics
    trainer = begun(*words)
    assert trainer.experiment.series[6:] == metrics
    made, nodes = made_by(trainer)
    terms = {name: value for name, value in made.items() if name.startswith("D_loss: ")}
    weights = {"D_l1": 1e-4, "D_l2": 1e-4, "gradient_penalty": 10, "dragan": 10, "r1": 1, "r2": 1, "critic_slope": 0}
    expected = sum(terms.values()) + sum(weights[name] * made[name] for name in metrics)
    assert made["D_loss"].item() == pytest.approx(expected.item(), rel=1e-5)
    assert "objective" not in nodes["penalty"]


def test_a_penalty_is_a_stage_of_its_node(begun):
    _, nodes = made_by(begun("R1R2Penalty", "GradientPenalty"))
    assert nodes["penalty"] == ["r1_r2_penalty", "r1_r2_penalty", "gradient_penalty"]
    assert nodes["loss"] == ["objective"]


def test_the_weight_of_a_penalty_can_change_during_training(begun):
    trainer = begun("R1R2Penalty")
    trainer.set_live("r1_r2_penalty.penalty_weight", 0.25)
    made, _ = made_by(trainer)
    expected = made["D_loss: real"] + made["D_loss: fake"] + 0.25 * (made["r1"] + made["r2"])
    assert made["D_loss"].item() == pytest.approx(expected.item())


def test_a_penalty_of_weight_zero_is_skipped_until_its_weight_is_raised(begun):
    trainer = begun("R1R2Penalty", "r1_r2_penalty.penalty_weight=0")
    without = trainer.slice(2, seconds=60)
    assert (last(without, "r1"), last(without, "r2")) == (0, 0)
    trainer.set_live("r1_r2_penalty.penalty_weight", 1.0)
    found = trainer.slice(2, seconds=60)
    assert last(found, "r1") > 0 < last(found, "r2")


@pytest.mark.parametrize("kind", ["GradientPenalty", "R1R2Penalty", "DRAGANPenalty", "WeightPenalty"])
def test_the_same_penalty_twice_is_refused(stacked, kind):
    (problem,) = check(stacked(kind, kind), NODES).sentences()
    assert "remove one of the two" in problem


def test_every_penalty_has_a_formula_with_balanced_braces(begun):
    trainer = begun("R1R2Penalty", "GradientPenalty", "DRAGANPenalty", "WeightPenalty", "WeightClipping")
    formulas = [stage.operation.formula for stage in trainer.stages() if stage.name in ("penalty", "clip weights")]
    assert len(formulas) == 6
    assert all(formula and formula.count("{") == formula.count("}") for formula in formulas)


def test_the_generators_weights_can_be_penalised(begun):
    trainer = begun("WeightPenalty", "weight_penalty.network=generator")
    assert trainer.experiment.series[-1] == "G_l2"
    weights = [weight for weight in trainer.state.networks["generator"].parameters() if weight.ndim > 1]
    expected = sum(weight.detach().square().sum() for weight in weights) / 2
    made, _ = made_by(trainer, "generator")
    torch.testing.assert_close(made["G_l2"], expected)
    assert made["G_loss"].item() == pytest.approx((made["G_loss: fake"] + 1e-4 * made["G_l2"]).item())


def test_clipped_weights_stay_within_the_current_bound(begun):
    trainer = begun("WeightClipping", "weight_clipping.bound=0.02")
    critic = list(trainer.state.networks["discriminator"].parameters())
    for bound in (0.02, 0.005):
        trainer.set_live("weight_clipping.bound", bound)
        trainer.step()
        assert max(weight.abs().max().item() for weight in critic) == pytest.approx(bound)
    generator = trainer.state.networks["generator"].parameters()
    assert max(weight.abs().max().item() for weight in generator) > 0.02


@pytest.mark.parametrize("kind", ["GradientPenalty", "R1R2Penalty", "DRAGANPenalty"])
def test_a_gradient_penalty_over_batch_norm_is_a_warning_that_can_be_mended(kind):
    workflow, penalty = insert_node(open_template("dcgan"), kind, "objective", NODES)
    report = check(workflow, NODES)
    (warning,) = report.warnings
    assert report.ok and warning.node == penalty and "over batch normalization" in warning.message
    (found,) = penalised_batch_norm(report)
    assert (found.penalty, found.network, found.weight) == (penalty, "discriminator", f"{penalty}.penalty_weight")
    assert found.layers == sum(layer.kind == "batch_norm2d" for _, layer in plan_of(report, "discriminator").leaves) > 0
    mended = check(warning.mend.change(workflow, NODES), NODES)
    assert mended.ok and mended.warnings == () and penalised_batch_norm(mended) == ()


def test_batch_norm_is_found_under_spectral_norm_too():
    workflow, _ = insert_node(open_template("dcgan"), "SpectralNorm", "discriminator", NODES)
    workflow, _ = insert_node(workflow, "R1R2Penalty", "objective", NODES)
    (found,) = penalised_batch_norm(check(workflow, NODES))
    assert found.network == "discriminator"


def plan_of(report, node_id):
    return report.ports[node_id][0].plan
