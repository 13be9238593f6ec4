"""Custom networks made in Python: tested on a batch and, if their shapes differ, wrapped to reshape them.

The test uses a copy of the network and preserves the global random state, so it changes nothing. The result holds the
given module itself, so that training updates its owner's weights.

    adapt_generator    latents (B, dim) -> images (B, C, H, W); also latents (B, dim, 1, 1) and flat images
    adapt_scorer       images (B, C, H, W) -> scores (B,), logits; also (B, 1) and (B, 1, 1, 1)
    adapt_encoder      images -> codes (B, numbers, dim); also flat, or one tensor for each number
    adapt_decoder      codes (B, dim) -> images, like a generator
"""

import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from hashlib import sha256
from math import prod
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from pipeline.errors.training import UnfitModule
from pipeline.formatting import first_line
from pipeline.models.plan import End

Shape = tuple[int, ...]

TRIED = 2
"""Number of images in the test batch: the fewest that batch normalization accepts."""
BOUNDING = (nn.Tanh, nn.Sigmoid)
ENDS: dict[str, End] = {"Tanh": "tanh", "Sigmoid": "sigmoid"}
"""The functions that bound images, by autograd's names of them."""
PASSING = frozenset(
    ("View", "ReshapeAlias", "UnsafeView", "Squeeze", "Unsqueeze", "Select", "Slice", "Alias", "Clone", "ToCopy")
)
"""Autograd operations that leave every number unchanged."""


@dataclass(frozen=True)
class AdaptedNetwork:
    """A network as training calls it. image_shape: (C, H, W) of the images that it makes or receives. end: the function
    that bounds the images that it makes; None if it is another, or if it makes none."""

    network: nn.Module
    image_shape: tuple[int, int, int]
    end: End | None = None


class ReshapingWrapper(nn.Module):
    """Reshapes the inputs and outputs of a network.

    before: the shape that each input gets, None to leave it. after: the shape that each output gets; several outputs
    are stacked first.
    """

    def __init__(self, network: nn.Module, before: Shape | None, after: Shape) -> None:
        super().__init__()
        self.network = network
        self.before = before
        self.after = after

    def forward(self, values: Tensor, *more: Any, **named: Any) -> Tensor:
        count = len(values)
        shaped = values if self.before is None else values.reshape(count, *self.before)
        made: Tensor = _joined(self.network(shaped, *more, **named)).reshape(count, *self.after)
        return made


def wrapper_prefix(network: nn.Module) -> str:
    """What the names in a network's state dict begin with if the module was wrapped here; "" if it was not."""
    if isinstance(network, ReshapingWrapper):
        return "network."
    # A decoder whose tanh was left outside of its wrapper.
    if isinstance(network, nn.Sequential) and len(network) and isinstance(network[0], ReshapingWrapper):
        return "0.network."
    return ""


@dataclass(frozen=True)
class _Tried:
    """A successful call on the test batch. before: as in ReshapingWrapper. output: the result, stacked if there were
    several tensors, with its autograd graph. whole: whether the module returned a single tensor."""

    before: Shape | None
    output: Tensor
    whole: bool

    @property
    def shape(self) -> Shape:
        """Shape of one output."""
        return tuple(self.output.shape[1:])

    @property
    def last(self) -> str:
        """Autograd's name of the last operation that changed a number: "Sigmoid", "Tanh"; "" for none."""
        return last_operation(self.output)


def last_operation(output: Tensor) -> str:
    """Autograd's name of the last operation that changed a number of the output; "" for none."""
    step: Any = output.grad_fn
    while step is not None:
        name = re.sub(r"Backward\d*$", "", step.name().split("::")[-1])
        if name not in PASSING:
            return name
        step = next((earlier for earlier, _ in step.next_functions if earlier is not None), None)
    return ""


def end_of(network: nn.Module, inputs: Sequence[Any]) -> End | None:
    """The function that bounds what a network makes, by a call of a copy of it; None if it is another, or none.

    Raises what the network raises.
    """
    devices = list({weight.device for weight in network.parameters() if weight.is_cuda})
    with torch.random.fork_rng(devices=devices), torch.enable_grad():
        made = deepcopy(network).eval()(*inputs)
    return ENDS.get(last_operation(made)) if isinstance(made, Tensor) else None


def weight_count(module: nn.Module) -> int:
    """Number of trainable values in a module."""
    return sum(parameter.numel() for parameter in module.parameters())


def layers_hash(module: nn.Module) -> str:
    """A hash that is equal for two modules whose layers and weights have the same names and shapes."""
    shapes = {name: tuple(tensor.shape) for name, tensor in module.state_dict().items()}
    return sha256(f"{module}{shapes}".encode()).hexdigest()[:16]


def adapt_generator(role: str, module: nn.Module, latents: int, image_shape: tuple[int, int, int]) -> AdaptedNetwork:
    """Adapt a generator. latents: size of a latent, class vector included. image_shape: the shape of real images, used
    for flat outputs.

    Raises UnfitModule.
    """
    tried = _tried(role, module, torch.zeros(TRIED, latents), before=(latents, 1, 1))
    made = _image_shape(role, tried, image_shape)
    return AdaptedNetwork(_in_shell(module, tried, made), made, ENDS.get(tried.last))


