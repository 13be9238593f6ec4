"""A plan and a seed become a torch module: the layers of the plan, one after the other, under the plan's names."""

from collections import OrderedDict
from collections.abc import Callable

import torch
from torch import nn

from pipeline.models.plan import Plan

MODULES: dict[str, Callable[..., nn.Module]] = {
    "linear": nn.Linear,
    "conv2d": nn.Conv2d,
    "conv_transpose2d": nn.ConvTranspose2d,
    "batch_norm1d": nn.BatchNorm1d,
    "batch_norm2d": nn.BatchNorm2d,
    "leaky_relu": nn.LeakyReLU,
    "relu": nn.ReLU,
    "tanh": nn.Tanh,
    "dropout": nn.Dropout,
    "flatten": nn.Flatten,
    "unflatten": nn.Unflatten,
}


def build_network(plan: Plan, seed: int) -> nn.Module:
    """A network (B, *plan.input_shape) -> (B, *plan.output_shape) on the CPU, in training mode.

    A plan that ends in one score, (1,), returns them as (B,). The weights are torch's default initialisation and
    depend on `seed` alone; the state of the random numbers outside is left as it was.
    """
    # Only the CPU's generator is seeded and kept: torch.manual_seed would seed every GPU's as well.
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        modules = OrderedDict((layer.name, MODULES[layer.kind](**dict(layer.options))) for layer in plan.layers)
    if plan.output_shape == (1,):
        modules["scores"] = nn.Flatten(start_dim=0)
    network = nn.Sequential(modules)
    if any("conv" in layer.kind for layer in plan.layers):
        network = network.to(memory_format=torch.channels_last)
    return network
