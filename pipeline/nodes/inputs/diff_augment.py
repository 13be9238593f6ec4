"""The DiffAugment node: augmentation of everything that the discriminator sees, against overfitting on few images."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from pipeline.graph.check import Report
from pipeline.graph.findings import CheckWarning
from pipeline.graph.node import Category, Misfit, Node, Param, Port
from pipeline.nodes import mends
from pipeline.nodes.building import Building
from pipeline.nodes.inputs import augmentation_fields
from pipeline.nodes.losses.penalties import ObjectiveWire
from pipeline.nodes.ports import ObjectivePort
from pipeline.runs.series import Chart, Series
from pipeline.why import Why

if TYPE_CHECKING:
    from torch import Tensor

    from pipeline.families.adversarial.parts import ObjectivePart
    from pipeline.training.stages import Made
    from pipeline.training.state import TrainState

STRENGTH = Series(
    "augment_strength",
    "probability of each augmentation of the discriminator's images",
    Chart("Augmentation strength", "probability", 280, folded=True, percent=True, linear=True),
    "orange",
    why=Why(
        "Augmenting all images that the discriminator sees keeps it from remembering a small training set. The "
        "strength rises while the discriminator overfits: a value near 1 calls for more images.",
        "Karras et al. 2020",
        "https://arxiv.org/abs/2006.06676",
    ),
)
"""Recorded if the augmentation is adaptive."""


class DiffAugment(Node):
    """Augments real and generated images alike before the discriminator sees them (DiffAugment, Zhao et al. 2020).

    Use it for small data sets: the discriminator hardly ever sees the same image twice, and the generator does not
    learn the augmentations, since its own images are augmented too. If adaptive (ADA, Karras et al. 2020), the
    probability rises only as far as needed to keep the discriminator from overfitting, judged by the signs of its
    scores of real images.
    """

    title: ClassVar[str] = "DiffAugment"
    category: ClassVar[Category] = "objective"
    outputs: ClassVar[tuple[type[Port], ...]] = (ObjectivePort,)

    objective: ObjectiveWire
    adaptive: Annotated[
        bool,
        Field(
            description="Adjust the probability during training, starting from 0, to how much the discriminator "
            "overfits. Off: keep the probability set below."
        ),
        Param(key=True),
    ] = False
    probability: augmentation_fields.ProbabilityField = 1.0
    target: Annotated[
        float,
        Field(
            ge=0,
            le=1,
            description="Adaptive only: target for the mean sign of the logits of real images, that is the share "
            "scored as real minus the share scored as generated. 0.6 is the paper's.",
        ),
        Param(live=True, step=0.1),
    ] = 0.6
    adjust_images: Annotated[
        int,
        Field(
            ge=1000,
            le=100_000_000,
            description="Adaptive only: speed limit, the number of real images in which the probability can go from 0 "
            "to 1. The paper's 500,000 suits long runs.",
        ),
        Param(step=10_000),
    ] = 100_000
    # Strengths as in Zhao et al. There, brightness is added, a shift fills with zeros, and the cutout square may lie
    # partly outside the image; here, brightness is a factor, a shift mirrors the edge, and the square is all inside.
    horizontal_flip: augmentation_fields.HorizontalFlipField = 0.0
    vertical_flip: augmentation_fields.VerticalFlipField = 0.0
    rotate: augmentation_fields.RotateField = 0.0
    scale: augmentation_fields.ScaleField = 0.0
    translate: augmentation_fields.TranslateField = 0.125
    crop: augmentation_fields.CropField = 0.0
    brightness: augmentation_fields.BrightnessField = 0.5
    contrast: augmentation_fields.ContrastField = 0.5
    saturation: augmentation_fields.SaturationField = 1.0
    cutout: augmentation_fields.CutoutField = 0.5
    noise: augmentation_fields.NoiseField = 0.0

    def infer(self, objective: ObjectivePort) -> ObjectivePort:
        if not self.adaptive:
            return objective
        if objective.scores != "probability":
            raise Misfit(
                "An adaptive probability depends on the sign of logits: use a minimax or non-saturating loss, or turn "
                "adaptive off.",
                field="adaptive",
                value=False,
            )
        return objective.recording(STRENGTH)

    def cautions(self, node_id: str, report: Report) -> Iterable[CheckWarning]:
        return () if self.adaptive else mends.idle(report, node_id, "probability")

    def build(self, building: Building, objective: "ObjectivePart") -> "ObjectivePart":
        from pipeline.augmentation.adaptive import adapt_probability
        from pipeline.augmentation.live import at_strengths
        from pipeline.data.images import from_signed, to_signed
        from pipeline.families.adversarial.parts import DiscriminatorView
        from pipeline.training.stages import Operation

        node = building.node_id
        number = f"{node}.strength"
        values = objective.discriminator.images.values

        def augmented(images: "Tensor", state: "TrainState") -> "Tensor":
            p = state.numbers[number] if self.adaptive else state.live[f"{node}.probability"]
            changed = at_strengths(node, state.live).apply(to_signed(images, values), state.random, p)
            return from_signed(changed, values)

        def adapt(state: "TrainState", made: "Made") -> "Made":
            p = adapt_probability(
                state.numbers[number],
                made["real_scores"],
                state.live[f"{node}.target"],
                self.adjust_images,
                state.ranks,
            )
            state.numbers[number] = p
            return {STRENGTH.name: p}

        seen = replace(objective, views=(*objective.views, DiscriminatorView(node, "augment", augmented)))
        if not self.adaptive:
            return seen
        return replace(
            seen,
            after_discriminator=(*seen.after_discriminator, Operation("adapt strength", node, adapt)),
            numbers={**seen.numbers, number: 0.0},
        )
