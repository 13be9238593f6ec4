"""What generator and discriminator are trained for. Here the two meet, so here their shapes are compared.

Penalties and other additions are nodes of their own, stacked on one of these: an objective goes in and comes out.
"""

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from pipeline.families.words import ScoreScale
from pipeline.graph.node import Category, Link, Misfit, Node, Port
from pipeline.nodes.building import Building
from pipeline.nodes.ports import DiscriminatorPort, GeneratorPort, ObjectivePort, size_words

if TYPE_CHECKING:
    from pipeline.families.adversarial.parts import DiscriminatorPart, GeneratorPart, ObjectivePart

GeneratorWire = Annotated[Link, GeneratorPort, Field(description="The network that makes images.")]
DiscriminatorWire = Annotated[Link, DiscriminatorPort, Field(description="The network that scores them.")]


def game(
    generator: GeneratorPort, discriminator: DiscriminatorPort, scores: ScoreScale = "critic", apart: bool = False
) -> ObjectivePort:
    """The objective of two networks. Raises Misfit, to be blamed on the generator, where images or classes differ."""
    made, seen = generator.image_shape, discriminator.image_shape
    if made != seen:
        raise Misfit(
            f"Generator makes {size_words(made)} images, but the discriminator sees {size_words(seen)} ones.",
            details=f"{size_words(made)} mismatch {size_words(seen)}",
            wire="generator",
            field="image_size" if made[1:] != seen[1:] else "channels",
        )
    asked, told = generator.classes, discriminator.classes
    if discriminator.images.classes != asked != 0:
        raise Misfit(
            f"Generator makes images of {asked} classes, but the real images have {discriminator.images.classes}.",
            wire="generator",
            field="classes",
        )
    if told and not asked:
        raise Misfit(
            f"Discriminator asks for the class of an image; set the generator's classes to {told}.",
            wire="generator",
            field="classes",
        )
    return ObjectivePort(generator, discriminator, scores, apart)


class AdversarialObjective(Node):
    """What all adversarial objectives are: a loss between two networks. A kind names its loss and says what scores are.

    loss: key of `pipeline.objectives.adversarial.LOSSES`. scores, apart: as of the port.
    """

    category: ClassVar[Category] = "objective"
    loss: ClassVar[str]
    scores: ClassVar[ScoreScale] = "critic"
    apart: ClassVar[bool] = False

    generator: GeneratorWire
    discriminator: DiscriminatorWire

    def infer(self, generator: GeneratorPort, discriminator: DiscriminatorPort) -> ObjectivePort:
        return game(generator, discriminator, self.scores, self.apart)

    def build(
        self, building: Building, generator: "GeneratorPart", discriminator: "DiscriminatorPart"
    ) -> "ObjectivePart":
        from pipeline.families.adversarial.parts import ObjectivePart
        from pipeline.objectives.adversarial import LOSSES

        return ObjectivePart(building.node_id, LOSSES[self.loss], generator, discriminator)


class MinimaxObjective(AdversarialObjective):
    """The first GAN game (Goodfellow et al. 2014): one value, which the discriminator raises and the generator lowers.

    Where the discriminator wins, the generator's gradient vanishes: it is here to be seen, not to be used. Scores are
    logits; D_real and D_fake are probabilities of "real".
    """

    title: ClassVar[str] = "Minimax loss"
    outputs: ClassVar[tuple[type[Port], ...]] = (ObjectivePort,)
    loss: ClassVar[str] = "minimax"
    scores: ClassVar[ScoreScale] = "probability"
    apart: ClassVar[bool] = True


class NonSaturatingObjective(AdversarialObjective):
    """The usual GAN game by binary cross-entropy: the generator wants its images to be taken for real.

    Scores are logits. D_real and D_fake are probabilities of "real"; near 0.5 the two networks are balanced.
    """

    title: ClassVar[str] = "Non-saturating loss"
    outputs: ClassVar[tuple[type[Port], ...]] = (ObjectivePort,)
    loss: ClassVar[str] = "non-saturating"
    scores: ClassVar[ScoreScale] = "probability"
    apart: ClassVar[bool] = True


class LeastSquaresObjective(AdversarialObjective):
    """The game of LSGAN (Mao et al. 2017): real images are to score 1 and generated ones 0, by squared error.

    The further a score is off, the steeper the slope, so that no image is given up. D_real and D_fake are scores.
    """

    title: ClassVar[str] = "Least-squares loss"
    outputs: ClassVar[tuple[type[Port], ...]] = (ObjectivePort,)
    loss: ClassVar[str] = "least squares"
    apart: ClassVar[bool] = True


class HingeObjective(AdversarialObjective):
    """The game with a margin (Lim & Ye 2017): real images that score above 1 and generated ones below −1 cost nothing.

    The usual loss with spectral normalization and of large conditional GANs. D_real and D_fake are scores.
    """

    title: ClassVar[str] = "Hinge loss"
    outputs: ClassVar[tuple[type[Port], ...]] = (ObjectivePort,)
    loss: ClassVar[str] = "hinge"


class WassersteinObjective(AdversarialObjective):
    """The Wasserstein game (Arjovsky et al. 2017): the discriminator, here a critic, scores without bounds.

    D_real − D_fake estimates the distance between real and generated images and sinks as they improve, if the critic
    is kept from growing steep: stack a gradient penalty or weight clipping on it. It needs several updates of the
    critic for each of the generator's, and no batch normalization in the critic.
    """

    title: ClassVar[str] = "Wasserstein loss"
    outputs: ClassVar[tuple[type[Port], ...]] = (ObjectivePort,)
    loss: ClassVar[str] = "wasserstein"


class RelativisticObjective(AdversarialObjective):
    """The relativistic game: the discriminator says which of a real and a generated image is the more real one.

    Only differences of scores count, so D_real and D_fake mean nothing by themselves. Stack the R1 + R2 penalty on it
    (R3GAN, Huang et al. 2024), without which the samples tend to become all alike; and use no batch normalization in
    the discriminator.
    """

    title: ClassVar[str] = "Relativistic loss"
    outputs: ClassVar[tuple[type[Port], ...]] = (ObjectivePort,)
    loss: ClassVar[str] = "relativistic"
