"""The training node: networks, number of steps, batch size, precision and device. That of GANs too."""

import math
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field

from pipeline.data.findings import too_large_batch
from pipeline.families.adversarial import family as adversarial
from pipeline.families.adversarial.family import ADVERSARIAL
from pipeline.families.family import Family
from pipeline.graph.check import Report
from pipeline.graph.findings import CheckWarning
from pipeline.graph.node import Category, Link, Misfit, Node, Param, Port
from pipeline.nodes import mends
from pipeline.nodes.building import Building
from pipeline.nodes.ports import (
    ImagesPort,
    NetworkPort,
    ObjectivePort,
    OptimizerPort,
    TrainingPort,
)
from pipeline.nodes.training.optimizers import require_network, scheduled
from pipeline.nodes.training.processes import crowded, require_shares
from pipeline.runs.series import Series, checkup_of
from pipeline.runs.series_fault import series_fault
from pipeline.training.condition import Classes

if TYPE_CHECKING:
    from pipeline.families.adversarial.parts import ObjectivePart
    from pipeline.training.experiment import Experiment
    from pipeline.training.optimizer_part import OptimizerPart
    from pipeline.training.settings import Settings


def _device_name(name: str) -> str:
    if not re.fullmatch(r"auto|cpu|mps|cuda(:[0-9]{1,2})?", name):
        raise ValueError("not a device name: use auto, cpu, mps, cuda or a numbered GPU such as cuda:1")
    return name


class TrainingNode(Node):
    """Base class of training nodes: number of steps, batch size, averaged weights, seed, precision and device.

    family: the family of the networks it trains.
    """

    category: ClassVar[Category] = "training"
    family: ClassVar[Family]

    batch_size: Annotated[
        int,
        Field(ge=2, le=4096, description="Images in each update."),
        Param(key=True, step=16),
    ] = 64
    total_steps: Annotated[
        int,
        Field(ge=1, le=10_000_000, description="Steps after which the run is finished. You can extend a finished run."),
        Param(key=True, step=500),
    ] = 3000
    ema_halflife_images: Annotated[
        int,
        Field(
            ge=0,
            le=10_000_000,
            description="Half-life of the exponential moving average (EMA) of the weights, in training images: the "
            "weight of past values halves over this many. Samples use the averaged weights. 0 keeps no average.",
        ),
        Param(step=1000, label="EMA half-life in images"),
    ] = 5000
    ema_rampup: Annotated[
        float,
        Field(
            ge=0,
            le=1,
            description="Limits the half-life to this share of the images trained on so far, so that early averages "
            "are not dominated by untrained weights. 0.05 is usual; 0 uses the full half-life from the start.",
        ),
        Param(step=0.01, label="EMA ramp-up"),
    ] = 0.0
    seed: Annotated[
        int,
        Field(
            ge=0,
            le=2**32 - 1,
            description="Seed of all random numbers. The same workflow, images and seed repeat the run bit for bit on "
            "the same kind of machine: the same device, number of CPU threads, and versions of Genscope and torch. The "
            "number of threads is recorded with the run; the parameter `threads` fixes it.",
        ),
    ] = 0
    precision: Annotated[
        Literal["fp32", "bf16"],
        Field(description="fp32: single precision. bf16: forward passes in bfloat16, faster on recent GPUs."),
    ] = "fp32"
    device: Annotated[
        str,
        AfterValidator(_device_name),
        Field(description="auto: a CUDA GPU if there is one, else the CPU. Or choose cpu, cuda, cuda:1 or mps."),
    ] = "auto"
    threads: Annotated[
        int,
        Field(
            ge=0,
            le=256,
            description="CPU threads. Their number changes the rounding of sums, so runs of different numbers differ. "
            "0 chooses it by the machine: one for each physical core that the process may use, at most 8.",
        ),
        Param(label="CPU threads"),
    ] = 0
    processes: Annotated[
        int,
        Field(
            ge=1,
            le=4096,
            description="Processes that train the run together, each with an equal share of every batch. The dashboard "
            "starts them; on the command line, torchrun does, and its number counts. Results are those of one process "
            "but for rounding.",
        ),
    ] = 1

    def asked(
        self,
        images: ImagesPort,
        sampled: NetworkPort,
        series: tuple[Series, ...],
        checkup: tuple[Series, ...] = (),
        **more: Any,
    ) -> TrainingPort:
        """The training as a port.

        series: what its updates record. checkup: the family's additional measurements with every sample grid. more: the
        other fields of a TrainingPort. Raises Misfit if there are fewer images than the batch size, if the processes
        cannot share a batch, if `sampled` is known to make images of another range, and if the series are invalid.
        """
        if fault := too_large_batch(self.batch_size, images.count):
            fitting = 2 ** int(math.log2(images.count)) if images.count > 1 else None
            raise Misfit(fault, field="batch_size", value=fitting)
        require_shares(self.batch_size, self.processes, self.device)
        sampled.require_range(images.values)
        measured = checkup_of(*checkup)
        if fault := series_fault((*series, *measured)):
            raise Misfit(fault)
        return TrainingPort(
            family=self.family,
            images=images,
            sampled=sampled,
            batch_size=self.batch_size,
            total_steps=self.total_steps,
            seed=self.seed,
            device=self.device,
            threads=self.threads,
            processes=self.processes,
            series=series,
            checkup=measured,
            **more,
        )

    def cautions(self, node_id: str, report: Report) -> Iterator[CheckWarning]:
        images = self.total_steps * self.batch_size
        # With a ramp-up, the half-life never exceeds a share of the images trained on.
        if self.ema_halflife_images > images and not self.ema_rampup:
            half = mends.rounded_down(images / 10)
            yield CheckWarning(
                node_id,
                f"The half-life of the averaged weights is {self.ema_halflife_images:,} images, but the run trains on "
                f"{images:,}: samples would still show mostly untrained weights at its end.",
                mends.setting(report, node_id, "ema_halflife_images", half, f"Set half-life to {half:,}"),
            )
        if doubt := crowded(self.processes, self.device):
            yield CheckWarning(node_id, doubt, mends.default(report, node_id, "processes"))

    def settings(self, building: Building) -> "Settings":
        """These parameters as the Trainer's settings."""
        import torch

        from pipeline.ranks.ranks import ALONE
        from pipeline.training.settings import Settings

        return Settings(
            batch_size=self.batch_size,
            total_steps=self.total_steps,
            seed=building.seed,
            device=torch.device(building.device),
            precision=self.precision,
            ema_halflife_images=self.ema_halflife_images,
            ema_rampup=self.ema_rampup,
            together=building.together,
            values=building.values,
            ranks=building.ranks or ALONE,
        )


