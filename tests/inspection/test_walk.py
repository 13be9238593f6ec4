"""Walking a step stage by stage, with a correct report of each stage."""

import numpy as np
import pytest
import torch

from pipeline.inspection.walk import Walk
from pipeline.training.trainer import Trainer


def walk_a_step(trainer):
    walk = Walk(trainer)
    reports = [walk.next()]
    while not trainer.between_steps:
        reports.append(walk.next())
    return reports


@pytest.mark.parametrize("family", ["mlp", "dcgan", "wgan-gp"])
def test_walked_steps_equal_fast_ones_bit_for_bit(make_experiment, same_bits, family):
    experiment = make_experiment(family, discriminator_updates=2)
    fast = Trainer.fresh(experiment)
    fast.slice(4, seconds=60)
    expected = fast.capture()
    slow = Trainer.fresh(experiment)
    for _ in range(4):
        walk_a_step(slow)
    same_bits(expected, slow.capture())


def test_every_stage_is_walked_in_order_with_its_node(make_experiment):
    reports = walk_a_step(Trainer.fresh(make_experiment("wgan-gp")))
    assert [(report.name, report.node) for report in reports] == [
        ("draw real images", "data"), ("draw noise", "noise"), ("generate", "generator"),
        ("score real", "discriminator"), ("score fake", "discriminator"), ("loss", "objective"),
        ("penalty", "penalty"), ("gradients", "discriminator"), ("update", "discriminator_optimizer"),
        ("draw noise", "noise"), ("generate", "generator"), ("score fake", "discriminator"), ("loss", "objective"),
        ("gradients", "generator"), ("update", "generator_optimizer"),
    ]  # fmt: skip
    assert [report.update for report in reports] == ["discriminator"] * 9 + ["generator"] * 6
    assert [report.number for report in reports] == list(range(1, 16)) and {report.of for report in reports} == {15}


def test_each_image_is_shown_with_its_score(make_experiment):
    trainer = Trainer.fresh(make_experiment())
    by_name = {report.name: report for report in walk_a_step(trainer)[:6]}
    real, scored = by_name["draw real images"], by_name["score real"]
    assert real.images.shape == (16, 8, 8, 1) and real.images.dtype == np.uint8
    assert np.array_equal(real.images, scored.images)
    assert scored.scores.shape == (16,) and ((scored.scores > 0) & (scored.scores < 1)).all()
    assert by_name["loss"].values["D_real"] == pytest.approx(scored.scores.mean(), abs=1e-6)
    assert by_name["draw noise"].latents.shape == (16, 5)


def test_a_loss_is_shown_term_by_term_with_its_formula(make_experiment):
    by_name = {report.name: report for report in walk_a_step(Trainer.fresh(make_experiment("wgan-gp")))[:9]}
    loss, penalty = by_name["loss"], by_name["penalty"]
    assert loss.values["D_loss"] == pytest.approx(loss.values["D_loss: real"] + loss.values["D_loss: fake"])
    assert "D(x)" in loss.formula and r"\nabla" in penalty.formula
    assert penalty.values["D_loss"] == pytest.approx(
        loss.values["D_loss"] + 10 * penalty.values["gradient_penalty"], rel=1e-5
    )


def test_gradients_and_updates_are_measured_weight_by_weight(make_experiment):
    experiment = make_experiment()
    trainer = Trainer.fresh(experiment)
    reports = walk_a_step(trainer)
    gradients = next(report for report in reports if report.name == "gradients" and report.update == "generator")
    total = np.sqrt(sum(row.gradient**2 for row in gradients.parameters))
    assert total == pytest.approx(gradients.values["G_grad_norm"], rel=1e-5)
    assert all(row.update is None for row in gradients.parameters)
    moved = reports[-1]
    network = experiment.networks["generator"]
    assert [row.shape for row in moved.parameters] == [tuple(weight.shape) for weight in network.parameters()]
    # Adam's first step changes every weight that has a gradient by the learning rate.
    first = moved.parameters[0]
    assert first.name == "linear_1.weight"
    assert first.update == pytest.approx(0.002 * np.sqrt(np.prod(first.shape)), rel=1e-2)
    assert first.weight == pytest.approx(float(torch.linalg.vector_norm(network.linear_1.weight.detach())))


def test_a_walk_left_in_the_middle_is_finished_by_training(make_experiment, same_bits):
    experiment = make_experiment("dcgan")
    straight = Trainer.fresh(experiment)
    straight.slice(3, seconds=60)
    expected = straight.capture()
    walked = Trainer.fresh(experiment)
    walk = Walk(walked)
    for _ in range(4):
        walk.next()
    walked.slice(3, seconds=60)
    same_bits(expected, walked.capture())
