"""Penalties on steep scores of the discriminator: stacked on an objective, each with a weight of its own."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from pipeline.families.adversarial.family import PENALTY
from pipeline.graph.node import Category, Link, Node, Param, Port
from pipeline.nodes.building import Building
from pipeline.nodes.ports import ObjectivePort
from pipeline.runs.series import Chart, Series

if TYPE_CHECKING:
    from pipeline.families.adversarial.parts import ObjectivePart

GRADIENT_PENALTY = Series("gradient_penalty", "gradient penalty, before its weight", PENALTY, "orange")
SLOPE = Series(
    "critic_slope",
    "mean norm of the critic's gradient; 1 is wanted",
    Chart("Critic slope", "mean L2 norm", 240, folded=True),
    "blue",
)
R1 = Series("r1", "R1 penalty on real images, before its weight", PENALTY, "green", "dashed")
R2 = Series("r2", "R2 penalty on generated images, before its weight", PENALTY, "purple", "dotted")
DRAGAN = Series("dragan", "DRAGAN penalty around real images, before its weight", PENALTY, "brown", "dash-dot")

ObjectiveWire = Annotated[Link, ObjectivePort, Field(description="The objective that it is added to.")]


class GradientPenalty(Node):
    """Holds the slope of the scores between real and generated images at 1 (WGAN-GP, Gulrajani et al. 2017).

    One-sided, it leaves slopes below 1 alone. The discriminator must not use batch normalization: the penalty is one
    of each image by itself.
    """

    title: ClassVar[str] = "Gradient penalty"
    category: ClassVar[Category] = "objective"
    outputs: ClassVar[tuple[type[Port], ...]] = (ObjectivePort,)

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

    def infer(self, objective: ObjectivePort) -> ObjectivePort:
        return objective.recording(GRADIENT_PENALTY, SLOPE)

    def build(self, building: Building, objective: "ObjectivePart") -> "ObjectivePart":
        from pipeline.families.adversarial.parts import PenaltyTerm
        from pipeline.objectives.penalties import gradient_penalty, one_sided_gradient_penalty

        two_sided = self.sides == "two-sided"
        excess = r"\lVert \nabla D(\hat{x}) \rVert_2 - 1"
        term = PenaltyTerm(
            node=building.node_id,
            metric=GRADIENT_PENALTY.name,
            penalty=gradient_penalty if two_sided else one_sided_gradient_penalty,
            weight=f"{building.node_id}.penalty_weight",
            slope=SLOPE.name,
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
    outputs: ClassVar[tuple[type[Port], ...]] = (ObjectivePort,)

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
    def series(self) -> tuple[Series, ...]:
        """What it records."""
        return tuple(each for each in (R1, R2) if each.name.upper() in self.images)

    def infer(self, objective: ObjectivePort) -> ObjectivePort:
        return objective.recording(*self.series)

    def build(self, building: Building, objective: "ObjectivePart") -> "ObjectivePart":
        from pipeline.families.adversarial.parts import PenaltyTerm
        from pipeline.objectives.penalties import r1, r2

        kinds = {R1: (r1, "x"), R2: (r2, "G(z)")}
        terms = (
            PenaltyTerm(
                node=building.node_id,
                metric=each.name,
                penalty=kinds[each][0],
                weight=f"{building.node_id}.penalty_weight",
                formula=rf"\tfrac{{1}}{{2}} \mathbb{{E}}[\lVert \nabla D({kinds[each][1]}) \rVert_2^2]",
            )
            for each in self.series
        )
        return replace(objective, penalties=(*objective.penalties, *terms))


class DRAGANPenalty(Node):
    """Holds the slope of the scores in the neighbourhood of real images at 1 (DRAGAN, Kodali et al. 2017).

    The discriminator must not use batch normalization.
    """

    title: ClassVar[str] = "DRAGAN penalty"
    category: ClassVar[Category] = "objective"
    outputs: ClassVar[tuple[type[Port], ...]] = (ObjectivePort,)

    objective: ObjectiveWire
    penalty_weight: Annotated[
        float,
        Field(ge=0, le=1000, description="How much the penalty counts: λ; 10 is usual. 0 leaves it out."),
        Param(live=True, key=True, step=1, label="Weight"),
    ] = 10.0

    def infer(self, objective: ObjectivePort) -> ObjectivePort:
        return objective.recording(DRAGAN)

    def build(self, building: Building, objective: "ObjectivePart") -> "ObjectivePart":
        from pipeline.families.adversarial.parts import PenaltyTerm
        from pipeline.objectives.penalties import dragan

        term = PenaltyTerm(
            node=building.node_id,
            metric=DRAGAN.name,
            penalty=dragan,
            weight=f"{building.node_id}.penalty_weight",
            formula=r"\mathbb{E}[(\lVert \nabla D(x + \delta) \rVert_2 - 1)^2]",
        )
        return replace(objective, penalties=(*objective.penalties, term))
