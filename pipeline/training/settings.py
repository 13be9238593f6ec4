"""How to train, whatever is trained."""

from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Settings:
    """What the training node says of a run.

    ema_halflife_images: images after which half of the averaged weights' past is forgotten; 0 averages nothing.
    ema_rampup: the half-life is at most this share of the images trained on so far; 0 for the whole of it from the
    start. precision: "fp32", or "bf16" for autocast where the device has it. together: whether the noise of images that
    people look at is drawn all at once, as in runs that were made before every image had a stream of its own.
    """

    batch_size: int
    total_steps: int
    seed: int
    device: torch.device
    precision: str = "fp32"
    ema_halflife_images: int = 0
    ema_rampup: float = 0.0
    together: bool = False

    def ema_decay(self, step: int) -> float:
        """The share, in [0, 1), of the averaged weights that stays in the step after `step` finished ones.

        0.5^(batch / half-life), with the ramp-up of Karras et al. 2020 (arXiv 2006.06676) and 2022 (arXiv 2206.00364):
        while the run is young, its average forgets the untrained weights sooner. Images are those that the averaged
        network learns from: a step has one batch of them, however many other networks have seen.
        """
        halflife = float(self.ema_halflife_images)
        if self.ema_rampup:
            halflife = min(halflife, self.ema_rampup * step * self.batch_size)
        return 0.5 ** (self.batch_size / halflife) if halflife else 0.0
