"""Which tensor of a step is the first to be NaN or infinite: where to look when a loss is no number any more."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from pipeline.inspection.layers import as_one, weight_name
from pipeline.training.stages import Stage
from pipeline.training.trainer import Trainer


@dataclass(frozen=True)
class BadTensor:
    """A tensor that is not finite. name: in words, e.g. "the gradient of 3.weight". update, stage, node: where."""

    name: str
    update: str
    stage: str
    node: str


def first_bad_tensor(trainer: Trainer) -> BadTensor | None:
    """Does the next step a stage at a time until something in it is not finite; None where all of it is.

    Looks at what each stage makes, at the network's gradients once there are any, and at its weights once they have
    been moved. The step is left half done: whoever asks restores the state. Raises NodeFailure.
    """
    for stage in trainer.stages():
        for name, tensor in _tensors(trainer, stage):
            if tensor.is_floating_point() and not torch.isfinite(tensor).all():
                return BadTensor(name, stage.update, stage.name, stage.node)
    return None


def _tensors(trainer: Trainer, stage: Stage) -> Iterator[tuple[str, Tensor]]:
    moved = as_one(trainer.state.networks, stage.operation.roles)
    if stage.name == "gradients":
        # Before the norm of them all, which is as bad as the worst but says not which.
        for name, parameter in moved.named_parameters():
            if parameter.grad is not None:
                yield f"the gradient of {weight_name(name)}", parameter.grad
    yield from ((f"{name}", tensor) for name, tensor in stage.made.items())
    if stage.name == "update":
        yield from ((f"the weight {weight_name(name)}", tensor) for name, tensor in moved.state_dict().items())
