"""Parts: live values of an optimizer, and noise."""

import torch

from pipeline.training.optimizer_part import OptimizerPart
from pipeline.training.parts import NoisePart


def test_live_values_set_plain_options_and_elements_of_tuples():
    part = OptimizerPart(
        node="adam",
        make=lambda weights: torch.optim.Adam(weights, lr=0.1),
        live={"lr": "adam.learning_rate", "betas": ("adam.beta1", "adam.beta2")},
    )
    optimizer = part.make([torch.nn.Parameter(torch.zeros(2))])
    values = {"adam.learning_rate": 0.5, "adam.beta1": 0.25, "adam.beta2": 0.75, "other.weight": 3.0}
    part.apply_live(optimizer, values)
    assert optimizer.param_groups[0]["lr"] == 0.5
    assert optimizer.param_groups[0]["betas"] == (0.25, 0.75)


def test_noise_is_drawn_from_the_given_generator():
    noise, random = NoisePart("noise", 3), torch.Generator()
    drawn = [noise.draw(4, random.manual_seed(seed), torch.device("cpu")) for seed in (1, 1, 2)]
    assert drawn[0].shape == (4, 3)
    assert torch.equal(drawn[0], drawn[1])
    assert not torch.equal(drawn[0], drawn[2])