class GANTraining(TrainingNode):
    """Trains discriminator and generator in turn: each step is k discriminator updates, then one generator update."""

    title: ClassVar[str] = "GAN training"
    family: ClassVar[Family] = ADVERSARIAL
    outputs: ClassVar[tuple[type[Port], ...]] = (TrainingPort,)

    objective: Annotated[Link, ObjectivePort, Field(description="The loss of the two networks, with any penalties.")]
    generator_optimizer: Annotated[
        Link, OptimizerPort, Field(description="The optimizer of the objective's generator.")
    ]
    discriminator_optimizer: Annotated[
        Link, OptimizerPort, Field(description="The optimizer of the objective's discriminator.")
    ]
    discriminator_updates: Annotated[
        int,
        Field(
            ge=1,
            le=20,
            description="Discriminator updates per generator update (k). 1 is usual; critics of a Wasserstein "
            "loss often need about 5.",
        ),
        Param(live=True),
    ] = 1
    reuse_images: Annotated[
        bool,
        Field(
            description="The generator's update scores the images of the discriminator's last update again, as most "
            "tutorials do, in place of new ones. That saves the generator a pass in every step. Off: new images, as in "
            "the paper on GANs."
        ),
        Param(label="Reuse images"),
    ] = False

    def infer(
        self, objective: ObjectivePort, generator_optimizer: OptimizerPort, discriminator_optimizer: OptimizerPort
    ) -> TrainingPort:
        generator, images = objective.generator, objective.discriminator.images
        require_network("generator_optimizer", generator_optimizer, generator)
        require_network("discriminator_optimizer", discriminator_optimizer, objective.discriminator)
        rates = (
            *scheduled(discriminator_optimizer, adversarial.D_RATE),
            *scheduled(generator_optimizer, adversarial.G_RATE),
        )
        classes = images.class_names[: generator.classes] or tuple(map(str, range(generator.classes)))
        return self.asked(
            images,
            generator,
            (*adversarial.STEP, *objective.series, *rates),
            adversarial.series_of_checkup(images.held_out > 0),
            scores=objective.scores,
            conditions=(Classes(classes),) if classes else (),
        )

    def build(
        self,
        building: Building,
        objective: "ObjectivePart",
        generator_optimizer: "OptimizerPart",
        discriminator_optimizer: "OptimizerPart",
    ) -> "Experiment":
        from pipeline.families.adversarial.step import adversarial_experiment

        return adversarial_experiment(
            building.node_id,
            objective,
            generator_optimizer,
            discriminator_optimizer,
            self.settings(building),
            building.series,
            self.reuse_images,
        )
