"""Layers that do not give in several processes what they would in one, since they are not in `whole_batch.py`.

They take statistics of the images of their own process, or draw the same random numbers in each; or they are custom
code, of which nothing is known.
"""

from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm, _NormBase
from torch.nn.modules.dropout import _DropoutNd

from pipeline.models.whole_batch import SYNCED, WholeDropout, WholeDropout2d

KNOWN = ("torch.", "pipeline.", "collections", "typing", "abc")
"""Beginnings of the names of modules whose classes are known."""


def by_share(network: nn.Module) -> list[str]:
    """The layers of torch that see only the images of their process, or draw random numbers for them alone, as
    "name (class)"."""
    return [_named(name, layer) for name, layer in network.named_modules() if _by_share(layer)]


def unknown(network: nn.Module) -> list[str]:
    """The layers that are neither torch's nor this package's, as "name (class)"."""
    return [_named(name, layer) for name, layer in network.named_modules() if _unknown(layer)]


def drops_out(network: nn.Module) -> bool:
    """Whether the network has dropout that draws for whole batches. On the CPU it draws the numbers that torch's would;
    on other devices torch has faster ways to draw."""
    return any(isinstance(layer, WholeDropout | WholeDropout2d) and layer.p > 0 for layer in network.modules())


def statistics_by_share(network: nn.Module) -> list[Tensor]:
    """The buffers, floating point, that a forward pass may change by the images of this process alone."""
    return [
        buffer
        for layer in network.modules()
        if _by_share(layer) or _unknown(layer)
        for buffer in layer.buffers(recurse=False)
        if buffer.is_floating_point()
    ]


def _by_share(layer: nn.Module) -> bool:
    if isinstance(layer, tuple(SYNCED.values())):
        return False
    if isinstance(layer, nn.MultiheadAttention | nn.RNNBase):
        return layer.dropout > 0
    if isinstance(layer, _NormBase):
        # Instance normalization keeps statistics only if told to.
        return isinstance(layer, _BatchNorm) or layer.track_running_stats
    return isinstance(layer, _DropoutNd | nn.RReLU)


def _unknown(layer: nn.Module) -> bool:
    # With its base classes: a layer with a parametrization is of a class that torch derives from its own.
    bases = [base for base in type(layer).__mro__ if base is not object]
    return not _by_share(layer) and any(not base.__module__.startswith(KNOWN) for base in bases)


def _named(name: str, layer: nn.Module) -> str:
    return f"{name} ({type(layer).__name__})" if name else type(layer).__name__
