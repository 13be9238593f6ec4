"""A mixture of normal distributions on the line, for which everything about denoising is known in closed form."""

from dataclasses import dataclass

import torch
from torch import Tensor

from pipeline.objectives.noising import Estimates


@dataclass(frozen=True)
class Mixture:
    """Σ wᵢ N(mᵢ, s²) for numbers as images (N, 1)."""

    weights: tuple[float, ...] = (0.3, 0.7)
    means: tuple[float, ...] = (-1.0, 0.8)
    width: float = 0.3

    def draw(self, count: int, random: torch.Generator) -> Tensor:
        chosen = torch.multinomial(torch.tensor(self.weights), count, replacement=True, generator=random)
        noise = torch.randn(count, 1, generator=random, dtype=torch.float64)
        return torch.tensor(self.means, dtype=torch.float64)[chosen, None] + self.width * noise

    def density(self, noisy: Tensor, alpha: Tensor, sigma: Tensor) -> Tensor:
        """The log density of x_t = α x₀ + σ ε, of the shape of `noisy`."""
        spread = torch.as_tensor(alpha**2 * self.width**2 + sigma**2)
        parts = [
            torch.log(torch.tensor(weight, dtype=torch.float64))
            - (noisy - alpha * mean) ** 2 / (2 * spread)
            - torch.log(2 * torch.pi * spread) / 2
            for weight, mean in zip(self.weights, self.means, strict=True)
        ]
        return torch.logsumexp(torch.stack(parts), 0)

    def best(self, noisy: Tensor, alpha: Tensor, sigma: Tensor) -> Estimates:
        """E[x₀ | x_t] and E[ε | x_t], by Tweedie's formula from the score ∇ log p(x_t): ε = −σ ∇ log p."""
        with torch.enable_grad():
            at = noisy.detach().requires_grad_()
            (score,) = torch.autograd.grad(self.density(at, alpha, sigma).sum(), at)
        average = sum(weight * mean for weight, mean in zip(self.weights, self.means, strict=True))
        nothing = torch.full_like(noisy, average)  # All that is known of x₀ where x_t has none of it.
        clean = torch.where(torch.as_tensor(alpha) > 0, (noisy + sigma**2 * score) / alpha, nothing)
        return Estimates(clean, -sigma * score)
