"""Penalties, compared with closed forms for simple networks and with autograd on one image at a time."""

import pytest
import torch
from torch import Tensor, nn

from pipeline.models import dcgan
from pipeline.models.build import build_network
from pipeline.objectives.penalties import dragan, gradient_penalty, one_sided_gradient_penalty, r1, r2
from pipeline.objectives.signature import Penalty

PENALTIES = [gradient_penalty, one_sided_gradient_penalty, dragan, r1, r2]
ALL = pytest.mark.parametrize("penalty", PENALTIES, ids=lambda penalty: penalty.__name__)


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


def critic() -> nn.Module:
    return build_network(dcgan.discriminator_plan((1, 8, 8), base_channels=4, normalization="none"), seed=1)


def random_images() -> tuple[Tensor, Tensor]:
    return torch.rand(4, 1, 8, 8, generator=seeded(1)), torch.rand(4, 1, 8, 8, generator=seeded(2))


def test_the_gradient_penalty_of_a_plane_of_slope_five_is_sixteen() -> None:
    weight = torch.tensor([3.0, 4.0, 0.0, 0.0])  # of length 5

    found = gradient_penalty(Plane(weight), images(1), images(-1), seeded())
    assert found.value.item() == pytest.approx(16)
    assert found.slope.item() == pytest.approx(5)


def test_the_gradient_penalty_of_a_plane_of_slope_one_is_zero() -> None:
    found = gradient_penalty(Plane(torch.full((4,), 0.5)), images(1), images(-1), seeded())
    assert found.value.item() == pytest.approx(0)


def test_the_gradient_penalty_pulls_the_slope_towards_one_from_both_sides() -> None:
    for length, direction in ((5.0, 1), (0.5, -1)):
        plane = Plane(torch.tensor([length, 0.0, 0.0, 0.0]))
        gradient_penalty(plane, images(1), images(-1), seeded()).value.backward()

        assert plane.weight.grad is not None
        torch.testing.assert_close(plane.weight.grad, torch.tensor([2 * (length - 1), 0.0, 0.0, 0.0]))
        assert plane.weight.grad[0].sign() == direction


def test_the_gradient_penalty_uses_points_between_a_real_and_a_generated_image() -> None:
    # Between 0 and 1, the point ε·1 has length 2·ε in four dimensions, with one ε per image from the random generator.
    epsilon = torch.rand(6, generator=seeded(7))

    found = gradient_penalty(Bowl(), images(1), images(0), seeded(7))
    torch.testing.assert_close(found.value, (2 * epsilon - 1).square().mean())
    torch.testing.assert_close(found.slope, (2 * epsilon).mean())


def test_the_one_sided_penalty_applies_only_to_slopes_above_one() -> None:
    steep, flat = Plane(torch.tensor([3.0, 4.0, 0.0, 0.0])), Plane(torch.full((4,), 0.25))

    assert one_sided_gradient_penalty(steep, images(1), images(-1), seeded()).value.item() == pytest.approx(16)
    found = one_sided_gradient_penalty(flat, images(1), images(-1), seeded())
    assert found.value.item() == 0
    assert found.slope.item() == pytest.approx(0.5)


def test_both_gradient_penalties_use_the_same_points() -> None:
    # The bowl's slope between 0 and 1 is 2·ε, above 1 for half of the images.
    slopes = 2 * torch.rand(6, generator=seeded(7))

    found = one_sided_gradient_penalty(Bowl(), images(1), images(0), seeded(7))
    torch.testing.assert_close(found.value, (slopes - 1).clamp_min(0).square().mean())
    assert 0 < (slopes > 1).sum() < 6


def test_dragan_uses_points_within_half_a_deviation_of_real_images() -> None:
    real = torch.rand(6, 1, 2, 2, generator=seeded(3))
    noise = torch.rand(6, 1, 2, 2, generator=seeded(7))
    points = real + real.std() / 2 * noise  # The bowl's gradient at a point is the point itself.

    found = dragan(Bowl(), real, images(9), seeded(7))
    torch.testing.assert_close(found.value, (points.flatten(1).norm(dim=1) - 1).square().mean())
    torch.testing.assert_close(found.slope, points.flatten(1).norm(dim=1).mean())


def test_the_dragan_penalty_of_a_plane_of_slope_five_is_sixteen() -> None:
    plane = Plane(torch.tensor([3.0, 4.0, 0.0, 0.0]))
    assert dragan(plane, images(1), images(-1), seeded()).value.item() == pytest.approx(16)


def test_the_same_random_numbers_give_the_same_gradient_penalty() -> None:
    first, again, other = (gradient_penalty(Bowl(), images(1), images(0), seeded(seed)).value for seed in (1, 1, 2))

    assert first == again != other


