"""The hints on an autoencoder, the one to be said first among equally severe ones first."""

from pipeline.health import codes, gradients
from pipeline.health.hint import Rule

RULES: tuple[Rule, ...] = (gradients.not_finite, codes.posterior_collapse, gradients.dead_units)
