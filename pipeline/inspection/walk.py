"""One training step, a stage at a time, with what each stage has done to look at.

Walking is training: the stages are those that run fast, asked for one by one (`Trainer.stages`). What is reported is
copied, so that going on changes nothing that was shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from pipeline.data.images import to_array, to_pixels
from pipeline.inspection.layers import as_one, weight_name
from pipeline.training.stages import Stage
from pipeline.training.trainer import Trainer


@dataclass(frozen=True)
class ParameterRow:
    """One parameter tensor of a network. weight, gradient, update: L2 norms, None where not known at this stage,

    the weight's before the update and the update's of what was added to it. name: its path in the network.
    """

    name: str
    shape: tuple[int, ...]
    weight: float | None = None
    gradient: float | None = None
    update: float | None = None


@dataclass(frozen=True)
class StageReport:
    """What a stage has done.

    update, name, node, number, of: which stage it was; formula: in LaTeX, what it worked out. values: its
    0-dimensional results. images: (N, H, W, C) uint8, drawn, generated or scored. scores: (N,) shown scores of these.
    latents: (N, dim). roles: of the networks whose gradients it worked out or whose weights it moved. parameters: of
    these networks.
    """

    update: str
    name: str
    node: str
    number: int
    of: int
    formula: str
    values: Mapping[str, float]
    images: NDArray[np.uint8] | None = None
    scores: NDArray[np.float32] | None = None
    latents: NDArray[np.float32] | None = None
    roles: tuple[str, ...] = ()
    parameters: tuple[ParameterRow, ...] = ()


class Walk:
    """A way through steps; make a new one to begin again."""

    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer
        self._made: dict[str, Tensor] = {}

    def next(self) -> StageReport:
        """Does the next stage, of this step or of a new one. Raises NodeFailure."""
        update, operation = self._trainer.upcoming
        if operation is update.operations[0]:
            self._made = {}
        learning = as_one(self._trainer.state.networks, operation.roles)
        before = {name: weight.detach() for name, weight in learning.named_parameters()}
        if operation.name == "update":
            before = {name: weight.clone() for name, weight in before.items()}
        stage = next(self._trainer.stages())
        self._made |= stage.made
        return StageReport(
            update=stage.update,
            name=stage.name,
            node=stage.node,
            number=stage.number,
            of=stage.of,
            formula=stage.operation.formula,
            values={name: tensor.item() for name, tensor in stage.made.items() if tensor.ndim == 0},
            images=self._images(stage),
            scores=self._scores(stage),
            latents=next((_array(made) for made in stage.made.values() if made.ndim == 2), None),
            roles=operation.roles,
            parameters=self._parameters(stage, learning, before),
        )

    def _images(self, stage: Stage) -> NDArray[np.uint8] | None:
        for name, made in stage.made.items():
            # Scores are shown beside the images that they are of, if there are any.
            images = self._made.get(name.removesuffix("_scores"), made) if name.endswith("_scores") else made
            # Feature maps of a network of one's own are no pictures.
            if images.ndim == 4 and images.shape[1] in (1, 3):
                return to_array(to_pixels(images))
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
