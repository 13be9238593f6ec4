"""What generator and discriminator are trained for. Here the two meet, so here their shapes are compared."""

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from pipeline.graph.node import Category, Link, Misfit, Node, Param, Port
from pipeline.nodes.building import Building
from pipeline.nodes.ports import Discriminator, Generator, Objective, Scores, size_words

if TYPE_CHECKING:
    from pipeline.training.parts import DiscriminatorPart, GeneratorPart, ObjectivePart

GeneratorWire = Annotated[Link, Generator, Field(description="The network that makes images.")]
DiscriminatorWire = Annotated[Link, Discriminator, Field(description="The network that scores them.")]


def game(
    generator: Generator, discriminator: Discriminator, scores: Scores = "critic", metrics: tuple[str, ...] = ()
) -> Objective:
    """The objective of two networks. Raises Misfit, to be blamed on the generator, where their images differ."""
    made, seen = generator.image_shape, discriminator.image_shape
    if made != seen:
        raise Misfit(
            f"Generator makes {size_words(made)} images, but the discriminator sees {size_words(seen)} ones.",
            details=f"{size_words(made)} mismatch {size_words(seen)}",
            wire="generator",
            field="image_size" if made[1:] != seen[1:] else "channels",
        )
    return Objective(generator, discriminator, scores, metrics)


class NonSaturatingObjective(Node):
    """The usual GAN game by binary cross-entropy: the generator wants its images to be taken for real.

    Scores are logits. D_real and D_fake are probabilities of "real"; near 0.5 the two networks are balanced.
    """

    title: ClassVar[str] = "Non-saturating loss"
    category: ClassVar[Category] = "objective"
    outputs: ClassVar[tuple[type[Port], ...]] = (Objective,)

    generator: GeneratorWire
    discriminator: DiscriminatorWire

    def infer(self, generator: Generator, discriminator: Discriminator) -> Objective:
        return game(generator, discriminator, scores="probability")

    def build(
        self, building: Building, generator: "GeneratorPart", discriminator: "DiscriminatorPart"
    ) -> "ObjectivePart":
        from pipeline.objectives.adversarial import NON_SATURATING
        from pipeline.training.parts import ObjectivePart

        return ObjectivePart(building.node_id, NON_SATURATING, generator, discriminator)


class WassersteinGPObjective(Node):
    """The Wasserstein game: the discriminator, here a critic, scores without bounds under a penalty on steep slopes.

    D_real − D_fake estimates the distance between real and generated images, and sinks as they improve. The critic
    needs several updates for each of the generator's, and no batch normalization.
    """

    title: ClassVar[str] = "Wasserstein loss, GP"
    category: ClassVar[Category] = "objective"
    outputs: ClassVar[tuple[type[Port], ...]] = (Objective,)

    generator: GeneratorWire
    discriminator: DiscriminatorWire
    penalty_weight: Annotated[
        float,
        Field(ge=0, le=1000, description="How much the gradient penalty counts; 10 is usual."),
        Param(live=True, key=True, step=1),
    ] = 10.0

    def infer(self, generator: Generator, discriminator: Discriminator) -> Objective:
        return game(generator, discriminator, metrics=("gradient_penalty", "critic_slope"))

    def build(
        self, building: Building, generator: "GeneratorPart", discriminator: "DiscriminatorPart"
    ) -> "ObjectivePart":
        from pipeline.objectives.adversarial import WASSERSTEIN
        from pipeline.objectives.penalties import gradient_penalty
        from pipeline.training.parts import ObjectivePart, PenaltyTerm

        penalty = PenaltyTerm(
            metric="gradient_penalty",
            penalty=gradient_penalty,
            weight=f"{building.node_id}.penalty_weight",
            slope="critic_slope",
            formula=r"\mathbb{E}[(\lVert \nabla D(\hat{x}) \rVert_2 - 1)^2]",
        )
        return ObjectivePart(building.node_id, WASSERSTEIN, generator, discriminator, (penalty,))


class RelativisticObjective(Node):
    """The relativistic game: the discriminator says which of a real and a generated image is the more real one.

    Only differences of scores count, so D_real and D_fake mean nothing by themselves. The penalties R1 and R2 flatten
    the scores around real and around generated images; without them the samples tend to become all alike. Use no batch
    normalization in the discriminator.
    """

    title: ClassVar[str] = "Relativistic, R1 + R2"
    category: ClassVar[Category] = "objective"
    outputs: ClassVar[tuple[type[Port], ...]] = (Objective,)

    generator: GeneratorWire
    discriminator: DiscriminatorWire
    r1_weight: Annotated[
        float,
        Field(ge=0, le=1000, description="How much steep scores at real images cost: γ of R1; 0 leaves it out."),
        Param(live=True, key=True, step=0.1, label="R1 weight"),
    ] = 1.0
    r2_weight: Annotated[
        float,
        Field(ge=0, le=1000, description="How much steep scores at generated images cost: γ of R2; 0 leaves it out."),
        Param(live=True, key=True, step=0.1, label="R2 weight"),
    ] = 1.0

    def infer(self, generator: Generator, discriminator: Discriminator) -> Objective:
        return game(generator, discriminator, metrics=("r1", "r2"))

    def build(
        self, building: Building, generator: "GeneratorPart", discriminator: "DiscriminatorPart"
    ) -> "ObjectivePart":
        from pipeline.objectives.adversarial import RELATIVISTIC
        from pipeline.objectives.penalties import r1, r2
        from pipeline.training.parts import ObjectivePart, PenaltyTerm

        half_square = r"\tfrac{1}{2} \mathbb{E}[\lVert \nabla D(%s) \rVert_2^2]"
        penalties = (
            PenaltyTerm("r1", r1, f"{building.node_id}.r1_weight", formula=half_square % "x"),
            PenaltyTerm("r2", r2, f"{building.node_id}.r2_weight", formula=half_square % "G(z)"),
        )
        return ObjectivePart(building.node_id, RELATIVISTIC, generator, discriminator, penalties)
