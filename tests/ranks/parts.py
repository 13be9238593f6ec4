"""Single questions to two processes. Each part is a function of the processes and a home, whose answer is JSON."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn

from pipeline.errors.processes import ProcessesDiffer
from pipeline.inspection.nonfinite import first_bad_tensor
from pipeline.models.modules import ConditionalBatchNorm
from pipeline.models.whole_batch import see_whole_batches
from pipeline.ranks.ranks import ALONE, Ranks
from pipeline.training.experiment import Experiment
from pipeline.training.same_state import require_same_state
from pipeline.training.stages import Made, Operation
from pipeline.training.state import TrainState
from pipeline.training.trainer import Trainer
from tests.ranks.cases import CASES

BATCH = 6


def sums(ranks: Ranks, home: Path) -> dict[str, object]:
    """Means and lists over the processes, of numbers of which those of process 1 are twice those of process 0."""
    own = torch.tensor([1.0, 2.0]) * (1 + ranks.index)
    first, second = own.clone(), own[:1].view(1, 1).clone()
    ranks.average([first, second])
    bits = torch.tensor([2**62 + 1 + ranks.index])
    return {
        "mean": ranks.mean(own).tolist(),
        "gathered": ranks.gather(own).tolist(),
        "averaged": [first.tolist(), second.tolist()],
        "bits": ranks.collect(bits).flatten().tolist(),
    }


def derivatives(ranks: Ranks, home: Path) -> list[float]:
    """The averaged first and second derivatives of (mean of w · a)³ by w = 2, with a = 1 and 3 in the processes."""
    weight = torch.tensor(2.0, requires_grad=True)
    cube = ranks.mean(weight * (1.0 + 2 * ranks.index)) ** 3
    (first,) = torch.autograd.grad(cube, weight, create_graph=True)
    (second,) = torch.autograd.grad(ranks.mean(first), weight)
    return [ranks.mean(each.detach()).item() for each in (first, second)]


def batch_norm(ranks: Ranks, home: Path) -> dict[str, float]:
    """How far each normalization of two shares is from torch's of the whole batch: the largest |Δ| of its results, of
    the gradients of a loss on them and on their own derivative, and of the running statistics."""
    torch.manual_seed(1)
    kinds: dict[str, tuple[nn.Module, tuple[int, ...]]] = {
        "1d": (nn.BatchNorm1d(3), (3,)),
        "1d of sequences": (nn.BatchNorm1d(3), (3, 5)),
        "2d": (nn.BatchNorm2d(3), (3, 4, 4)),
        "2d, cumulative": (nn.BatchNorm2d(3, momentum=None), (3, 4, 4)),
        "3d, not affine": (nn.BatchNorm3d(3, affine=False), (3, 2, 2, 2)),
        "conditional": (ConditionalBatchNorm(3, 2), (3, 4, 4)),
    }
    found = {}
    for name, (layer, shape) in kinds.items():
        values = torch.randn(BATCH, *shape) * 2 + 1
        condition = torch.eye(2)[torch.arange(BATCH) % 2]
        for weight in layer.parameters():
            nn.init.normal_(weight)
        shared = deepcopy(layer)
        see_whole_batches(shared, ranks)
        whole = _passed(layer, values, condition, ALONE)
        share = _passed(shared, ranks.share(values), ranks.share(condition), ranks)
        places = [ranks.share(each) if each.shape[:1] == (BATCH,) else each for each in whole]
        found[name] = max((one - other).abs().max().item() for one, other in zip(share, places, strict=True))
        assert list(layer.state_dict()) == list(shared.state_dict())
    return found


def _passed(layer: nn.Module, values: Tensor, condition: Tensor, ranks: Ranks) -> list[Tensor]:
    """Results, gradients of the weights averaged over the processes, and buffers, after two forward passes."""
    layer.train()
    for _ in range(2):
        points = values.clone().requires_grad_()
        made = layer(points, condition) if isinstance(layer, ConditionalBatchNorm) else layer(points)
        (slope,) = torch.autograd.grad(made.sin().sum(), points, create_graph=True)
    (made.pow(3).mean() + slope.square().mean()).backward()
    gradients = [ranks.mean(weight.grad) for weight in layer.parameters()]
    return [made.detach(), slope.detach(), *gradients, *(each.double() for each in layer.buffers())]


def dropout(ranks: Ranks, home: Path) -> dict[str, bool]:
    """Whether each dropout of two shares is bit by bit torch's of the whole batch, twice in a row."""
    images = torch.randn(BATCH, 3, 4, 4)
    kinds = {
        "rows": (nn.Dropout(0.4), torch.randn(BATCH, 7)),
        "images": (nn.Dropout(0.4), images),
        "images, channels last": (nn.Dropout(0.4), images.contiguous(memory_format=torch.channels_last)),
        "transposed": (nn.Dropout(0.4), torch.randn(BATCH, 5, 3).transpose(1, 2)),
        "feature maps": (nn.Dropout2d(0.4), images),
        "feature maps, channels last": (nn.Dropout2d(0.4), images.contiguous(memory_format=torch.channels_last)),
        "none": (nn.Dropout(0.0), images),
        "all": (nn.Dropout(1.0), images),
    }
    found = {}
    for name, (layer, values) in kinds.items():
        shared = deepcopy(layer)
        see_whole_batches(shared, ranks)
        torch.manual_seed(5)
        whole = [ranks.share(layer(values)) for _ in range(2)] + [torch.rand(1)]
        torch.manual_seed(5)
        share = [shared(ranks.share(values)) for _ in range(2)] + [torch.rand(1)]
        found[name] = all(torch.equal(one, other) for one, other in zip(whole, share, strict=True))
    return found


