"""Find the first tensor of a step that is NaN or infinite, to explain a loss that is not finite."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from pipeline.inspection.layers import as_one, weight_name
from pipeline.training.stages import Stage
from pipeline.training.trainer import Trainer


@dataclass(frozen=True)
class BadTensor:
    """A tensor that is not finite.

    name: for users, e.g. "the gradient of 3.weight". update, stage, node: where it was found.
    """

    name: str
    update: str
    stage: str
    node: str


def first_bad_tensor(trainer: Trainer) -> BadTensor | None:
    """Run the next step stage by stage until a tensor is not finite; None if all are finite.

    Checks the tensors that each stage makes, the gradients after "gradients", and the weights after "update". The step
    may be left half done, so the caller must restore the state. Raises NodeFailure.
    """
    for stage in trainer.stages():
        for name, tensor in _tensors(trainer, stage):
            if tensor.is_floating_point() and not torch.isfinite(tensor).all():
                return BadTensor(name, stage.update, stage.name, stage.node)
    return None


def _tensors(trainer: Trainer, stage: Stage) -> Iterator[tuple[str, Tensor]]:
    moved = as_one(trainer.state.networks, stage.operation.roles)
    if stage.name == "gradients":
        # Before their joint norm, which is not finite either but does not tell which gradient is the cause.
        for name, parameter in moved.named_parameters():
            if parameter.grad is not None:
                yield f"the gradient of {weight_name(name)}", parameter.grad
    yield from ((f"{name}", tensor) for name, tensor in stage.made.items())
    if stage.name == "update":
        yield from ((f"the weight {weight_name(name)}", tensor) for name, tensor in moved.state_dict().items())
