"""Gradient penalties on the discriminator, stacked on an objective, each with its own weight."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, NamedTuple

from pydantic import Field

from pipeline.families.adversarial.family import PENALTY
from pipeline.graph.check import Report
from pipeline.graph.findings import CheckWarning
from pipeline.graph.node import Category, Link, Node, Param, Port
from pipeline.nodes import mends
from pipeline.nodes.building import Building
from pipeline.nodes.networks.batch_norm import batch_norm_layers, source_of, without_batch_norm
from pipeline.nodes.ports import ObjectivePort
from pipeline.runs.series import Chart, Series
from pipeline.why import Why

if TYPE_CHECKING:
    from pipeline.families.adversarial.parts import ObjectivePart

_WGAN_GP = ("Gulrajani et al. 2017", "https://arxiv.org/abs/1704.00028")
_R1_R2 = ("Mescheder, Geiger and Nowozin 2018", "https://arxiv.org/abs/1801.04406")

GRADIENT_PENALTY = Series(
    "gradient_penalty",
    "gradient penalty, before its weight",
    PENALTY,
    "orange",
    why=Why(
        "It is the mean squared distance of the gradient's norm from 1 at points between real and generated images. "
        "Near zero the critic is close to 1-Lipschitz, and its loss estimates a Wasserstein distance.",
        *_WGAN_GP,
    ),
)
SLOPE = Series(
    "critic_slope",
    "mean L2 norm of the critic's gradient with respect to its input; the target is 1",
    Chart("Critic slope", "mean L2 norm", 240, folded=True),
    "blue",
    why=Why(
        "The best critic has a slope of 1 almost everywhere between real and generated images. A slope far above 1 "
        "means that the penalty is too weak for its loss to be a distance.",
        *_WGAN_GP,
    ),
)
R1 = Series(
    "r1",
    "R1 penalty on real images, before its weight",
    PENALTY,
    "green",
    "dashed",
    why=Why(
        "It is half the squared norm of the discriminator's gradient at real images. It keeps the discriminator flat "
        "there, so that the game comes to rest once the generated images match.",
        *_R1_R2,
    ),
)
R2 = Series(
    "r2",
    "R2 penalty on generated images, before its weight",
    PENALTY,
    "purple",
    "dotted",
    why=Why(
        "It is half the squared norm of the discriminator's gradient at generated images. It damps the game in the "
        "same way as R1 does at real images.",
        *_R1_R2,
    ),
)
DRAGAN = Series(
    "dragan",
    "DRAGAN penalty around real images, before its weight",
    PENALTY,
    "brown",
    "dash-dot",
    why=Why(
        "It pulls the norm of the discriminator's gradient towards 1 in the neighbourhood of real images. Sharp slopes "
        "there come before the collapse of a generator onto a few images.",
        "Kodali et al. 2017",
        "https://arxiv.org/abs/1705.07215",
    ),
)

ObjectiveWire = Annotated[Link, ObjectivePort, Field(description="The objective to add this to.")]


class InputGradientPenalty(Node):
    """Base class of penalties on the gradient of the scores with respect to each image.

    Their parameter `penalty_weight` is live. They do not go with batch normalization in the discriminator, and their
    `infer` returns an objective that is `constrained`.
    """

    category: ClassVar[Category] = "objective"

    objective: ObjectiveWire

    def cautions(self, node_id: str, report: Report) -> Iterator[CheckWarning]:
        yield from mends.idle(report, node_id, "penalty_weight")
        if found := _penalised(node_id, self, report):
            yield CheckWarning(
                node_id,
                f"{self.title} over batch normalization: with it, a score depends on the other images of the batch, "
                "but the penalty is for each image by itself (Gulrajani et al. 2017, section 4).",
                without_batch_norm(report, found.network),
            )


class PenalisedBatchNorm(NamedTuple):
    """A gradient penalty over batch normalization.

    penalty, network: the ids of the two nodes. weight: the live parameter of the penalty's weight, "node.parameter".
    layers: number of batch normalizations in the network.
    """

    penalty: str
    network: str
    weight: str
    layers: int


def penalised_batch_norm(report: Report) -> tuple[PenalisedBatchNorm, ...]:
    """The gradient penalties of a checked workflow whose network has batch normalization.

    The penalty is defined for each image by itself, and batch normalization makes a score depend on the other images of
    its batch (Gulrajani et al. 2017, section 4, "No critic batch normalization"). That paper speaks of its own penalty;
    R1, R2 and DRAGAN take the gradient at each image in the same way, so the same holds for them.
    Networks without a plan are left out: their layers are not known before they are built.
    """
    penalties = ((node_id, node) for node_id, node in report.nodes.items() if isinstance(node, InputGradientPenalty))
    return tuple(found for node_id, node in penalties if (found := _penalised(node_id, node, report)))


def _penalised(node_id: str, node: InputGradientPenalty, report: Report) -> PenalisedBatchNorm | None:
    for port in report.ports.get(node_id, ()):
        if isinstance(port, ObjectivePort) and (layers := batch_norm_layers(port.discriminator)):
            network = source_of(report, port.discriminator)
            return PenalisedBatchNorm(node_id, network, f"{node_id}.penalty_weight", layers)
    return None


class GradientPenalty(InputGradientPenalty):
    """Pulls the gradient norm of the scores to 1 at points between real and generated images.

    The penalty of WGAN-GP (Gulrajani et al. 2017), the usual companion of the Wasserstein loss. The one-sided variant
    leaves slopes below 1 alone. The discriminator must not use batch normalization, since the penalty applies to each
    image separately.
    """

    title: ClassVar[str] = "Gradient penalty"
    outputs: ClassVar[tuple[type[Port], ...]] = (ObjectivePort,)

    penalty_weight: Annotated[
        float,
        Field(ge=0, le=1000, description="Weight of the penalty (λ); 10 is usual."),
        Param(live=True, key=True, step=1, label="Weight"),
    ] = 10.0
    sides: Annotated[
        Literal["two-sided", "one-sided"],
        Field(description="two-sided: penalise slopes below and above 1. one-sided: only those above 1."),
    ] = "two-sided"

    def infer(self, objective: ObjectivePort) -> ObjectivePort:
        return replace(objective.recording(GRADIENT_PENALTY, SLOPE), constrained=True)

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


class R1R2Penalty(InputGradientPenalty):
    """Penalises the squared gradient norm of the scores at real images (R1), at generated ones (R2), or at both.

    R1 alone, after Mescheder et al. 2018, stabilises most GAN losses; both with the same weight are R3GAN's. The
    discriminator must not use batch normalization.
    """

    title: ClassVar[str] = "R1 / R2 penalty"
    outputs: ClassVar[tuple[type[Port], ...]] = (ObjectivePort,)

    images: Annotated[
        Literal["R1", "R2", "R1 + R2"],
        Field(description="R1: at real images. R2: at generated images."),
        Param(key=True, label="Penalty"),
    ] = "R1 + R2"
    penalty_weight: Annotated[
        float,
        Field(ge=0, le=1000, description="Weight of the penalty: γ in γ/2·‖∇D‖². 0 turns it off."),
        Param(live=True, key=True, step=0.1, label="Weight"),
    ] = 1.0

    @property
    def series(self) -> tuple[Series, ...]:
        """The series it records."""
        return tuple(each for each in (R1, R2) if each.name.upper() in self.images)

    def infer(self, objective: ObjectivePort) -> ObjectivePort:
        return replace(objective.recording(*self.series), constrained=True)

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


class DRAGANPenalty(InputGradientPenalty):
    """Pulls the gradient norm of the scores to 1 in the neighbourhood of real images (DRAGAN, Kodali et al. 2017).

    The discriminator must not use batch normalization.
    """

    title: ClassVar[str] = "DRAGAN penalty"
    outputs: ClassVar[tuple[type[Port], ...]] = (ObjectivePort,)

    penalty_weight: Annotated[
        float,
        Field(ge=0, le=1000, description="Weight of the penalty (λ); 10 is usual. 0 turns it off."),
        Param(live=True, key=True, step=1, label="Weight"),
    ] = 10.0

    def infer(self, objective: ObjectivePort) -> ObjectivePort:
        return replace(objective.recording(DRAGAN), constrained=True)

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
