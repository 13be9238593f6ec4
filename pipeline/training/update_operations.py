"""The operations that the updates of every family have: drawing real images, gradients and the optimizer step.

Also the precision of the forward passes.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor, nn
from torch.nn.utils import clip_grads_with_norm_, get_total_norm

from pipeline.augmentation.live import LiveAugmentation
from pipeline.data.batches import Batches
from pipeline.data.images import from_signed, to_signed
from pipeline.data.value_range import ValueRange
from pipeline.runs.stage_times import AUGMENT, DRAW
from pipeline.training.optimizer_part import OptimizerPart
from pipeline.training.parts import RealImages
from pipeline.training.settings import Settings
from pipeline.training.stages import Made, Operation
from pipeline.training.state import TrainState

Precision = Callable[[], AbstractContextManager[object]]


def precision_of(settings: Settings) -> Precision:
    """Return the context manager of a forward pass. Losses, penalties and weights are float32 in either precision."""
    if settings.precision == "bf16":
        return lambda: torch.autocast(settings.device.type, torch.bfloat16)
    return nullcontext


def draw_real_images(
    images: RealImages, settings: Settings, labelled: bool = False, numbered: bool = False
) -> tuple[Operation, ...]:
    """The stages that draw the next training batch and apply the augmentations, each as a stage of its own node.

    They make `real` (B, C, H, W) in the range of the images; `labels` (B,) int64 if `labelled`, and the images'
    `numbers` in the set (B,) int64 if `numbered`.
    """
    train = images.train
    batches = Batches(train, settings.seed, settings.batch_size, settings.ranks)

    def run(state: TrainState, made: Made) -> Made:
        batch = batches.after(state.images_seen)
        state.images_seen += settings.batch_size
        labels = {"labels": train.labels.index_select(0, batch.indices)} if labelled else {}
        return {"real": batch.images} | labels | ({"numbers": batch.indices} if numbered else {})

    augmentations = images.augment.in_order if images.augment else ()
    return (Operation(DRAW, images.node, run), *(_augment(each, images.values) for each in augmentations))


def _augment(augmentation: LiveAugmentation, values: ValueRange) -> Operation:
    def run(state: TrainState, made: Made) -> Made:
        changed = augmentation.alone(to_signed(made["real"], values), state.random, state.live)
        return {"real": from_signed(changed, values)}

    return Operation(AUGMENT, augmentation.node, run)


def gradients(roles: Sequence[str], node: str, loss: str, metric: str) -> Operation:
    """The stage that computes the gradients of `made[loss]` with respect to these roles' weights, and their norm
    `metric`.

    node: the node that the stage belongs to. Old gradients are dropped. Other networks that the loss passed through get
    no gradients. For several roles, the norm of each is added as "metric: role". Of several processes, each then has
    the mean gradient, and the means of all numbers that this update has made, as those of the whole batch.
    """

    def run(state: TrainState, made: Made) -> Made:
        # Frozen layers get no gradients. An optimizer lists its weights; a network would have to be walked.
        parameters = {
            role: [
                weight
                for group in state.optimizers[role].param_groups
                for weight in group["params"]
                if weight.requires_grad
            ]
            for role in roles
        }
        every = [parameter for weights in parameters.values() for parameter in weights]
        for parameter in every:
            parameter.grad = None
        # `inputs` excludes the weights of networks that the loss only passes through.
        torch.autograd.backward(made[loss], inputs=every)
        means = _averaged(every, made, state)
        norms = {
            role: get_total_norm([weight.grad for weight in weights if weight.grad is not None])
            for role, weights in parameters.items()
        }
        if len(norms) == 1:
            return means | {metric: norms[roles[0]]}
        joint = torch.linalg.vector_norm(torch.stack(list(norms.values())))
        return means | {metric: joint} | {f"{metric}: {role}": norm for role, norm in norms.items()}

    return Operation("gradients", node, run, roles=tuple(roles))


def _averaged(weights: Sequence[nn.Parameter], made: Made, state: TrainState) -> dict[str, Tensor]:
    """Average the gradients of these weights, and return the averaged numbers, by name; none for a single process."""
    ranks = state.ranks
    if ranks.alone:
        return {}
    numbers = {
        name: tensor.detach().to(torch.float32, copy=True)
        for name, tensor in made.items()
        if tensor.ndim == 0 and tensor.is_floating_point()
    }
    gradients = [weight.grad for weight in weights if weight.grad is not None]
    ranks.average([*gradients, *numbers.values()])
    if state.by_share:
        # In float64, in which the mean of equal float32 numbers is that number.
        means = [buffer.double() for buffer in state.by_share]
        ranks.average(means)
        for buffer, mean in zip(state.by_share, means, strict=True):
            buffer.copy_(mean)
    return numbers


def optimizer_step(
    role: str, optimizer: OptimizerPart, total_steps: int, norm: str, rate: str, first: int = 0
) -> Operation:
    """The stage that clips this role's gradient, schedules the learning rate and steps the optimizer.

    total_steps: total steps of the run, for the schedule. norm: name under which `gradients` stored the norm of this
    network's gradient. first: finished steps at which its schedule begins. rate: metric that records a scheduled
    learning rate; without a schedule none is recorded.

    Clipping (Pascanu et al. 2013, arXiv 1211.5063) scales the whole gradient g to g · min(1, clip_norm / ‖g‖). The
    recorded norm is the one before clipping, which shows whether clipping was active.
    """

    def run(state: TrainState, made: Made) -> Made:
        moved = state.optimizers[role]
        if limit := state.live.get(optimizer.clip_norm, 0.0):
            clip_grads_with_norm_(state.networks[role].parameters(), limit, made[norm])
        if optimizer.schedule is None:
            moved.step()
            return {}
        optimizer.apply_live(moved, state.live, optimizer.factor(state.step - first, total_steps - first, state.live))
        moved.step()
        # `full` fills on the device; copying a number from Python would wait for the device.
        return {rate: torch.full((), moved.param_groups[0]["lr"], device=state.device)}

    return Operation("update", optimizer.node, run, roles=(role,))
