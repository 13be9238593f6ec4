"""Layers that depend on the other images of a batch, or draw random numbers: of the whole batch, in several processes.

Batch normalization (Ioffe & Szegedy 2015, arXiv 1502.03167) takes its statistics over the images of all processes, and
dropout draws its mask for all of them and keeps its share, from random numbers that are the same in every process.
torch's own SyncBatchNorm needs CUDA and cannot be differentiated twice, as gradient penalties must. In eval mode
nothing changes, so that a single process can draw images. What cannot be changed is found by
`unlike_one_process.py`.
"""

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.dropout import _DropoutNd

from pipeline.models.modules import ConditionalBatchNorm
from pipeline.ranks.ranks import Ranks

Normalization = _BatchNorm | ConditionalBatchNorm


def see_whole_batches(network: nn.Module, ranks: Ranks) -> None:
    """Let the batch normalization and dropout layers of a network see the whole batch of these processes.

    Names of weights and buffers stay. Does nothing for a single process.
    """
    if ranks.alone:
        return
    for layer in network.modules():
        if synced := SYNCED.get(type(layer)):
            layer.ranks = ranks  # type: ignore[assignment]
            layer.__class__ = synced


def batch_moments(values: Tensor, ranks: Ranks) -> tuple[Tensor, Tensor]:
    """Mean and biased variance of each channel of values (B, C, …) over the images of all processes: (C,) each."""
    axes = [0, *range(2, values.ndim)]
    own = torch.stack([values.mean(axes), values.var(axes, correction=0)])
    means, variances = ranks.gather(own).unbind(1)  # (ranks, C) each
    mean = means.mean(0)
    # Of parts of the same size: the mean variance, and the variance of the means.
    return mean, variances.mean(0) + (means - mean).square().mean(0)


def normalized(values: Tensor, layer: Normalization, momentum: float, eps: float) -> Tensor:
    """Values (B, C, …) with mean 0 and variance 1 in each channel of the whole batch, float32.

    Updates the running statistics. layer: has `running_mean`, `running_var` (unbiased) and `ranks`.
    """
    ranks: Ranks = layer.ranks  # type: ignore[assignment]
    mean, variance = batch_moments(values.float(), ranks)
    if layer.running_mean is not None and layer.running_var is not None:
        count = values.numel() // values.shape[1] * ranks.count
        with torch.no_grad():
            layer.running_mean.lerp_(mean, momentum)
            layer.running_var.lerp_(variance * count / max(1, count - 1), momentum)
    shape = (1, -1, *(1 for _ in values.shape[2:]))
    return (values.float() - mean.view(shape)) * (variance + eps).rsqrt().view(shape)


class WholeBatchNorm1d(nn.BatchNorm1d):
    def forward(self, values: Tensor) -> Tensor:
        return _batch_norm(self, values) if self.training else super().forward(values)


class WholeBatchNorm2d(nn.BatchNorm2d):
    def forward(self, values: Tensor) -> Tensor:
        return _batch_norm(self, values) if self.training else super().forward(values)


class WholeBatchNorm3d(nn.BatchNorm3d):
    def forward(self, values: Tensor) -> Tensor:
        return _batch_norm(self, values) if self.training else super().forward(values)


class WholeConditionalBatchNorm(ConditionalBatchNorm):
    def normalized(self, values: Tensor) -> Tensor:
        return normalized(values, self, 0.1, 1e-5) if self.training else super().normalized(values)


class WholeDropout(nn.Dropout):
    def forward(self, values: Tensor) -> Tensor:
        return _dropped(self, values, tuple(values.shape)) if self.training else values


class WholeDropout2d(nn.Dropout2d):
    def forward(self, values: Tensor) -> Tensor:
        per_channel = (*values.shape[:2], *(1 for _ in values.shape[2:]))
        return _dropped(self, values, per_channel) if self.training else values


SYNCED: dict[type[nn.Module], type[nn.Module]] = {
    nn.BatchNorm1d: WholeBatchNorm1d,
    nn.BatchNorm2d: WholeBatchNorm2d,
    nn.BatchNorm3d: WholeBatchNorm3d,
    ConditionalBatchNorm: WholeConditionalBatchNorm,
    nn.Dropout: WholeDropout,
    nn.Dropout2d: WholeDropout2d,
}
"""Layer -> the one that sees the whole batch."""


def _batch_norm(layer: _BatchNorm, values: Tensor) -> Tensor:
    momentum = layer.momentum
    tracked: Tensor | None = layer.num_batches_tracked
    if tracked is not None:
        tracked.add_(1)
        if momentum is None:
            # torch's cumulative average.
            momentum = 1 / float(tracked)
    result = normalized(values, layer, momentum or 0.0, layer.eps)
    if layer.affine:
        shape = (1, -1, *(1 for _ in values.shape[2:]))
        result = result * layer.weight.view(shape) + layer.bias.view(shape)
    return result.to(values.dtype)


def _dropped(layer: _DropoutNd, values: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Values with a share of `layer.p` set to 0. shape: of this process's mask."""
    ranks: Ranks = layer.ranks  # type: ignore[assignment]
    # Neither draws in torch.
    if layer.p == 0:
        return values
    if layer.p == 1:
        return values * 0
    # In the memory order of the values, in which torch's own dropout draws.
    order = list(range(values.ndim))
    if shape == values.shape:
        order.sort(key=values.stride, reverse=True)
    sizes = (shape[0] * ranks.count, *shape[1:])
    whole = torch.empty_permuted(sizes, order, device=values.device, dtype=values.dtype)
    return values * ranks.share(whole.bernoulli_(1 - layer.p).div_(1 - layer.p))
