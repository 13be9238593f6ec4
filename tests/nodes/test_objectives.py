"""Objectives as nodes: what they record, what can be changed while they train, what their scores mean."""

from dataclasses import replace

import pytest

from pipeline.graph.check import check
from pipeline.graph.edit import apply_settings
from pipeline.nodes.assemble import assemble
from pipeline.nodes.catalogue import NODES
from pipeline.training.trainer import Trainer

PENALTIES = ["r1", "r2"]


@pytest.fixture
def relativistic(small):
    """relativistic("objective.r1_weight=0"): a workflow on the small digits with the relativistic objective."""

    def load(*settings):
        plain = small("mlp-gan", "generator.hidden=16", "discriminator.hidden=16", "training.batch_size=8")
        objective = replace(plain.nodes["objective"], class_type="RelativisticObjective")
        return apply_settings(replace(plain, nodes={**plain.nodes, "objective": objective}), settings, NODES)

    return load


@pytest.fixture
def trainer(relativistic, tmp_path):
    return Trainer.fresh(assemble(relativistic(), tmp_path))


def last(found, name):
    return found.values[-1, found.names.index(name)]


@pytest.mark.parametrize(
    ("name", "scores"), [("dcgan", "probability"), ("mlp-gan", "probability"), ("wgan-gp", "critic")]
)
def test_what_scores_are_is_known_before_and_after_building(small, tmp_path, name, scores):
    workflow = small(name)
    (objective,) = check(workflow, NODES).ports["objective"]
    assert objective.scores == scores
    assert assemble(workflow, tmp_path).probability is (scores == "probability")


def test_relativistic_scores_have_no_unit(relativistic, trainer):
    (objective,) = check(relativistic(), NODES).ports["objective"]
    assert objective.scores == "critic"
    assert not trainer.experiment.probability


def test_the_relativistic_objective_records_both_penalties_and_lets_their_weights_be_changed(trainer):
    assert trainer.experiment.series[-2:] == ("r1", "r2")
    assert {key for key in trainer.experiment.live if key.startswith("objective.")} == {
        "objective.r1_weight",
        "objective.r2_weight",
    }


def test_the_discriminators_loss_is_the_pairs_and_the_weighted_penalties(trainer):
    trainer.set_live("objective.r1_weight", 5.0)
    trainer.set_live("objective.r2_weight", 0.25)
    made = {}
    for stage in trainer.stages():
        if stage.update == "discriminator":
            made |= stage.made
    expected = made["D_loss: pairs"] + 5 * made["r1"] + 0.25 * made["r2"]
    assert made["D_loss"].item() == pytest.approx(expected.item())


def test_both_networks_see_real_images_of_their_own(trainer):
    drawn = [(stage.update, stage.made["real"]) for stage in trainer.stages() if "real" in stage.made]
    assert [update for update, _ in drawn] == ["discriminator", "generator"]
    assert not drawn[0][1].equal(drawn[1][1])


def test_a_penalty_of_weight_zero_is_left_out_until_its_weight_is_raised(relativistic, tmp_path):
    settings = [f"objective.{name}_weight=0" for name in PENALTIES]
    trainer = Trainer.fresh(assemble(relativistic(*settings), tmp_path))
    without = trainer.slice(2, seconds=60)
    assert [last(without, name) for name in PENALTIES] == [0, 0]
    trainer.set_live("objective.r2_weight", 1.0)
    found = trainer.slice(2, seconds=60)
    assert last(found, "r1") == 0
    assert last(found, "r2") > 0


def test_the_penalties_are_shown_with_their_formulas(trainer):
    formulas = [stage.operation.formula for stage in trainer.stages() if stage.name == "penalty"]
    assert [r"D(x)" in formulas[0], r"D(G(z))" in formulas[1]] == [True, True]
    assert all(formula.count("{") == formula.count("}") for formula in formulas)
