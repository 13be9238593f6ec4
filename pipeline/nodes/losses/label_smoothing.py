"""Nodes that make the discriminator's task harder, so that it does not win too early: label smoothing and noise."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from pipeline.graph.check import Report
from pipeline.graph.findings import CheckWarning
from pipeline.graph.node import Category, Misfit, Node, Param, Port
from pipeline.nodes import mends
from pipeline.nodes.building import Building
from pipeline.nodes.losses.penalties import ObjectiveWire
from pipeline.nodes.ports import ObjectivePort

if TYPE_CHECKING:
    from torch import Tensor

    from pipeline.families.adversarial.parts import ObjectivePart
    from pipeline.training.state import TrainState


class LabelSmoothing(Node):
    """One-sided label smoothing (Salimans et al. 2016): lowers the discriminator's target for real images below 1.

    It keeps the scores of real images, and with them their gradients, from growing without limit. It needs a minimax,
    non-saturating or least-squares loss.
    """

    title: ClassVar[str] = "Label smoothing"
    category: ClassVar[Category] = "objective"
    outputs: ClassVar[tuple[type[Port], ...]] = (ObjectivePort,)

    objective: ObjectiveWire
    share: Annotated[
        float,
        Field(
            ge=0, le=0.5, description="Amount subtracted from the target of 1: 0.1 gives 0.9. 0 turns smoothing off."
        ),
        Param(live=True, key=True, step=0.05),
    ] = 0.1

    def infer(self, objective: ObjectivePort) -> ObjectivePort:
        if not objective.apart:
            raise Misfit(
                "Label smoothing needs a loss with a target for each image: minimax, non-saturating or least squares.",
                wire="objective",
            )
        if objective.smoothed:
            raise Misfit("The objective it is stacked on already has label smoothing: remove one of the two nodes.")
        return replace(objective, smoothed=True)

    def cautions(self, node_id: str, report: Report) -> Iterator[CheckWarning]:
        return mends.idle(report, node_id, "share")

    def build(self, building: Building, objective: "ObjectivePart") -> "ObjectivePart":
        return replace(objective, smoothing=f"{building.node_id}.share")


class InstanceNoise(Node):
    """Adds new Gaussian noise to every image, real or generated, before the discriminator sees it.

    If real and generated images do not overlap, the discriminator can be certain and gives the generator no useful
    gradient; noise makes them overlap (Arjovsky & Bottou 2017; Sønderby et al. 2017). It can fade out during training.
    """

    title: ClassVar[str] = "Instance noise"
    category: ClassVar[Category] = "objective"
    outputs: ClassVar[tuple[type[Port], ...]] = (ObjectivePort,)

    objective: ObjectiveWire
    deviation: Annotated[
        float,
        Field(ge=0, le=2, description="Standard deviation of the noise at the first step, for pixels from −1 to 1."),
        Param(live=True, key=True, step=0.05),
    ] = 0.1
    fade_steps: Annotated[
        int,
        Field(ge=0, le=10_000_000, description="Steps over which the noise fades out linearly; 0 keeps it constant."),
        Param(step=500),
    ] = 0

    def infer(self, objective: ObjectivePort) -> ObjectivePort:
        return objective

    def cautions(self, node_id: str, report: Report) -> Iterator[CheckWarning]:
        return mends.idle(report, node_id, "deviation")

    def build(self, building: Building, objective: "ObjectivePart") -> "ObjectivePart":
        import torch

        from pipeline.data.images import from_signed, to_signed
        from pipeline.families.adversarial.parts import DiscriminatorView
        from pipeline.ranks.drawing import normal

        values = objective.discriminator.images.values

        def noisy(images: "Tensor", state: "TrainState") -> "Tensor":
            left = max(0.0, 1 - state.step / self.fade_steps) if self.fade_steps else 1.0
            deviation = state.live[f"{building.node_id}.deviation"] * left
            noise = normal(images.shape, state.random, images.device)
            return from_signed(torch.add(to_signed(images, values), noise, alpha=deviation), values)

        return replace(objective, views=(*objective.views, DiscriminatorView(building.node_id, "add noise", noisy)))