class Remembering(nn.Module):
    """A custom layer that keeps the mean of its images, of this process alone."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("seen", torch.zeros(()))

    def forward(self, images: Tensor) -> Tensor:
        self.seen.lerp_(images.detach().mean(), 0.1)
        return images


def custom_statistics(ranks: Ranks, home: Path) -> list[float]:
    """What such a layer of a discriminator has seen after two steps, here and in a single process."""

    def remembering(experiment: Experiment) -> Experiment:
        network = nn.Sequential(Remembering(), experiment.networks["discriminator"])
        return replace(experiment, networks={**experiment.networks, "discriminator": network})

    found = []
    for each in (ranks, ALONE):
        trainer = Trainer.fresh(remembering(CASES["GAN, least squares"].experiment("SGD", home, each)))
        trainer.slice(2, seconds=60)
        require_same_state(trainer.state)
        found.append(trainer.state.networks["discriminator"].get_buffer("0.seen").item())
    return found


def drift(ranks: Ranks, home: Path) -> list[str]:
    """What is said of the same state, of a weight that differs by a bit in process 1, and of other random numbers."""
    trainer = Trainer.fresh(CASES["GAN, dropout"].experiment("Adam", home, ranks))
    trainer.slice(2, seconds=60)
    said = [_said(trainer.state)]
    weight = next(trainer.state.networks["generator"].parameters()).detach()
    weight.flatten()[0].view(torch.int32).bitwise_xor_(ranks.index)
    said.append(_said(trainer.state))
    weight.flatten()[0].view(torch.int32).bitwise_xor_(ranks.index)
    if not ranks.leads:
        torch.rand(1)
    return [*said, _said(trainer.state)]


def _said(state: TrainState) -> str:
    try:
        require_same_state(state)
    except ProcessesDiffer as error:
        return str(error)
    return ""


def not_finite(ranks: Ranks, home: Path) -> list[dict[str, object]]:
    """What is found if image 2 of 12 of a batch becomes NaN, of the first share, or image 9, of the second."""
    found = []
    for row in (1, 8):

        def spoiled(experiment: Experiment, row: int = row) -> Experiment:
            def run(state: TrainState, made: Made) -> Made:
                rows = ranks.share(torch.arange(12) == row)
                return {"real": torch.where(rows.view(-1, 1, 1, 1), torch.nan, made["real"])}

            (update,) = experiment.updates
            draw, *others = update.operations
            operations = (draw, Operation("spoil", draw.node, run), *others)
            return replace(experiment, updates=(replace(update, operations=operations),))

        trainer = Trainer.fresh(spoiled(CASES["autoencoder"].experiment("SGD", home, ranks)))
        bad = first_bad_tensor(trainer)
        assert bad is not None
        trainer.finish_step()
        places = [bad.batch.index(image) for image in bad.images]
        found.append({"name": bad.name, "batch": len(bad.batch), "rows": places, "facts": bad.facts})
    return found


PARTS: Mapping[str, Callable[[Ranks, Path], object]] = {
    each.__name__: each for each in (sums, derivatives, batch_norm, dropout, custom_statistics, drift, not_finite)
}