def adapt_scorer(role: str, module: nn.Module, image_shape: tuple[int, int, int], conditional: bool) -> AdaptedNetwork:
    """Adapt a discriminator. conditional: whether it is called with labels too. Raises UnfitModule."""
    named = {"labels": torch.zeros(TRIED, dtype=torch.int64)} if conditional else {}
    tried = _tried(role, module, torch.zeros(TRIED, *image_shape), named=named)
    if prod(tried.shape) != 1:
        found = _words(tried.shape)
        raise UnfitModule(role, f"returns {found} for each image, but one score is expected: (B,) or (B, 1).")
    if tried.last == "Sigmoid":
        raise UnfitModule(
            role, "ends in a sigmoid: remove it and return logits, since the objective applies the sigmoid."
        )
    return AdaptedNetwork(_in_shell(module, tried, ()), image_shape)


def adapt_encoder(
    role: str, module: nn.Module, image_shape: tuple[int, int, int], numbers: int, latents: int
) -> AdaptedNetwork:
    """Adapt an encoder. numbers: values per dimension of a code. latents: dimensions of a code. Raises UnfitModule."""
    tried = _tried(role, module, torch.zeros(TRIED, *image_shape))
    if prod(tried.shape) != numbers * latents:
        each = f"{latents} numbers" if numbers == 1 else f"{numbers} × {latents} numbers (means and log-variances)"
        raise UnfitModule(role, f"returns {_words(tried.shape)} for each image, but {each} are expected for its code.")
    return AdaptedNetwork(_in_shell(module, tried, (numbers, latents)), image_shape)


def adapt_decoder(role: str, module: nn.Module, latents: int, image_shape: tuple[int, int, int]) -> AdaptedNetwork:
    """Adapt a decoder, like `adapt_generator`; an nn.Sequential that ends in nn.Tanh or nn.Sigmoid still does when
    wrapped. Raises UnfitModule."""
    fitted = adapt_generator(role, module, latents, image_shape)
    shell = fitted.network
    if isinstance(shell, ReshapingWrapper) and isinstance(module, nn.Sequential) and isinstance(module[-1], BOUNDING):
        # Cross-entropy uses the input of the last function.
        unbounded = ReshapingWrapper(module[:-1], shell.before, shell.after)
        return replace(fitted, network=nn.Sequential(unbounded, module[-1]))
    return fitted


def _tried(
    role: str,
    module: object,
    values: Tensor,
    *,
    before: Shape | None = None,
    named: Mapping[str, Tensor] | None = None,
) -> _Tried:
    """Test a copy of the module. before: the input shape to try if it does not accept the values as they are."""
    if not isinstance(module, nn.Module):
        kind = module.__name__ if isinstance(module, type) else f"a {type(module).__name__}"
        raise UnfitModule(role, f"is {kind}, but an instance of torch.nn.Module is expected.")
    weights = [*module.parameters(), *module.buffers()]
    if any(map(is_lazy, weights)):
        raise UnfitModule(role, "has lazy layers, whose sizes are not known yet: call it once on a batch first.")
    if not any(True for _ in module.parameters()):
        raise UnfitModule(role, "has no weights to train.")
    if any(not parameter.requires_grad for parameter in module.parameters()):
        raise UnfitModule(
            role, "has frozen weights (requires_grad is False), but training updates all weights of a network."
        )
    device = weights[0].device
    shapes: Sequence[Shape | None] = (None,) if before is None else (None, before)
    faults: list[Exception] = []
    devices = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(devices=devices), torch.enable_grad():
        for shape in shapes:
            try:
                copy = deepcopy(module).train()
                inputs = values if shape is None else values.reshape(len(values), *shape)
                given = {name: each.to(device) for name, each in (named or {}).items()}
                made = copy(inputs.to(device).requires_grad_(), **given)
                output = _joined(made)
            except Exception as error:  # noqa: BLE001 - custom code may raise anything; the error names the module
                faults.append(error)
                continue
            return _Tried(shape, _sound(role, output), made is output)
    reason = first_line(faults[0]) or type(faults[0]).__name__
    raise UnfitModule(role, f"fails on a batch of {_words(tuple(values.shape))}: {reason.rstrip('.')}.") from faults[0]


def _joined(made: Any) -> Any:
    """The output of a network; several tensors are stacked."""
    return torch.stack(tuple(made), dim=1) if isinstance(made, tuple | list) else made


def _sound(role: str, output: Any) -> Tensor:
    if not isinstance(output, Tensor) or not output.is_floating_point():
        found = str(output.dtype) if isinstance(output, Tensor) else type(output).__name__
        raise UnfitModule(role, f"returns {found}, but a tensor of floats is expected.")
    if output.ndim == 0 or len(output) != TRIED:
        raise UnfitModule(
            role,
            f"returns {_words(tuple(output.shape))} for a batch of {TRIED}: its first dimension must be the batch.",
        )
    return output


def _image_shape(role: str, tried: _Tried, image_shape: tuple[int, int, int]) -> tuple[int, int, int]:
    """Shape of the images that a network makes; flat outputs get the shape of the real images."""
    match tried.shape:
        case (channels, height, width) if prod(tried.shape) > 1:
            return channels, height, width
        case (values,) if values == prod(image_shape):
            return image_shape
        case found:
            expected = f"{_words(image_shape)}, or {prod(image_shape):,} numbers"
            raise UnfitModule(role, f"returns {_words(found)} for each image, but {expected}, are expected.")


def _in_shell(module: nn.Module, tried: _Tried, after: Shape) -> nn.Module:
    """The module in a ReshapingWrapper, or the module itself if it needs none."""
    fits = tried.whole and tried.before is None and tried.shape == after
    return module if fits else ReshapingWrapper(module, tried.before, after)


def _words(shape: Shape) -> str:
    return "×".join(map(str, shape)) or "a single number"
