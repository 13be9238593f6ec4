"""What every extractor of features is: a network that describes images, and what every number made with it says."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from pipeline.training.inference import BATCH


class Seen(NamedTuple):
    """What a network sees in N images. features: (N, D) float32. probabilities: (N, K) float32 of K classes, or None if
    it knows no classes of the run's images."""

    features: Tensor
    probabilities: Tensor | None = None


@dataclass(frozen=True, eq=False)
class Features:
    """An extractor of features.

    name: as shown, such as "EfficientNet-Lite0". digest: the first 12 hexadecimal digits of the SHA-256 of its weights.
    resize: how images become its input, in words. dimensions: D. class_names: of the K classes that it tells apart, ()
    if none. accuracy: share of held-out images that it recognises, None if it was not measured. inception: whether the
    features are those of the Inception network of the FID. see: images (N, C, H, W) uint8 -> Seen, in one batch.
    """

    name: str
    digest: str
    resize: str
    dimensions: int
    see: Callable[[Tensor], Seen]
    class_names: tuple[str, ...] = ()
    accuracy: float | None = None
    inception: bool = False

    @torch.no_grad()
    def of(self, pixels: Tensor) -> Seen:
        """What it sees in images (N, C, H, W) uint8, in batches of BATCH, so that values do not depend on N."""
        seen = [self.see(batch) for batch in torch.split(pixels, BATCH)]
        known = [each.probabilities for each in seen if each.probabilities is not None]
        return Seen(torch.cat([each.features for each in seen]), torch.cat(known) if known else None)
