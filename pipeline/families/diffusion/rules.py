"""The health rules of diffusion models."""

from pipeline.health import gradients
from pipeline.health.hint import Rule

RULES: tuple[Rule, ...] = (
    gradients.not_finite(("denoiser",)),
    gradients.exploding("denoiser_grad_norm", ("denoiser",)),
    gradients.dead_units(("denoiser",)),
)
"""Of equally severe hints, the one listed first is shown first."""
