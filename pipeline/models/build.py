"""Builds a torch module from a plan and a seed: the plan's layers in order, under the plan's names."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import nn

from pipeline.models.modules import (
    Chain,
    ClassEmbedding,
    ConditionalBatchNorm,
    GlobalPool,
    Network,
    Projection,
    Residual,
    SelfAttention,
)
from pipeline.models.plan import Layer, Plan

MODULES: dict[str, Callable[..., nn.Module]] = {
    "linear": nn.Linear,
    "conv2d": nn.Conv2d,
    "conv_transpose2d": nn.ConvTranspose2d,
    "batch_norm1d": nn.BatchNorm1d,
    "batch_norm2d": nn.BatchNorm2d,
    "conditional_batch_norm": ConditionalBatchNorm,
    "class_embedding": ClassEmbedding,
    "projection": Projection,
    "self_attention": SelfAttention,
    "leaky_relu": nn.LeakyReLU,
    "relu": nn.ReLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "dropout": nn.Dropout,
    "upsample": nn.Upsample,
    "avg_pool2d": nn.AvgPool2d,
    "global_pool": GlobalPool,
    "flatten": nn.Flatten,
    "unflatten": nn.Unflatten,
}


def build_network(plan: Plan, seed: int) -> Network:
    """A network (B, *plan.input_shape) -> (B, *plan.output_shape) on the CPU, in training mode.

    A plan that ends in one score, (1,), returns scores of shape (B,). The weights are initialised according to the
    layers' `gain` and depend on `seed` alone; the global random state is preserved.
    """
    with seeded_weights(seed):
        modules = _modules(plan)
    if plan.output_shape == (1,):
        modules["scores"] = nn.Flatten(start_dim=0)
    network = Network(modules, plan.classes)
    if any("conv" in layer.kind for _, layer in plan.leaves):
        network = network.to(memory_format=torch.channels_last)
    return network


@contextmanager
def seeded_weights(seed: int) -> Iterator[None]:
    """Context in which random numbers drawn on the CPU depend on `seed` alone; restores the global random state on
    exit."""
    # Only the CPU's generator is seeded and restored: torch.manual_seed would also seed every GPU's.
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        yield


def _modules(plan: Plan) -> dict[str, nn.Module]:
    return {layer.name: _module(layer) for layer in plan.layers}


def _module(layer: Layer) -> nn.Module:
    if layer.branches:
        return Residual({name: Chain(OrderedDict(_modules(branch))) for name, branch in layer.branches})
    module = MODULES[layer.kind](**dict(layer.options))
    if layer.gain is not None:
        _begin_as_xavier(module, layer.gain)
    return module


@torch.no_grad()
def _begin_as_xavier(module: nn.Module, gain: float) -> None:
    """Initialise weights uniformly in ±gain·√(6 / (inputs + outputs)), biases as 0: Glorot & Bengio 2010."""
    for name, parameter in module.named_parameters():
        if name.endswith("bias"):
            parameter.zero_()
        else:
            nn.init.xavier_uniform_(parameter, gain)
