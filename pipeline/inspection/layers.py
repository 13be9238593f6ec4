"""The layers of a network and their display names."""

from collections.abc import Collection, Mapping

from torch import nn
from torch.nn.utils.parametrize import is_parametrized, type_before_parametrizations

from pipeline.models.modules import Residual

RESHAPING = (nn.Flatten, nn.Unflatten, nn.Identity, nn.Sequential)
"""Modules that return their input or their last layer's output, which would only be measured and drawn twice."""

PARAMETRIZATIONS = "parametrizations"
"""Submodule in which torch keeps a layer's weight parametrizations, such as spectral normalization."""


def layers(network: nn.Module) -> list[tuple[str, nn.Module]]:
    """(name, module) of every layer that computes something, e.g. ("3 Conv2d", module), in network order.

    A layer is a module without children, a module with direct weights, or a residual block. Parametrizations, such as
    spectral normalization, are part of their layer.
    """
    return [
        (f"{path} {type_before_parametrizations(module).__name__}".lstrip(), module)
        for path, module in network.named_modules()
        if not isinstance(module, RESHAPING)
        and PARAMETRIZATIONS not in path.split(".")
        and (isinstance(module, Residual) or not any(True for _ in module.children()) or weights_of(module))
    ]


def weights_of(module: nn.Module) -> list[nn.Parameter]:
    """The parameters of a layer that an optimizer updates, without those of the layers inside it."""
    normalized = module.get_submodule(PARAMETRIZATIONS).parameters() if is_parametrized(module) else ()
    return [*module.parameters(recurse=False), *normalized]


def weight_name(path: str) -> str:
    """The display name of a weight: "conv2d_1.weight" for "conv2d_1.parametrizations.weight.original"."""
    return path.replace(f"{PARAMETRIZATIONS}.", "").removesuffix(".original")


def as_one(networks: Mapping[str, nn.Module], roles: Collection[str]) -> nn.Module:
    """One module with the weights of these roles: the network itself, or several networks with role prefixes.

    "conv2d_1.weight" of a single network is "student.conv2d_1.weight" among several.
    """
    if len(roles) == 1:
        return networks[next(iter(roles))]
    return nn.ModuleDict({role: networks[role] for role in roles})
