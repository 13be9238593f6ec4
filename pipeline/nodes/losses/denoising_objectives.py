"""The objectives of diffusion models: what a denoiser predicts, of images noised by which process."""

from functools import partial
from math import exp, log1p
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from pipeline.graph.node import Category, Link, Misfit, Node, Param, Port
from pipeline.nodes.building import Building
from pipeline.nodes.ports import DenoiserPort, DenoisingObjectivePort

if TYPE_CHECKING:
    from pipeline.families.diffusion.parts import DenoiserPart, DenoisingPart

DenoiserWire = Annotated[Link, DenoiserPort, Field(description="The network that removes noise.")]
LabelDropout = Annotated[
    float,
    Field(
        ge=0,
        le=1,
        description="Share of the images whose class the network is not told, so that it can be guided. 0.1 is usual; "
        "without any, guidance has no effect that it has learned.",
    ),
    Param(step=0.05),
]
Times = Annotated[
    Literal["uniform", "logit-normal"],
    Field(
        description="How times are drawn. uniform: all equally often. logit-normal: most often in the middle, where "
        "predicting is hardest."
    ),
    Param(key=True),
]
LEAST_SIGNAL = 1e-14
"""Of α² at the end of a schedule: less is lost in the rounding of 32-bit numbers, and nothing can be estimated from it.
Ho et al. 2020 keep 4e-5."""


class FlowMatching(Node):
    """Loss of flow matching: images and noise are joined by straight lines, and the network predicts their direction.

    x_t = (1 − t) x₀ + t ε; the prediction is the velocity ε − x₀ (Lipman et al. 2023, Liu et al. 2023). Images are made
    by following the predicted velocities from noise, in few steps because the lines are straight.
    """

    title: ClassVar[str] = "Flow matching"
    category: ClassVar[Category] = "objective"
    outputs: ClassVar[tuple[type[Port], ...]] = (DenoisingObjectivePort,)

    denoiser: DenoiserWire
    times: Times = "logit-normal"
    label_dropout: LabelDropout = 0.1

    def infer(self, denoiser: DenoiserPort) -> DenoisingObjectivePort:
        return DenoisingObjectivePort(denoiser)

    def build(self, building: Building, denoiser: "DenoiserPart") -> "DenoisingPart":
        from pipeline.families.diffusion.parts import DenoisingPart, equal_weights
        from pipeline.objectives.denoising import VELOCITY, draw_times
        from pipeline.objectives.noising import Line

        return DenoisingPart(
            building.node_id,
            denoiser,
            Line(),
            VELOCITY,
            partial(draw_times, self.times),
            equal_weights,
            self.label_dropout,
            formula=r"\mathbb{E}\big[ \lVert f_t(x_t) - (\varepsilon - x_0) \rVert_2^2 \big]",
        )


class DDPMObjective(Node):
    """Loss of denoising diffusion (DDPM): noise is added in many small steps, and the network predicts it.

    Ho et al. 2020. Instead of the noise, the network may predict the image, or v, a mixture of both.
    """

    title: ClassVar[str] = "Denoising diffusion"
    category: ClassVar[Category] = "objective"
    outputs: ClassVar[tuple[type[Port], ...]] = (DenoisingObjectivePort,)

    denoiser: DenoiserWire
    prediction: Annotated[
        Literal["noise", "image", "v"],
        Field(
            description="What the network predicts. noise: usual. v: a mixture of noise and image, good at all times."
        ),
        Param(key=True),
    ] = "noise"
    schedule: Annotated[
        Literal["linear", "scaled linear", "cosine"],
        Field(
            description="How the noise grows. linear: Ho et al. 2020. scaled linear: Stable Diffusion's. cosine: "
            "slower at both ends, better for small images."
        ),
        Param(key=True),
    ] = "cosine"
    noise_steps: Annotated[int, Field(ge=2, le=10_000, description="Number of times at which noise is added.")] = 1000
    first_beta: Annotated[
        float,
        Field(
            ge=1e-6, le=0.999, description="Variance of the first addition of noise; not used by the cosine schedule."
        ),
        Param(log=True),
    ] = 0.0001
    last_beta: Annotated[
        float,
        Field(
            ge=1e-6, le=0.999, description="Variance of the last addition of noise; not used by the cosine schedule."
        ),
        Param(log=True),
    ] = 0.02
    zero_terminal_snr: Annotated[
        bool,
        Field(
            description="Change the schedule so that nothing of the image is left at its end, where sampling starts "
            "(Lin et al. 2023). Not for a prediction of noise, which says nothing there."
        ),
        Param(label="Zero terminal SNR"),
    ] = False
    weight: Annotated[
        Literal["uniform", "min-SNR"],
        Field(
            description="How much each time counts. uniform: equally. min-SNR: less where little noise is left (Hang "
            "et al. 2023), which learns faster."
        ),
    ] = "uniform"
    min_snr_gamma: Annotated[
        float,
        Field(ge=0.01, le=1000, description="Bound of the signal-to-noise ratio for min-SNR."),
        Param(step=1, label="Min-SNR γ"),
    ] = 5.0
    label_dropout: LabelDropout = 0.1

    def infer(self, denoiser: DenoiserPort) -> DenoisingObjectivePort:
        if self.prediction == "noise" and self.zero_terminal_snr:
            raise Misfit(
                "With zero terminal SNR nothing of the image is left at the end, where a prediction of the noise says "
                "nothing about it; set prediction to v, or turn zero terminal SNR off.",
                field="prediction",
                value="v",
            )
        if self._remains() < LEAST_SIGNAL:
            raise Misfit(
                f"{self.noise_steps:,} additions of noise of variances from {self.first_beta:g} to {self.last_beta:g} "
                "leave nothing of the image long before the last, so that nothing can be made from there; lower the "
                "variances, or the number of noise steps.",
                field="last_beta" if self.last_beta >= self.first_beta else "first_beta",
                value=round(min(0.5, 20 / self.noise_steps), 6),
            )
        return DenoisingObjectivePort(denoiser, self.noise_steps)

    def _remains(self) -> float:
        """α² after all noise steps: the share of the image's variance that is left. Torch-free."""
        if self.schedule == "cosine":
            return 1.0
        power = 0.5 if self.schedule == "scaled linear" else 1.0
        first, last, count = self.first_beta**power, self.last_beta**power, self.noise_steps
        betas = ((first + (last - first) * number / (count - 1)) ** (1 / power) for number in range(count))
        return exp(sum(log1p(-beta) for beta in betas))

    def build(self, building: Building, denoiser: "DenoiserPart") -> "DenoisingPart":
        from pipeline.families.diffusion.parts import DenoisingPart, equal_weights
        from pipeline.objectives.denoising import PREDICTIONS, draw_times, min_snr_weights
        from pipeline.objectives.noising import ScheduledNoising

        prediction = PREDICTIONS[self.prediction]
        noising = ScheduledNoising(
            self.schedule,
            self.noise_steps,
            self.first_beta,
            self.last_beta,
            zero_terminal_snr=self.zero_terminal_snr,
            device=building.device,
        )
        bounded = self.weight == "min-SNR"
        weight = "w_t " if bounded else ""
        return DenoisingPart(
            building.node_id,
            denoiser,
            noising,
            prediction,
            partial(draw_times, "uniform"),
            partial(min_snr_weights, prediction, bound=self.min_snr_gamma) if bounded else equal_weights,
            self.label_dropout,
            formula=rf"\mathbb{{E}}\big[ {weight}\lVert f_t(x_t) - ({prediction.formula}) \rVert_2^2 \big]",
        )
