"""The end of every update: gradients of its loss, then each optimizer moves its network's weights."""

from collections.abc import Sequence

import torch
from torch.nn.utils import get_total_norm

from pipeline.training.parts import OptimizerPart
from pipeline.training.stages import Made, Operation
from pipeline.training.state import TrainState


def gradients(roles: Sequence[str], node: str, loss: str, metric: str) -> Operation:
    """Fresh gradients of `made[loss]` by the weights of these roles' networks; their joint norm is `metric`.

    node: whose stage it is. Networks of other roles that the loss passed through get no gradients.
    """

    def run(state: TrainState, made: Made) -> Made:
        parameters = [parameter for role in roles for parameter in state.networks[role].parameters()]
        for parameter in parameters:
            parameter.grad = None
        # `inputs` leaves out the weights of the network that is only passed through.
        torch.autograd.backward(made[loss], inputs=parameters)
        return {metric: get_total_norm([p.grad for p in parameters if p.grad is not None])}

    return Operation("gradients", node, run)


def move_weights(role: str, optimizer: OptimizerPart) -> Operation:
    """One step of the optimizer of this role's network."""

    def run(state: TrainState, made: Made) -> Made:
        state.optimizers[role].step()
        return {}

    return Operation("update", optimizer.node, run)
