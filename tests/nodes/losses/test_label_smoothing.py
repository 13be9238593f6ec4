"""Label smoothing and instance noise."""

from dataclasses import replace

import pytest
import torch

from pipeline.graph.check import check
from pipeline.graph.edit import apply_settings, insert_node
from pipeline.nodes.assemble import assemble
from pipeline.nodes.catalogue import NODES
from pipeline.training.trainer import Trainer


@pytest.fixture
def stacked(small):
    """stacked("InstanceNoise", "instance_noise.deviation=0"): a small GAN with this node after its objective."""

    def load(kind, *settings, loss="NonSaturatingObjective"):
        plain = small("mlp-gan", "generator.hidden=16", "discriminator.hidden=16", "training.batch_size=8")
        objective = replace(plain.nodes["objective"], class_type=loss)
        workflow, _ = insert_node(
            replace(plain, nodes={**plain.nodes, "objective": objective}), kind, "objective", NODES
        )
        return apply_settings(workflow, settings, NODES)

    return load


def test_smoothing_applies_to_real_images_with_the_current_share(stacked, tmp_path, made_by):
    trainer = Trainer.fresh(assemble(stacked("LabelSmoothing"), tmp_path))
    for share in (0.1, 0.3):
        trainer.set_live("label_smoothing.share", share)
        made = made_by(trainer, "discriminator")
        bce = torch.nn.functional.binary_cross_entropy_with_logits
        torch.testing.assert_close(made["D_loss: real"], bce(made["real_scores"], torch.full((8,), 1 - share)))
        torch.testing.assert_close(made["D_loss: fake"], bce(made["fake_scores"], torch.zeros(8)))


@pytest.mark.parametrize("loss", ["RelativisticObjective", "WassersteinObjective", "HingeObjective"])
def test_a_loss_without_targets_cannot_be_smoothed(stacked, loss):
    (problem,) = check(stacked("LabelSmoothing", loss=loss), NODES).sentences()
    assert "a target for each image" in problem


def test_smoothing_twice_is_refused(stacked):
    workflow, second = insert_node(stacked("LabelSmoothing"), "LabelSmoothing", "label_smoothing", NODES)
    (problem,) = check(workflow, NODES).problems
    assert problem.node == second and "already has label smoothing" in problem.message


def test_real_and_generated_images_get_independent_noise_of_the_given_deviation(stacked, tmp_path, made_by):
    trainer = Trainer.fresh(assemble(stacked("InstanceNoise", "instance_noise.deviation=0.5"), tmp_path))
    made = made_by(trainer, "discriminator")
    noise = torch.stack([made[f"{kind}_seen"] - made[kind] for kind in ("real", "fake")])
    assert noise.std().item() == pytest.approx(0.5, rel=0.1)  # of 1,024 numbers
    assert not noise[0].equal(noise[1])
    assert made_by(trainer, "generator").keys() >= {"fake_seen", "fake_scores"}


def test_noise_fades_out_linearly_to_zero(stacked, tmp_path, made_by):
    workflow = stacked("InstanceNoise", "instance_noise.deviation=0.5", "instance_noise.fade_steps=4")
    trainer = Trainer.fresh(assemble(workflow, tmp_path))
    deviations = []
    for _ in range(5):
        made = made_by(trainer, "discriminator")
        deviations.append((made["real_seen"] - made["real"]).std().item())
    assert deviations == [pytest.approx(0.5 * left, rel=0.15) for left in (1, 0.75, 0.5, 0.25, 0)]


def test_the_generator_learns_through_the_noise(stacked, tmp_path):
    trainer = Trainer.fresh(assemble(stacked("InstanceNoise"), tmp_path))
    before = [weight.clone() for weight in trainer.state.networks["generator"].parameters()]
    trainer.step()
    after = trainer.state.networks["generator"].parameters()
    assert not any(torch.equal(*pair) for pair in zip(before, after, strict=True))
