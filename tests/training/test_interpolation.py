"""Interpolation of noise: on a great circle, with its ends exactly."""

import pytest
import torch

from pipeline.training.interpolation import spherical


def test_quarter_of_a_circle_is_divided_into_equal_angles() -> None:
    found = spherical(torch.tensor([[2.0, 0.0], [0.0, 2.0]]), torch.linspace(0, 1, 4))
    angles = torch.deg2rad(torch.tensor([0.0, 30, 60, 90]))
    torch.testing.assert_close(found, 2 * torch.stack([angles.cos(), angles.sin()], dim=1))


def test_noise_keeps_its_length_and_its_ends() -> None:
    ends = torch.randn(2, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    found = spherical(ends, torch.linspace(0, 1, 5, dtype=torch.float64))
    assert found.shape == (5, 3, 16, 16) and found.dtype == torch.float32
    assert torch.equal(found[0], ends[0]) and torch.equal(found[-1], ends[1])
    assert found[2].std().item() == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("factor", [1.0, -1.0])
def test_ends_on_one_line_are_joined_by_it(factor: float) -> None:
    first = torch.tensor([1.0, 2.0, 3.0])
    found = spherical(torch.stack([first, factor * first]), torch.tensor([0.5]))
    torch.testing.assert_close(found[0], (1 + factor) / 2 * first)
