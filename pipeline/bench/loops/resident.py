"""What every loop by hand does: batches of images on the device, gradients, averaged weights."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils import get_total_norm

from pipeline.data.images import ImageSet
from pipeline.data.value_range import SIGNED
from pipeline.training.settings import Settings

Passes = Callable[[], None]
"""The passes of one step."""


def numbers_of_batches(images: ImageSet, settings: Settings, drawn: int) -> Iterator[Tensor]:
    """Yield the numbers (B,) int64 of the images of every batch, after the first `drawn` images.

    Every epoch is a permutation of all images; the seed and the number of the epoch determine it.
    """
    count, size = images.count, settings.batch_size
    epoch = drawn // count
    left = _permutation(settings.seed, epoch, count)[drawn % count :]
    while True:
        while len(left) < size:
            epoch += 1
            left = np.concatenate([left, _permutation(settings.seed, epoch, count)])
        yield torch.from_numpy(left[:size]).to(settings.device)
        left = left[size:]


def pictures(images: ImageSet, numbers: Tensor) -> Tensor:
    """The images of these numbers, (B, C, H, W) float32 in the range of the set, channels last in memory."""
    assert isinstance(images.pixels, Tensor), "loops by hand are measured on images in memory"
    pixels = images.pixels[numbers].to(torch.float32, memory_format=torch.channels_last)
    return pixels.div_(127.5).sub_(1) if images.values == SIGNED else pixels.div_(255)


def weights_of(network: nn.Module) -> list[nn.Parameter]:
    """The weights that an optimizer changes."""
    return [weight for weight in network.parameters() if weight.requires_grad]


def backward(loss: Tensor, weights: Sequence[nn.Parameter]) -> None:
    """New gradients of these weights, and of no others that the loss passed through."""
    for weight in weights:
        weight.grad = None
    torch.autograd.backward(loss, inputs=list(weights))


def norm_of(weights: Sequence[nn.Parameter]) -> Tensor:
    """The L2 norm of the gradient, 0-dimensional."""
    return get_total_norm([weight.grad for weight in weights if weight.grad is not None])


@torch.no_grad()
def follow(average: nn.Module, network: nn.Module, decay: float) -> None:
    """average ← decay · average + (1 − decay) · weights; buffers are copied."""
    torch._foreach_lerp_(list(average.parameters()), list(network.parameters()), 1 - decay)
    if buffers := list(average.buffers()):
        torch._foreach_copy_(buffers, list(network.buffers()))


def read(rows: Sequence[Tensor]) -> None:
    """Fetch the numbers of all steps from the device at once. Raises FloatingPointError if one is not finite."""
    if not np.isfinite(torch.stack(list(rows)).cpu().numpy()).all():
        raise FloatingPointError("a loss or gradient is not finite")


def repeated(passes: Passes, device: torch.device) -> Callable[[int], None]:
    """Run the passes so many times, and wait for the device."""

    def train(steps: int) -> None:
        for _ in range(steps):
            passes()
        if device.type == "cuda":
            torch.cuda.synchronize(device)

    return train


def _permutation(seed: int, epoch: int, count: int) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    return np.random.default_rng([seed, epoch]).permutation(count)