@pytest.mark.parametrize("penalty", [r1, r2])
def test_r1_and_r2_of_a_plane_of_slope_five_are_half_of_twenty_five(penalty: Penalty) -> None:
    plane = Plane(torch.tensor([3.0, 4.0, 0.0, 0.0]))
    found = penalty(plane, images(1), images(-1), seeded())
    found.value.backward()

    assert found.value.item() == pytest.approx(25 / 2)
    assert found.slope.item() == pytest.approx(5)
    assert plane.weight.grad is not None
    torch.testing.assert_close(plane.weight.grad, plane.weight.detach())  # the gradient of ½‖w‖²


def test_r1_uses_the_real_images_and_r2_the_generated_ones() -> None:
    # The bowl's gradient is the image itself: four pixels of 2, or of 3.
    assert r1(Bowl(), images(2), images(3), seeded()).value.item() == pytest.approx(4 * 2**2 / 2)
    assert r2(Bowl(), images(2), images(3), seeded()).value.item() == pytest.approx(4 * 3**2 / 2)


def test_r1_and_r2_draw_no_random_numbers() -> None:
    random = seeded()
    before = random.get_state()
    for penalty in (r1, r2):
        penalty(Bowl(), images(1), images(0), random)

    assert torch.equal(random.get_state(), before)


def test_r1_is_the_mean_of_the_autograd_results_for_each_image() -> None:
    network, (real, fake) = critic(), random_images()
    gradients = torch.stack([torch.func.grad(lambda image: network(image[None])[0])(image) for image in real])
    lengths = gradients.flatten(1).norm(dim=1)

    found = r1(network, real, fake, seeded())
    torch.testing.assert_close(found.value, lengths.square().mean() / 2)
    torch.testing.assert_close(found.slope, lengths.mean())


def test_r1_reaches_the_weights_through_the_gradient() -> None:
    # D(x) = w·x²/2 has the gradient w∘x, so the gradient of ½‖w∘x‖² by w is w∘x².
    class Curved(Plane):
        def forward(self, images: Tensor) -> Tensor:
            return images.flatten(1).square() @ self.weight / 2

    network, real = Curved(torch.tensor([1.0, -2.0, 0.5, 3.0])), torch.rand(5, 1, 2, 2, generator=seeded(3))
    r1(network, real, images(0), seeded()).value.backward()

    assert network.weight.grad is not None
    expected = network.weight.detach() * real.flatten(1).square().mean(0)
    torch.testing.assert_close(network.weight.grad, expected)


@ALL
def test_a_penalty_is_a_scalar_with_a_graph_and_its_slope_a_scalar_without(penalty: Penalty) -> None:
    found = penalty(Plane(torch.ones(4)), images(1), images(-1), seeded())

    assert found.value.shape == found.slope.shape == ()
    assert found.value.requires_grad
    assert not found.slope.requires_grad


@ALL
def test_no_gradient_reaches_the_generator(penalty: Penalty) -> None:
    fake = images(0).requires_grad_()
    penalty(Plane(torch.ones(4)), images(1), fake, seeded()).value.backward()

    assert fake.grad is None


@ALL
def test_a_penalty_does_not_change_its_images(penalty: Penalty) -> None:
    real, fake = images(1), images(0)
    penalty(Plane(torch.ones(4)), real, fake, seeded()).value.backward()

    assert not real.requires_grad
    assert not fake.requires_grad


@ALL
def test_a_flat_discriminator_gives_finite_gradients(penalty: Penalty) -> None:
    plane = Plane(torch.zeros(4))
    found = penalty(plane, images(1), images(-1), seeded())
    found.value.backward()

    assert found.value.item() == (1 if penalty in (gradient_penalty, dragan) else 0)
    assert plane.weight.grad is not None
    assert plane.weight.grad.isfinite().all()


@ALL
def test_a_penalty_is_computed_in_full_precision_under_autocast(penalty: Penalty) -> None:
    network, (real, fake) = critic(), random_images()
    expected = penalty(network, real, fake, seeded())

    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = penalty(network, real, fake, seeded())

    assert found.value.dtype == found.slope.dtype == torch.float32
    assert torch.equal(found.value, expected.value)
    assert torch.equal(found.slope, expected.slope)


@ALL
def test_half_precision_images_are_accepted(penalty: Penalty) -> None:
    found = penalty(Plane(torch.full((4,), 0.5)), images(1).bfloat16(), images(-1).bfloat16(), seeded())

    assert found.value.dtype == torch.float32
    assert found.slope.item() == pytest.approx(1)
