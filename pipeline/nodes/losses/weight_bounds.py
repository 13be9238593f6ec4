"""Nodes that keep the weights of a network small: weight penalty and weight clipping."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from pipeline.graph.check import Report
from pipeline.graph.findings import CheckWarning
from pipeline.graph.node import Category, Node, Param, Port
from pipeline.nodes import mends
from pipeline.nodes.building import Building
from pipeline.nodes.losses.penalties import ObjectiveWire
from pipeline.nodes.ports import ObjectivePort, OptimizerPort
from pipeline.runs.series import Chart, Series
from pipeline.why import Why

if TYPE_CHECKING:
    from pipeline.families.adversarial.parts import ObjectivePart
    from pipeline.training.stages import Made
    from pipeline.training.state import TrainState


SIZE = Chart("Size of weights", "sum over weights", 270, folded=True)
_BOOK = (
    "Goodfellow, Bengio and Courville 2016, chapter 7",
    "https://www.deeplearningbook.org/contents/regularization.html",
)
_L1 = Why(
    "An L1 penalty pulls every weight towards zero with the same force, so that many become exactly zero. If this sum "
    "falls fast while the images get worse, the penalty is too strong.",
    *_BOOK,
)
_L2 = Why(
    "An L2 penalty pulls each weight towards zero in proportion to its size, which keeps the network's function "
    "smooth. If this sum keeps growing, the penalty is too weak to hold the weights.",
    *_BOOK,
)
WEIGHTS = {
    ("discriminator", "L1"): Series(
        "D_l1", "sum of the discriminator's absolute weights", SIZE, "blue", "dashed", why=_L1
    ),
    ("discriminator", "L2"): Series(
        "D_l2", "half the sum of the discriminator's squared weights", SIZE, "blue", why=_L2
    ),
    ("generator", "L1"): Series("G_l1", "sum of the generator's absolute weights", SIZE, "purple", "dotted", why=_L1),
    ("generator", "L2"): Series(
        "G_l2", "half the sum of the generator's squared weights", SIZE, "purple", "dash-dot", why=_L2
    ),
}
"""The series recorded, by network and norm."""


class WeightPenalty(Node):
    """Adds an L2 or L1 penalty on a network's weights to its loss.

    L2 shrinks large weights most; L1 drives many to nearly 0. With Adam, an L2 penalty is not the same as weight decay;
    for that use AdamW (Loshchilov & Hutter 2019).
    """

    title: ClassVar[str] = "Weight penalty"
    category: ClassVar[Category] = "objective"
    outputs: ClassVar[tuple[type[Port], ...]] = (ObjectivePort,)

    objective: ObjectiveWire
    network: Annotated[
        Literal["discriminator", "generator"],
        Field(description="The network whose weights are penalised."),
        Param(key=True),
    ] = "discriminator"
    norm: Annotated[
        Literal["L2", "L1"],
        Field(description="L2: half the sum of squares. L1: the sum of absolute values."),
        Param(key=True),
    ] = "L2"
    penalty_weight: Annotated[
        float,
        Field(ge=0, le=10, description="Weight of the penalty; 0 turns it off."),
        Param(live=True, key=True, log=True, label="Weight"),
    ] = 1e-4

    @property
    def series(self) -> Series:
        """The series it records."""
        return WEIGHTS[self.network, self.norm]

    def infer(self, objective: ObjectivePort) -> ObjectivePort:
        return objective.recording(self.series)

    def cautions(self, node_id: str, report: Report) -> Iterator[CheckWarning]:
        return mends.idle(report, node_id, "penalty_weight")

    def build(self, building: Building, objective: "ObjectivePart") -> "ObjectivePart":
        from pipeline.families.adversarial.parts import WeightTerm
        from pipeline.objectives.weights import l1, l2

        squared = self.norm == "L2"
        term = WeightTerm(
            node=building.node_id,
            role=self.network,
            metric=self.series.name,
            penalty=l2 if squared else l1,
            weight=f"{building.node_id}.penalty_weight",
            formula=r"\tfrac{1}{2} \sum_w w^2" if squared else r"\sum_w |w|",
        )
        return replace(objective, weight_terms=(*objective.weight_terms, term))


class WeightClipping(Node):
    """Clips every weight of the discriminator to a bound after each of its updates (Arjovsky et al. 2017).

    A crude way to keep a critic Lipschitz: with too small a bound it learns slowly, with too large a bound it is not
    constrained. A gradient penalty works better.
    """

    title: ClassVar[str] = "Weight clipping"
    category: ClassVar[Category] = "objective"
    outputs: ClassVar[tuple[type[Port], ...]] = (ObjectivePort,)

    objective: ObjectiveWire
    bound: Annotated[
        float,
        Field(ge=1e-4, le=1, description="Weights are clipped to ± this; 0.01 is the paper's."),
        Param(live=True, key=True, step=0.01),
    ] = 0.01

    def infer(self, objective: ObjectivePort) -> ObjectivePort:
        return replace(objective, constrained=True)

    def cautions(self, node_id: str, report: Report) -> Iterator[CheckWarning]:
        clipped = [port.discriminator for port in report.ports[node_id] if isinstance(port, ObjectivePort)]
        optimizers = [
            other_id
            for other_id, ports in report.ports.items()
            if any(isinstance(port, OptimizerPort) and port.network is each for port in ports for each in clipped)
        ]
        for other_id in optimizers:
            for name in ("beta1", "momentum"):
                if getattr(report.nodes[other_id], name, 0) > 0:
                    yield CheckWarning(
                        other_id,
                        "Momentum with clipped weights: it makes a critic's training unstable at times, because its "
                        "loss changes with every update (Arjovsky et al. 2017).",
                        mends.setting(report, other_id, name, 0.0),
                    )

    def build(self, building: Building, objective: "ObjectivePart") -> "ObjectivePart":
        from pipeline.objectives.weights import clip_weights
        from pipeline.training.stages import Operation

        def run(state: "TrainState", made: "Made") -> "Made":
            clip_weights(state.networks["discriminator"], state.live[f"{building.node_id}.bound"])
            return {}

        clip = Operation("clip weights", building.node_id, run, r"w \leftarrow \max(-c, \min(c, w))")
        return replace(objective, after_discriminator=(*objective.after_discriminator, clip))
