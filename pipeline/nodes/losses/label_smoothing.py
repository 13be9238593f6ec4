"""What makes the discriminator's task harder, so that it does not win too early: less certainty, noisier images."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from pipeline.graph.node import Category, Misfit, Node, Param, Port
from pipeline.nodes.building import Building
from pipeline.nodes.losses.penalties import ObjectiveWire
from pipeline.nodes.ports import ObjectivePort

if TYPE_CHECKING:
    from torch import Tensor

    from pipeline.families.adversarial.parts import ObjectivePart
    from pipeline.training.state import TrainState


class LabelSmoothing(Node):
    """Tells the discriminator "real" with less than certainty (Salimans et al. 2016): only real images are smoothed.

    Without it, scores of real images grow as long as the loss gains by it, and their slopes with them.
    """

    title: ClassVar[str] = "Label smoothing"
    category: ClassVar[Category] = "objective"
    outputs: ClassVar[tuple[type[Port], ...]] = (ObjectivePort,)

    objective: ObjectiveWire
    share: Annotated[
        float,
        Field(ge=0, le=0.5, description="How much of “real” is taken away: 0.1 asks for 0.9. 0 smooths nothing."),
        Param(live=True, key=True, step=0.05),
    ] = 0.1

    def infer(self, objective: ObjectivePort) -> ObjectivePort:
        if not objective.apart:
            raise Misfit(
                "Label smoothing needs a loss with a label for each image: minimax, non-saturating or least squares.",
                wire="objective",
            )
        if objective.smoothed:
            raise Misfit("The objective it is stacked on has label smoothing already: take one of the two away.")
        return replace(objective, smoothed=True)

    def build(self, building: Building, objective: "ObjectivePart") -> "ObjectivePart":
        return replace(objective, smoothing=f"{building.node_id}.share")


class InstanceNoise(Node):
    """Adds fresh noise to every image before the discriminator sees it, real and generated ones alike.

    Where the two sets do not overlap, a discriminator can be certain and teaches nothing; noise makes them overlap
    (Arjovsky & Bottou 2017; Sønderby et al. 2017). It can fade out as training goes on.
    """

    title: ClassVar[str] = "Instance noise"
    category: ClassVar[Category] = "objective"
    outputs: ClassVar[tuple[type[Port], ...]] = (ObjectivePort,)

    objective: ObjectiveWire
    deviation: Annotated[
        float,
        Field(ge=0, le=2, description="Standard deviation of the noise at the first step; pixels go from −1 to 1."),
        Param(live=True, key=True, step=0.05),
    ] = 0.1
    fade_steps: Annotated[
        int,
        Field(ge=0, le=10_000_000, description="Steps over which the noise fades out evenly; 0 keeps it as it is."),
        Param(step=500),
    ] = 0

    def infer(self, objective: ObjectivePort) -> ObjectivePort:
        return objective

    def build(self, building: Building, objective: "ObjectivePart") -> "ObjectivePart":
        import torch

        from pipeline.families.adversarial.parts import DiscriminatorView

        def noisy(images: "Tensor", state: "TrainState") -> "Tensor":
            left = max(0.0, 1 - state.step / self.fade_steps) if self.fade_steps else 1.0
            deviation = state.live[f"{building.node_id}.deviation"] * left
            noise = torch.randn(images.shape, generator=state.random, device=images.device)
            return torch.add(images, noise, alpha=deviation)

        return replace(objective, views=(*objective.views, DiscriminatorView(building.node_id, "add noise", noisy)))
