"""The objectives (losses) of GANs. They join generator and discriminator, so they also check that the two match.

Penalties and other additions are separate nodes stacked on these: each takes an objective and returns an objective.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from pipeline.families.words import ScoreScale
from pipeline.graph.check import Report
from pipeline.graph.findings import CheckWarning
from pipeline.graph.node import Category, Link, Misfit, Node, Port
from pipeline.nodes import mends
from pipeline.nodes.building import Building
from pipeline.nodes.losses.penalties import GradientPenalty, R1R2Penalty
from pipeline.nodes.ports import DiscriminatorPort, GeneratorPort, ObjectivePort, size_words

if TYPE_CHECKING:
    from pipeline.families.adversarial.parts import DiscriminatorPart, GeneratorPart, ObjectivePart

GeneratorWire = Annotated[Link, GeneratorPort, Field(description="The network that generates images.")]
DiscriminatorWire = Annotated[Link, DiscriminatorPort, Field(description="The network that scores images.")]


def game(
    generator: GeneratorPort, discriminator: DiscriminatorPort, scores: ScoreScale = "critic", apart: bool = False
) -> ObjectivePort:
    """The objective of two networks. Raises Misfit, blamed on the generator, if image shapes, classes or the range of
    values differ."""
    made, seen = generator.image_shape, discriminator.image_shape
    if made != seen:
        raise Misfit(
            f"Generator makes {size_words(made)} images, but the discriminator sees {size_words(seen)} ones.",
            details=f"{size_words(made)} mismatch {size_words(seen)}",
            wire="generator",
            field="image_size" if made[1:] != seen[1:] else "channels",
            value=seen[1] if made[1:] != seen[1:] else seen[0],
        )
    classes, conditional_on = generator.classes, discriminator.classes
    if discriminator.images.classes != classes != 0:
        raise Misfit(
            f"Generator makes images of {classes} classes, but the real images have {discriminator.images.classes}.",
            wire="generator",
            field="classes",
            value=discriminator.images.classes if discriminator.images.classes > 1 else 0,
        )
    if conditional_on and not classes:
        raise Misfit(
            f"Discriminator is conditional, but the generator is not; set the generator's classes to {conditional_on}.",
            wire="generator",
            field="classes",
            value=conditional_on,
        )
    generator.require_range(discriminator.images.values, wire="generator")
    return ObjectivePort(generator, discriminator, scores, apart)


def unconstrained(node_id: str, report: Report) -> bool:
    """Whether nothing bounds how fast the scores of this loss change: no penalty, no clipping, no spectral norm.

    False if that is unknown: the layers of a plain torch module are not known before it is built, and a workflow with
    problems may lack a node.
    """
    (loss,) = report.ports[node_id]
    if not report.ok or not isinstance(loss, ObjectivePort) or (plan := loss.discriminator.plan) is None:
        return False
    stacked = [port for ports in report.ports.values() for port in ports if isinstance(port, ObjectivePort)]
    return not plan.spectral_norm and not any(
        port.constrained for port in stacked if port.discriminator is loss.discriminator
    )


class AdversarialObjective(Node):
    """Base class of adversarial objectives: a loss between generator and discriminator.

    loss: key of `pipeline.objectives.adversarial.LOSSES`. scores, apart: see `ObjectivePort`.
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
    """The original GAN loss (Goodfellow et al. 2014): the discriminator maximises, the generator minimises one value.

    When the discriminator wins, the generator's gradient vanishes: use it to study that, and the non-saturating loss to
    train. Scores are logits; D_real and D_fake are probabilities of "real".
    """

    title: ClassVar[str] = "Minimax loss"
    outputs: ClassVar[tuple[type[Port], ...]] = (ObjectivePort,)
    loss: ClassVar[str] = "minimax"
    scores: ClassVar[ScoreScale] = "probability"
    apart: ClassVar[bool] = True


class NonSaturatingObjective(AdversarialObjective):
    """The usual GAN loss (binary cross-entropy): the generator maximises the probability that its images are real.

    A good first choice. Scores are logits. D_real and D_fake are probabilities of "real"; near 0.5 the two networks are
    balanced.
    """

    title: ClassVar[str] = "Non-saturating loss"
    outputs: ClassVar[tuple[type[Port], ...]] = (ObjectivePort,)
    loss: ClassVar[str] = "non-saturating"
    scores: ClassVar[ScoreScale] = "probability"
    apart: ClassVar[bool] = True


class LeastSquaresObjective(AdversarialObjective):
    """The LSGAN loss (Mao et al. 2017): squared error to a target score of 1 for real images and 0 for generated ones.

    The further a score is from its target, the larger the gradient, so the generator's gradient does not vanish. D_real
    and D_fake are scores.
    """

    title: ClassVar[str] = "Least-squares loss"
    outputs: ClassVar[tuple[type[Port], ...]] = (ObjectivePort,)
    loss: ClassVar[str] = "least squares"
    apart: ClassVar[bool] = True


class HingeObjective(AdversarialObjective):
    """Hinge loss (Lim & Ye 2017): the discriminator pays nothing for real images above 1 and generated ones below −1.

    The usual loss with spectral normalization and for large conditional GANs. D_real and D_fake are scores.
    """

    title: ClassVar[str] = "Hinge loss"
    outputs: ClassVar[tuple[type[Port], ...]] = (ObjectivePort,)
    loss: ClassVar[str] = "hinge"


class WassersteinObjective(AdversarialObjective):
    """Wasserstein loss (WGAN, Arjovsky et al. 2017): the discriminator is a critic, whose scores are unbounded.

    D_real − D_fake estimates the distance between real and generated images and falls as they improve, provided that
    the critic is kept Lipschitz: stack a gradient penalty or weight clipping on this loss. Use several critic updates
    per generator update, and no batch normalization in the critic.
    """

    title: ClassVar[str] = "Wasserstein loss"
    outputs: ClassVar[tuple[type[Port], ...]] = (ObjectivePort,)
    loss: ClassVar[str] = "wasserstein"

    def cautions(self, node_id: str, report: Report) -> Iterator[CheckWarning]:
        if unconstrained(node_id, report):
            yield CheckWarning(
                node_id,
                "Nothing keeps the critic Lipschitz, so its scores grow without limit and measure no distance "
                "(Arjovsky et al. 2017): add a gradient penalty, weight clipping or spectral norm.",
                mends.inserting(report, GradientPenalty, node_id, "Insert a gradient penalty"),
            )


class RelativisticObjective(AdversarialObjective):
    """Relativistic loss: the discriminator judges which of a real and a generated image is more real.

    Only differences between scores count; D_real and D_fake mean nothing on their own. Stack the R1 + R2 penalty on it
    (R3GAN, Huang et al. 2024), without which samples tend to collapse to a few modes, and use no batch normalization
    in the discriminator.
    """

    title: ClassVar[str] = "Relativistic loss"
    outputs: ClassVar[tuple[type[Port], ...]] = (ObjectivePort,)
    loss: ClassVar[str] = "relativistic"

    def cautions(self, node_id: str, report: Report) -> Iterator[CheckWarning]:
        if unconstrained(node_id, report):
            yield CheckWarning(
                node_id,
                "No gradient penalty: without R1 and R2, the training of this loss need not converge, and samples tend "
                "to collapse to a few modes (Huang et al. 2024).",
                mends.inserting(report, R1R2Penalty, node_id, "Insert the R1 + R2 penalty"),
            )
