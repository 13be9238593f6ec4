"""The layer table of any torch module, recorded during one call of the module.

On the `meta` device, whose tensors have shapes but no values, this costs neither memory nor arithmetic.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrize import is_parametrized, type_before_parametrizations
from torch.utils.flop_counter import FlopCounterMode

from pipeline.models.layers import LayerRow, LayerTable
from pipeline.models.plan import Shape

PARAMETRIZATIONS = "parametrizations"
"""Name of the submodule in which torch keeps the parametrizations of a layer's weights; they count as part of the
layer."""


def measure_layers(module: nn.Module, inputs: Sequence[Any]) -> LayerTable:
    """The table of a module called with `inputs`, the first a tensor (B, …) on the module's device.

    Changes the module's statistics, like any forward pass in training mode. Raises what the module raises.
    """
    # In training mode: in eval mode torch would replace some modules by a fused operation that is not counted.
    module.train()
    call = _Call(module, examples=len(inputs[0]))
    with torch.no_grad():
        call.run(inputs)
    own = _own_parameters(module)
    called = [path for path in call.order if path in call.layers]
    never = [path for path in call.layers if path not in call.outputs and own.get(path)]
    return LayerTable(
        rows=tuple(
            LayerRow(
                name=path or type_before_parametrizations(module).__name__,
                output_shape=call.outputs.get(path),
                parameters=own.get(path, 0),
                multiply_adds=call.multiply_adds.get(path, 0),
            )
            for path in [*called, *never]
            if path in call.leaves or own.get(path) or call.multiply_adds.get(path)
        ),
        parameters=sum(own.values()),
        multiply_adds=sum(call.multiply_adds.values()),
        weights={name: tuple(each.shape) for name, each in module.state_dict().items()},
        normalized=any(map(is_parametrized, module.modules())),
    )


class _Call:
    """One call of a module: the output of each layer, and the operations in it without those of the layers inside it.

    layers: by path, "" for the module itself. leaves: paths of layers with no layers inside. order: paths in the order
    in which the layers first finished.
    """

    def __init__(self, module: nn.Module, examples: int) -> None:
        self.layers = {path: layer for path, layer in module.named_modules() if PARAMETRIZATIONS not in path.split(".")}
        self.leaves = {
            path
            for path, layer in self.layers.items()
            if all(name == PARAMETRIZATIONS for name, _ in layer.named_children())
        }
        self.order: list[str] = []
        self.outputs: dict[str, Shape | None] = {}
        self.multiply_adds: dict[str, int] = {}
        self._module = module
        self._per_example = 2 * examples  # a multiply-add is two operations
        self._counter = FlopCounterMode(display=False)
        self._open: list[tuple[int, int]] = []

    def run(self, inputs: Sequence[Any]) -> None:
        hooks = []
        for path, layer in self.layers.items():
            hooks.append(layer.register_forward_pre_hook(lambda *_: self._enter()))
            hooks.append(layer.register_forward_hook(lambda *given, path=path: self._leave(path, given[-1])))
        try:
            with self._counter:
                self._module(*inputs)
        finally:
            for hook in hooks:
                hook.remove()

    def _enter(self) -> None:
        self._open.append((self._counter.get_total_flops(), 0))

    def _leave(self, path: str, output: object) -> None:
        before, inside = self._open.pop()
        done = self._counter.get_total_flops() - before
        if self._open:
            outer, others = self._open.pop()
            self._open.append((outer, others + done))
        self.multiply_adds[path] = self.multiply_adds.get(path, 0) + (done - inside) // self._per_example
        if path not in self.outputs:
            self.order.append(path)
        self.outputs[path] = _shape(output)


def _shape(output: object) -> Shape | None:
    """The shape of the first tensor in a layer's output, without the batch axis."""
    if isinstance(output, Tensor):
        return tuple(output.shape[1:])
    parts = output.values() if isinstance(output, dict) else output if isinstance(output, tuple | list) else ()
    return next((shape for part in parts if (shape := _shape(part)) is not None), None)


def _own_parameters(module: nn.Module) -> dict[str, int]:
    """Number of trainable values of each layer itself, by path; a parameter shared by two layers counts in the
    first."""
    found: dict[str, int] = {}
    for name, parameter in module.named_parameters():
        *path, _ = name.split(".")
        if PARAMETRIZATIONS in path:
            path = path[: path.index(PARAMETRIZATIONS)]
        layer = ".".join(path)
        found[layer] = found.get(layer, 0) + (parameter.numel() if parameter.requires_grad else 0)
    return found
