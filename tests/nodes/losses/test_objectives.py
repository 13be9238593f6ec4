"""The nodes of adversarial losses: their scores, and the loss they train with."""

from dataclasses import replace

import pytest

from pipeline.graph.check import check
from pipeline.nodes.assemble import assemble
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.ports import ObjectivePort
from pipeline.objectives.adversarial import LOSSES
from pipeline.training.trainer import Trainer

KINDS = {
    "MinimaxObjective": "minimax",
    "NonSaturatingObjective": "non-saturating",
    "LeastSquaresObjective": "least squares",
    "HingeObjective": "hinge",
    "WassersteinObjective": "wasserstein",
    "RelativisticObjective": "relativistic",
}


@pytest.fixture
def game_of(small):
    """game_of("HingeObjective"): a small GAN on 8×8 digits with this loss."""

    def load(kind, *settings):
        plain = small("mlp-gan", "generator.hidden=16", "discriminator.hidden=16", "training.batch_size=8", *settings)
        objective = replace(plain.nodes["objective"], class_type=kind)
        return replace(plain, nodes={**plain.nodes, "objective": objective})

    return load


def test_every_loss_has_a_node():
    assert set(KINDS.values()) == set(LOSSES)


@pytest.mark.parametrize(("kind", "name"), KINDS.items())
def test_an_objective_trains_with_its_loss_and_declares_the_scale_of_its_scores(game_of, tmp_path, kind, name):
    workflow = game_of(kind)
    experiment = assemble(workflow, tmp_path)
    (objective,) = check(workflow, NODES).ports["objective"]
    assert isinstance(objective, ObjectivePort)
    assert experiment.scores.probability is (objective.scores == "probability") is LOSSES[name].probability

    made = {}
    for stage in Trainer.fresh(experiment).stages():
        if stage.update == "discriminator":
            made |= stage.made
    terms = LOSSES[name].discriminator(made["real_scores"], made["fake_scores"])
    assert made["D_loss"].item() == pytest.approx(sum(term.item() for term in terms.values()))


def test_with_the_relativistic_loss_each_update_draws_its_own_real_images(game_of, tmp_path):
    trainer = Trainer.fresh(assemble(game_of("RelativisticObjective", "training.reuse_images=false"), tmp_path))
    drawn = [(stage.update, stage.made["real"]) for stage in trainer.stages() if "real" in stage.made]
    assert [update for update, _ in drawn] == ["discriminator", "generator"]
    assert not drawn[0][1].equal(drawn[1][1])
