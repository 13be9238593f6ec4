"""The end of every update: gradients of its loss, then each optimizer moves its network's weights."""

from collections.abc import Sequence

import torch
from torch.nn.utils import clip_grads_with_norm_, get_total_norm

from pipeline.training.optimizer_part import OptimizerPart
from pipeline.training.stages import Made, Operation
from pipeline.training.state import TrainState


def gradients(roles: Sequence[str], node: str, loss: str, metric: str) -> Operation:
    """Fresh gradients of `made[loss]` by the weights of these roles' networks; their joint L2 norm is `metric`.

    node: whose stage it is. Networks of other roles that the loss passed through get no gradients. Of several roles
    the norm of each is made too, as "metric: role".
    """

    def run(state: TrainState, made: Made) -> Made:
        # A layer that is frozen gets none.
        parameters = {
            role: [weight for weight in state.networks[role].parameters() if weight.requires_grad] for role in roles
        }
        every = [parameter for weights in parameters.values() for parameter in weights]
        for parameter in every:
            parameter.grad = None
        # `inputs` leaves out the weights of the network that is only passed through.
        torch.autograd.backward(made[loss], inputs=every)
        norms = {
            role: get_total_norm([weight.grad for weight in weights if weight.grad is not None])
            for role, weights in parameters.items()
        }
        if len(norms) == 1:
            return {metric: norms[roles[0]]}
        joint = torch.linalg.vector_norm(torch.stack(list(norms.values())))
        return {metric: joint} | {f"{metric}: {role}": norm for role, norm in norms.items()}

    return Operation("gradients", node, run, roles=tuple(roles))


def move_weights(role: str, optimizer: OptimizerPart, total_steps: int, norm: str, rate: str) -> Operation:
    """One step of the optimizer of this role's network, its gradient clipped and its learning rate scheduled.

    total_steps: of the run, which the schedule goes by. norm: what `gradients` has called the norm of this network's
    gradient. rate: the metric that a scheduled learning rate is recorded as; one without a schedule is not recorded.

    Clipping (Pascanu et al. 2013, arXiv 1211.5063) scales the whole gradient g to g · min(1, clip_norm / ‖g‖). The norm
    stays the one before that, which says whether clipping had anything to do.
    """

    def run(state: TrainState, made: Made) -> Made:
        moved = state.optimizers[role]
        if limit := state.live.get(optimizer.clip_norm, 0.0):
            clip_grads_with_norm_(state.networks[role].parameters(), limit, made[norm])
        if optimizer.schedule is None:
            moved.step()
            return {}
        optimizer.apply_live(moved, state.live, optimizer.schedule.factor(state.step, total_steps))
        moved.step()
        # Filled in on the device: a number brought there from Python would be waited for.
        return {rate: torch.full((), moved.param_groups[0]["lr"], device=state.device)}

    return Operation("update", optimizer.node, run, roles=(role,))
