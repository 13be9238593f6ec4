"""Interpolation of noise on a great circle."""

import torch
from torch import Tensor


def spherical(ends: Tensor, shares: Tensor) -> Tensor:
    """Between two tensors of noise (2, …), at shares (n,) from 0 (the first) to 1: (n, …), float32.

    slerp, Shoemake 1985: (sin((1 − s) θ) a + sin(s θ) b) / sin θ, with θ the angle between a and b. Normal noise of
    many dimensions has nearly always the same length, and networks know no other: halfway on a straight line it would
    be too short by √2. Ends in the same or in opposite directions are joined by a straight line.
    """
    first, second = ends.double().flatten(1)
    cosine = torch.dot(first, second) / (first.norm() * second.norm()).clamp(min=1e-300)
    angle = torch.arccos(cosine.clamp(-1, 1))
    at = shares.to(first)[:, None]
    if angle.sin() < 1e-6:
        found = torch.lerp(first, second, at)
    else:
        found = (((1 - at) * angle).sin() * first + (at * angle).sin() * second) / angle.sin()
    # The ends exactly, so that their images are the same as elsewhere.
    found = torch.where(at <= 0, first, torch.where(at >= 1, second, found))
    return found.reshape(len(shares), *ends.shape[1:]).to(ends.dtype)
