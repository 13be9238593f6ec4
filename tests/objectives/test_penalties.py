"""The gradient penalty against networks whose gradient is known in closed form."""

import pytest
import torch
from torch import Tensor, nn

from pipeline.models import dcgan
from pipeline.models.build import build_network
from pipeline.objectives.penalties import gradient_penalty


class Plane(nn.Module):
    """D(x) = w·x, whose gradient is w everywhere."""

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        self.weight = nn.Parameter(weight)

    def forward(self, images: Tensor) -> Tensor:
        return images.flatten(1) @ self.weight


class Bowl(nn.Module):
    """D(x) = ‖x‖² / 2, whose gradient is x."""

    def forward(self, images: Tensor) -> Tensor:
        return images.flatten(1).square().sum(1) / 2


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def images(value: float, count: int = 6) -> Tensor:
    return torch.full((count, 1, 2, 2), float(value))


def test_a_plane_of_slope_five_costs_sixteen() -> None:
    weight = torch.tensor([3.0, 4.0, 0.0, 0.0])  # of length 5

    penalty = gradient_penalty(Plane(weight), images(1), images(-1), seeded())
    assert penalty.shape == ()
    assert penalty.item() == pytest.approx(16)


def test_a_plane_of_slope_one_costs_nothing() -> None:
    assert gradient_penalty(Plane(torch.full((4,), 0.5)), images(1), images(-1), seeded()).item() == pytest.approx(0)


def test_it_pulls_the_slope_towards_one_from_both_sides() -> None:
    for length, direction in ((5.0, 1), (0.5, -1)):
        plane = Plane(torch.tensor([length, 0.0, 0.0, 0.0]))
        gradient_penalty(plane, images(1), images(-1), seeded()).backward()

        assert plane.weight.grad is not None
        torch.testing.assert_close(plane.weight.grad, torch.tensor([2 * (length - 1), 0.0, 0.0, 0.0]))
        assert plane.weight.grad[0].sign() == direction


def test_it_looks_on_the_line_between_a_real_and_a_generated_image() -> None:
    # Between 0 and 1 the point ε·1 has the length 2·ε in four dimensions, with one ε an image drawn from the generator.
    epsilon = torch.rand(6, generator=seeded(7))

    penalty = gradient_penalty(Bowl(), images(1), images(0), seeded(7))
    torch.testing.assert_close(penalty, (2 * epsilon - 1).square().mean())


def test_the_same_random_numbers_give_the_same_penalty() -> None:
    first, again, other = (gradient_penalty(Bowl(), images(1), images(0), seeded(seed)) for seed in (1, 1, 2))

    assert first == again != other


def test_no_gradient_reaches_the_generator() -> None:
    fake = images(0).requires_grad_()
    gradient_penalty(Plane(torch.ones(4)), images(1), fake, seeded()).backward()

    assert fake.grad is None


def test_a_flat_discriminator_gives_finite_gradients() -> None:
    plane = Plane(torch.zeros(4))
    penalty = gradient_penalty(plane, images(1), images(-1), seeded())
    penalty.backward()

    assert penalty.item() == pytest.approx(1)
    assert plane.weight.grad is not None
    assert plane.weight.grad.isfinite().all()


def test_it_is_computed_in_full_precision_under_autocast() -> None:
    critic = build_network(dcgan.discriminator_plan((1, 8, 8), base_channels=4, normalization="none"), seed=1)
    real, fake = torch.rand(4, 1, 8, 8, generator=seeded(1)), torch.rand(4, 1, 8, 8, generator=seeded(2))
    expected = gradient_penalty(critic, real, fake, seeded())

    with torch.autocast("cpu", dtype=torch.bfloat16):
        penalty = gradient_penalty(critic, real, fake, seeded())

    assert penalty.dtype == torch.float32
    assert torch.equal(penalty, expected)


def test_half_precision_images_are_taken() -> None:
    penalty = gradient_penalty(Plane(torch.ones(4)), images(1), images(-1).bfloat16(), seeded())

    assert penalty.dtype == torch.float32
    assert penalty.item() == pytest.approx(1)
