"""Features of handwritten digits: the layer before the last of a small classifier, and which digit it sees.

`../train_digit_features.py` trained it on the training images of mnist-5k and says how well it does.
"""

import hashlib
from functools import lru_cache
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F

from pipeline.data.images import to_float
from pipeline.evaluation.features.preparation import grey, resized
from pipeline.evaluation.features.signature import Features, Seen
from pipeline.training.inference import BATCH

WEIGHTS = Path(__file__).with_name("digits.safetensors")
SIZE = 28
DIMENSIONS = 64
CLASSES = 10
ACCURACY = 0.99
"""Share of the 500 held-out images of mnist-5k that it recognises."""


class DigitClassifier(nn.Module):
    """Images (B, 1, 28, 28) in [-1, 1] -> logits of the ten digits (B, 10)."""

    def __init__(self) -> None:
        super().__init__()
        self.convolutions = nn.Sequential(
            nn.Conv2d(1, 32, 3, padding=1),
            nn.SiLU(),
            nn.Conv2d(32, 64, 3, stride=2, padding=1),
            nn.SiLU(),
            nn.Conv2d(64, 64, 3, stride=2, padding=1),
            nn.SiLU(),
            nn.Conv2d(64, 64, 3, stride=2, padding=1),
            nn.SiLU(),
        )
        self.features = nn.Linear(64 * 4 * 4, DIMENSIONS)
        self.drop = nn.Dropout(0.3)
        self.last = nn.Linear(DIMENSIONS, CLASSES)

    def features_of(self, images: Tensor) -> Tensor:
        """Images (B, 1, 28, 28) -> their features (B, DIMENSIONS)."""
        found: Tensor = self.features(self.convolutions(images).flatten(1))
        return found

    def forward(self, images: Tensor) -> Tensor:
        return self.named(self.features_of(images))

    def named(self, features: Tensor) -> Tensor:
        """Features (B, DIMENSIONS) -> logits of the ten digits (B, 10)."""
        logits: Tensor = self.last(self.drop(F.silu(features)))
        return logits


@lru_cache(maxsize=2)
def digit_classifier(device: str = "cpu") -> DigitClassifier:
    """The trained classifier, in eval mode."""
    network = DigitClassifier()
    network.load_state_dict(load_file(WEIGHTS))
    return network.to(device).eval().requires_grad_(False)


@torch.no_grad()
def features(images: Tensor) -> Tensor:
    """Features (N, DIMENSIONS) of images (N, 1 or 3, H, W) in [-1, 1], which are made grey and 28 pixels wide."""
    network = digit_classifier(str(images.device))
    return torch.cat([network.features_of(_prepared(batch)) for batch in torch.split(images, BATCH)])


@torch.no_grad()
def digits(images: Tensor) -> Tensor:
    """The digit that each image shows (N,) int64, as the classifier sees it."""
    network = digit_classifier(str(images.device))
    return torch.cat([network(_prepared(batch)).argmax(1) for batch in torch.split(images, BATCH)])


def digits_features(device: str = "cpu") -> Features:
    """The extractor."""
    network = digit_classifier(device)

    def see(pixels: Tensor) -> Seen:
        found = network.features_of(_prepared(to_float(pixels.to(device))))
        return Seen(found.cpu(), network.named(found).softmax(1).cpu())

    return Features(
        name="digit classifier",
        digest=hashlib.sha256(WEIGHTS.read_bytes()).hexdigest()[:12],
        resize=f"bilinear, antialiased, to {SIZE} × {SIZE}",
        dimensions=DIMENSIONS,
        see=see,
        class_names=tuple("0123456789"),
        accuracy=ACCURACY,
    )


def _prepared(images: Tensor) -> Tensor:
    return resized(grey(images.float()), SIZE)
