"""Training settings that every family has."""

from dataclasses import dataclass

import torch

from pipeline.data.value_range import SIGNED, ValueRange
from pipeline.ranks.ranks import ALONE, Ranks


@dataclass(frozen=True)
class Settings:
    """A run's settings, from its training node."""

    batch_size: int
    """Images per batch, those of all processes."""
    total_steps: int
    """Planned number of steps."""
    seed: int
    """Seed of the initial weights, the data order and the noise."""
    device: torch.device
    """Where networks and images are."""
    precision: str = "fp32"
    """Precision: "fp32", or "bf16" for autocast if the device supports it."""
    ema_halflife_images: int = 0
    """Half-life of the averaged weights, in images; 0 for no averaging."""
    ema_rampup: float = 0.0
    """The half-life is at most this share of the images trained on so far; 0 for the full half-life from the start."""
    together: bool = False
    """Whether the noise of samples is drawn for all images at once, as in runs older than per-image streams."""
    values: ValueRange = SIGNED
    """The range of the pixel values of real and made images."""
    ranks: Ranks = ALONE
    """The processes that train the run together."""

    @property
    def share(self) -> int:
        """Images per batch of this process."""
        return self.ranks.size(self.batch_size)

    def ema_decay(self, step: int) -> float:
        """The decay of the averaged weights, in [0, 1), in the step after `step` finished steps.

        0.5^(batch / half-life), with the ramp-up of Karras et al. 2020 (arXiv 2006.06676) and 2022 (arXiv 2206.00364):
        early in the run, the average forgets the untrained weights sooner. Only the images of the averaged network's
        update count: one batch per step, regardless of how many batches other networks use.
        """
        halflife = float(self.ema_halflife_images)
        if self.ema_rampup:
            halflife = min(halflife, self.ema_rampup * step * self.batch_size)
        return 0.5 ** (self.batch_size / halflife) if halflife else 0.0
