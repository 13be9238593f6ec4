"""Find the first tensor of a step that is NaN or infinite, to explain a loss that is not finite."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import compress

import torch
from torch import Tensor

from pipeline.data.images import BatchOrder
from pipeline.inspection.layers import as_one, weight_name
from pipeline.training.stages import Stage
from pipeline.training.trainer import Trainer


@dataclass(frozen=True)
class BadTensor:
    """A tensor that is not finite.

    name: for users, e.g. "the gradient of 3.weight". update, stage, node: where it was found. batch: places in the
    training set of the images that its update drew, () if it drew none. images: of these, the images that the bad
    values came from, () if they cannot be told apart. facts: what distinguishes each of these within its batch, such
    as "image 17 of the batch, at time 0.93", () if nothing is known.

    One of several processes sees only the images of its share. What comes from those of another one is first found in
    a gradient, which is the mean over all processes; `name` then says so.
    """

    name: str
    update: str
    stage: str
    node: str
    batch: tuple[int, ...] = ()
    images: tuple[int, ...] = ()
    facts: tuple[str, ...] = ()


def first_bad_tensor(trainer: Trainer) -> BadTensor | None:
    """Run the next step stage by stage until a tensor is not finite; None if all are finite.

    Checks the tensors that each stage makes, the gradients after "gradients", and the weights after "update". The step
    may be left half done, so the caller must restore the state. Raises NodeFailure.
    """
    update, drawn = "", None
    made: dict[str, Tensor] = {}
    facts_of = {update.name: update.image_facts for update, _ in trainer.plan}
    seen = trainer.state.images_seen
    for stage in trainer.stages():
        if stage.update != update:
            update, drawn, made = stage.update, None, {}
        made |= stage.made
        if trainer.state.images_seen > seen:
            drawn, seen = seen, trainer.state.images_seen
        for name, tensor in _tensors(trainer, stage):
            if tensor.is_floating_point() and not torch.isfinite(tensor).all():
                batch = () if drawn is None else _drawn_after(trainer, drawn)
                of_image = facts_of[update]
                own = of_image is not None and name in stage.made
                first, share = _share_of(trainer, batch)
                rows = _bad_rows(tensor, share) if own or name.split("_")[0] == "real" else ()
                facts = tuple(_facts(of_image(made, row), first + row) for row in rows) if of_image else ()
                images = tuple(share[row] for row in rows)
                return BadTensor(name, stage.update, stage.name, stage.node, batch, images, facts)
    return None


def _drawn_after(trainer: Trainer, drawn: int) -> tuple[int, ...]:
    """Places of the images of the batch that is drawn after `drawn` images, those of all processes."""
    settings = trainer.experiment.settings
    order = BatchOrder(settings.seed, trainer.experiment.images.train.count, settings.batch_size)
    return tuple(order.indices(drawn).tolist())


def _share_of(trainer: Trainer, batch: Sequence[int]) -> tuple[int, Sequence[int]]:
    """The row of the first image of this process in a batch, and its images."""
    ranks = trainer.state.ranks
    first = ranks.index * ranks.size(len(batch))
    return first, batch[first : first + ranks.size(len(batch))]


def _facts(known: str, row: int) -> str:
    return ", ".join(filter(None, (f"image {row + 1:,} of the batch", known)))


def _bad_rows(tensor: Tensor, batch: Sequence[int]) -> tuple[int, ...]:
    """The rows of the tensor that are not finite; () if it has not one for each image of the batch, or all are bad."""
    if tensor.ndim == 0 or len(tensor) != len(batch):
        return ()
    bad = (~torch.isfinite(tensor)).reshape(len(batch), -1).any(1).tolist()
    return () if all(bad) else tuple(compress(range(len(batch)), bad))


def _tensors(trainer: Trainer, stage: Stage) -> Iterator[tuple[str, Tensor]]:
    moved = as_one(trainer.state.networks, stage.operation.roles)
    count = trainer.state.ranks.count
    of_all = f", the mean over {count} processes" if count > 1 else ""
    if stage.name == "gradients":
        # Before their joint norm, which is not finite either but does not tell which gradient is the cause.
        for name, parameter in moved.named_parameters():
            if parameter.grad is not None:
                yield f"the gradient of {weight_name(name)}{of_all}", parameter.grad
    yield from ((f"{name}", tensor) for name, tensor in stage.made.items())
    if stage.name == "update":
        yield from ((f"the weight {weight_name(name)}", tensor) for name, tensor in moved.state_dict().items())
