"""Penalties on steep scores of the discriminator: stacked on an objective, each with a weight of its own."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from pipeline.graph.node import Category, Link, Node, Param, Port
from pipeline.nodes.building import Building
from pipeline.nodes.ports import Objective

if TYPE_CHECKING:
    from pipeline.training.parts import ObjectivePart

ObjectiveWire = Annotated[Link, Objective, Field(description="The objective that it is added to.")]


class GradientPenalty(Node):
    """Holds the slope of the scores between real and generated images at 1 (WGAN-GP, Gulrajani et al. 2017).

    One-sided, it leaves slopes below 1 alone. The discriminator must not use batch normalization: the penalty is one
    of each image by itself.
    """

    title: ClassVar[str] = "Gradient penalty"
    category: ClassVar[Category] = "objective"
    outputs: ClassVar[tuple[type[Port], ...]] = (Objective,)

    objective: ObjectiveWire
    penalty_weight: Annotated[
        float,
        Field(ge=0, le=1000, description="How much the penalty counts: λ; 10 is usual."),
        Param(live=True, key=True, step=1, label="Weight"),
    ] = 10.0
    sides: Annotated[
        Literal["two-sided", "one-sided"],
        Field(description="two-sided: slopes below 1 cost as well as those above. one-sided: only those above."),
    ] = "two-sided"

    def infer(self, objective: Objective) -> Objective:
        return objective.recording("gradient_penalty", "critic_slope")

    def build(self, building: Building, objective: "ObjectivePart") -> "ObjectivePart":
        from pipeline.objectives.penalties import gradient_penalty, one_sided_gradient_penalty
        from pipeline.training.parts import PenaltyTerm

        two_sided = self.sides == "two-sided"
        excess = r"\lVert \nabla D(\hat{x}) \rVert_2 - 1"
        term = PenaltyTerm(
            node=building.node_id,
            metric="gradient_penalty",
            penalty=gradient_penalty if two_sided else one_sided_gradient_penalty,
            weight=f"{building.node_id}.penalty_weight",
            slope="critic_slope",
            formula=rf"\mathbb{{E}}[({excess})^2]" if two_sided else rf"\mathbb{{E}}[\max(0, {excess})^2]",
        )
        return replace(objective, penalties=(*objective.penalties, term))


class R1R2Penalty(Node):
    """Flattens the scores around real images (R1), around generated ones (R2), or around both.

    R1 alone is that of Mescheder et al. 2018; both with one weight are R3GAN's. The discriminator must not use batch
    normalization.
    """

    title: ClassVar[str] = "R1 / R2 penalty"
    category: ClassVar[Category] = "objective"
    outputs: ClassVar[tuple[type[Port], ...]] = (Objective,)

    objective: ObjectiveWire
    images: Annotated[
        Literal["R1", "R2", "R1 + R2"],
        Field(description="R1: around real images. R2: around generated ones."),
        Param(key=True, label="Penalty"),
    ] = "R1 + R2"
    penalty_weight: Annotated[
        float,
        Field(ge=0, le=1000, description="How much steep scores cost: γ of γ/2·‖∇D‖². 0 leaves the penalty out."),
        Param(live=True, key=True, step=0.1, label="Weight"),
    ] = 1.0

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of the series that it records."""
        return tuple(name for name in ("r1", "r2") if name.upper() in self.images)

    def infer(self, objective: Objective) -> Objective:
        return objective.recording(*self.metrics)

    def build(self, building: Building, objective: "ObjectivePart") -> "ObjectivePart":
        from pipeline.objectives.penalties import r1, r2
        from pipeline.training.parts import PenaltyTerm

        kinds = {"r1": (r1, "x"), "r2": (r2, "G(z)")}
        terms = (
            PenaltyTerm(
                node=building.node_id,
                metric=metric,
                penalty=kinds[metric][0],
                weight=f"{building.node_id}.penalty_weight",
                formula=rf"\tfrac{{1}}{{2}} \mathbb{{E}}[\lVert \nabla D({kinds[metric][1]}) \rVert_2^2]",
            )
            for metric in self.metrics
        )
        return replace(objective, penalties=(*objective.penalties, *terms))


class DRAGANPenalty(Node):
    """Holds the slope of the scores in the neighbourhood of real images at 1 (DRAGAN, Kodali et al. 2017).

    The discriminator must not use batch normalization.
    """

    title: ClassVar[str] = "DRAGAN penalty"
    category: ClassVar[Category] = "objective"
    outputs: ClassVar[tuple[type[Port], ...]] = (Objective,)

    objective: ObjectiveWire
    penalty_weight: Annotated[
        float,
        Field(ge=0, le=1000, description="How much the penalty counts: λ; 10 is usual. 0 leaves it out."),
        Param(live=True, key=True, step=1, label="Weight"),
    ] = 10.0

    def infer(self, objective: Objective) -> Objective:
        return objective.recording("dragan")

    def build(self, building: Building, objective: "ObjectivePart") -> "ObjectivePart":
        from pipeline.objectives.penalties import dragan
        from pipeline.training.parts import PenaltyTerm

        term = PenaltyTerm(
            node=building.node_id,
            metric="dragan",
            penalty=dragan,
            weight=f"{building.node_id}.penalty_weight",
            formula=r"\mathbb{E}[(\lVert \nabla D(x + \delta) \rVert_2 - 1)^2]",
        )
        return replace(objective, penalties=(*objective.penalties, term))
