"""The objectives of diffusion models: schedules from which nothing can be made are refused before anything is built."""

import pytest
import torch

from pipeline.graph.check import check
from pipeline.graph.edit import apply_settings, set_parameter
from pipeline.graph.node import Link
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.losses.denoising_objectives import LEAST_SIGNAL, DDPMObjective
from pipeline.objectives.noising import VariancePreserving, betas_of


def test_no_noise_is_predicted_where_nothing_else_is_left(template):
    (problem,) = check(template("ddpm", "objective.zero_terminal_snr=true"), NODES).problems
    assert (problem.node, problem.input_name) == ("objective", "prediction")
    assert "set prediction to v" in problem.message


@pytest.mark.parametrize(
    "settings",
    [
        ("objective.schedule=linear", "objective.last_beta=0.999"),
        ("objective.schedule=scaled linear", "objective.last_beta=0.2"),
        ("objective.schedule=linear", "objective.noise_steps=10000"),
        ("objective.schedule=linear", "objective.first_beta=0.9", "objective.last_beta=0.0001"),
        ("objective.schedule=linear", "objective.last_beta=0.9", "objective.prediction=v"),
    ],
)
def test_a_schedule_that_leaves_nothing_of_the_image_is_refused_with_a_value_that_fits(template, settings):
    workflow = template("ddpm", *settings)
    (problem,) = check(workflow, NODES).problems
    assert problem.node == "objective"
    assert "leave nothing of the image" in problem.message
    assert problem.wanted is not None
    mended = set_parameter(workflow, "objective", problem.input_name, problem.wanted, NODES)
    assert check(mended, NODES).ok


@pytest.mark.parametrize("schedule", ["linear", "scaled linear"])
@pytest.mark.parametrize("count", [2, 40, 1000])
def test_what_is_left_is_as_the_process_has_it(schedule, count):
    node = DDPMObjective(denoiser=Link("network", 0), schedule=schedule, noise_steps=count, last_beta=0.02)
    left = (
        VariancePreserving(betas_of(schedule, count, 1e-4, 0.02))
        .signal(torch.ones((), dtype=torch.float64))
        .square()
        .item()
    )
    assert node._remains() == pytest.approx(left, rel=1e-9)
    assert left > LEAST_SIGNAL


def test_the_cosine_schedule_needs_no_betas(template):
    workflow = apply_settings(template("ddpm"), ["objective.last_beta=0.999"], NODES)
    assert check(workflow, NODES).ok
