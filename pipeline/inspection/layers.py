"""The layers of a network, by the names that people see."""

from collections.abc import Collection, Mapping

from torch import nn
from torch.nn.utils.parametrize import is_parametrized, type_before_parametrizations

from pipeline.models.modules import Residual

RESHAPING = (nn.Flatten, nn.Unflatten, nn.Identity, nn.Sequential)
"""Layers that return what they or their last layer were given: they would only be measured and drawn twice."""

PARAMETRIZATIONS = "parametrizations"
"""Where torch keeps, inside a layer, what normalizes its weights."""


def layers(network: nn.Module) -> list[tuple[str, nn.Module]]:
    """(name, module) of every layer that computes something, e.g. ("3 Conv2d", module), in the order of the network.

    A layer is a module that has no others inside, or that has weights of its own, or a residual block. How a weight is
    normalized is part of its layer.
    """
    return [
        (f"{path} {type_before_parametrizations(module).__name__}".lstrip(), module)
        for path, module in network.named_modules()
        if not isinstance(module, RESHAPING)
        and PARAMETRIZATIONS not in path.split(".")
        and (isinstance(module, Residual) or not any(True for _ in module.children()) or weights_of(module))
    ]


def weights_of(module: nn.Module) -> list[nn.Parameter]:
    """A layer's own weights, those that an optimizer moves, without those of the layers inside it."""
    normalized = module.get_submodule(PARAMETRIZATIONS).parameters() if is_parametrized(module) else ()
    return [*module.parameters(recurse=False), *normalized]


def weight_name(path: str) -> str:
    """A weight's path as people know it: "conv2d_1.parametrizations.weight.original" is "conv2d_1.weight"."""
    return path.replace(f"{PARAMETRIZATIONS}.", "").removesuffix(".original")


def as_one(networks: Mapping[str, nn.Module], roles: Collection[str]) -> nn.Module:
    """The networks of these roles, for their weights: the network itself, or several with their role before each name.

    "conv2d_1.weight" of a network by itself is "student.conv2d_1.weight" beside those of another.
    """
    if len(roles) == 1:
        return networks[next(iter(roles))]
    return nn.ModuleDict({role: networks[role] for role in roles})
