"""Walk: run a training step stage by stage, with a report of each stage.

Walking is training: it runs the same stages as a slice, one at a time (`Trainer.stages`). Reports hold copies, so that
later stages do not change them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from pipeline.data.images import to_array, to_pixels
from pipeline.inspection.layers import as_one, weight_name
from pipeline.training.inference import eval_mode
from pipeline.training.stages import Pictures, Stage
from pipeline.training.trainer import Trainer


@dataclass(frozen=True)
class ParameterRow:
    """One parameter tensor of a network.

    name: its path in the network. weight, gradient, update: L2 norms of the weight before the update, of its gradient
    and of its change by the update; None if unknown at this stage.
    """

    name: str
    shape: tuple[int, ...]
    weight: float | None = None
    gradient: float | None = None
    update: float | None = None


@dataclass(frozen=True)
class StageReport:
    """The results of a stage."""

    update: str
    """Name of its update."""
    name: str
    """Name of the stage."""
    node: str
    """Id of its node."""
    number: int
    """Its position in the step, from 1."""
    of: int
    """Number of stages in the step."""
    formula: str
    """LaTeX of what it computed."""
    values: Mapping[str, float]
    """Its 0-dimensional results, by name."""
    images: NDArray[np.uint8] | None = None
    """(N, H, W, C): real images drawn, images generated, or the images that were scored."""
    rows: Mapping[str, NDArray[np.uint8]] = field(default_factory=dict)
    """Instead of `images`: what the images are -> (N, H, W, C), the same N images of the batch in each row."""
    labels: tuple[str, ...] = ()
    """Short texts to show under the images of `rows`."""
    numbers: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    """Name -> (B,): a number of each image of the batch."""
    scores: NDArray[np.float32] | None = None
    """(N,) shown scores of the images."""
    latents: NDArray[np.float32] | None = None
    """(N, dim)."""
    roles: tuple[str, ...] = ()
    """Roles of the networks whose gradients it computed or whose weights it updated."""
    parameters: tuple[ParameterRow, ...] = ()
    """The parameters of these networks."""


class Walk:
    """Runs steps stage by stage."""

    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer
        self._made: dict[str, Tensor] = {}

    def next(self) -> StageReport:
        """Run the next stage, of this step or of a new one. Raises NodeFailure."""
        update, operation = self._trainer.upcoming
        if operation is update.operations[0]:
            self._made = {name: self._made[name] for name in update.takes if name in self._made}
        learning = as_one(self._trainer.state.networks, operation.roles)
        before = {name: weight.detach() for name, weight in learning.named_parameters()}
        if operation.name == "update":
            before = {name: weight.clone() for name, weight in before.items()}
        stage = next(self._trainer.stages())
        self._made |= stage.made
        pictures = self._pictures(stage)
        return StageReport(
            update=stage.update,
            name=stage.name,
            node=stage.node,
            number=stage.number,
            of=stage.of,
            formula=stage.operation.formula,
            values={name: tensor.item() for name, tensor in stage.made.items() if tensor.ndim == 0},
            images=None if pictures else self._images(stage),
            rows={name: self._array_of(images) for name, images in pictures.rows.items()} if pictures else {},
            labels=tuple(pictures.labels) if pictures else (),
            numbers={name: _array(numbers) for name, numbers in pictures.numbers.items()} if pictures else {},
            scores=self._scores(stage),
            latents=next((_array(made) for made in stage.made.values() if made.ndim == 2), None),
            roles=operation.roles,
            parameters=self._parameters(stage, learning, before),
        )

    def _pictures(self, stage: Stage) -> Pictures | None:
        """The pictures that the stage itself declares; None if it declares none."""
        if stage.operation.pictures is None:
            return None
        state = self._trainer.state
        with torch.no_grad(), eval_mode(*state.networks.values(), *state.averages.values()):
            return stage.operation.pictures(state, self._made)

    def _array_of(self, images: Tensor) -> NDArray[np.uint8]:
        return to_array(to_pixels(images, self._trainer.experiment.images.values))

    def _images(self, stage: Stage) -> NDArray[np.uint8] | None:
        for name, made in stage.made.items():
            # Scores are shown next to the images that were scored, if this update made them.
            images = self._made.get(name.removesuffix("_scores"), made) if name.endswith("_scores") else made
            # Feature maps of a custom network cannot be shown as images.
            if images.ndim == 4 and images.shape[1] in (1, 3):
                return self._array_of(images)
        return None

    def _scores(self, stage: Stage) -> NDArray[np.float32] | None:
        of = self._trainer.experiment.scores
        if of is None:
            return None
        return next((_array(of.shown(made)) for name, made in stage.made.items() if name.endswith("_scores")), None)

    def _parameters(self, stage: Stage, learning: nn.Module, before: Mapping[str, Tensor]) -> tuple[ParameterRow, ...]:
        rows = []
        for name, weight in learning.named_parameters():
            gradient = None if weight.grad is None else _norm(weight.grad)
            moved = _norm(weight.detach() - before[name]) if stage.name == "update" else None
            rows.append(ParameterRow(weight_name(name), tuple(weight.shape), _norm(before[name]), gradient, moved))
        return tuple(rows)


def _norm(tensor: Tensor) -> float:
    return float(torch.linalg.vector_norm(tensor.float()))


def _array(tensor: Tensor) -> NDArray[np.float32]:
    array: NDArray[np.float32] = tensor.float().cpu().numpy()
    return array
