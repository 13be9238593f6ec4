"""How an optimizer's learning rate goes over a run."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from pipeline.graph.node import Category, Link, Misfit, Node, Param, Port
from pipeline.nodes.building import Building
from pipeline.nodes.ports import OptimizerPort
from pipeline.training.schedule import Schedule, ScheduleShape

if TYPE_CHECKING:
    from pipeline.training.optimizer_part import OptimizerPart


class LearningRateSchedule(Node):
    """Stands between an optimizer and the training, and multiplies its learning rate by a factor of each step.

    The learning rate stays live: what is used is its value times the factor. After the training's total steps the
    factor stays as it is there.
    """

    title: ClassVar[str] = "Learning rate schedule"
    category: ClassVar[Category] = "optimizer"
    outputs: ClassVar[tuple[type[Port], ...]] = (OptimizerPort,)

    optimizer: Annotated[Link, OptimizerPort, Field(description="The optimizer whose learning rate it changes.")]
    shape: Annotated[
        ScheduleShape,
        Field(
            description="After the warm-up: constant; linear or cosine, down to the end factor at the training's total "
            "steps; step, lower by the step factor at every so many steps."
        ),
        Param(key=True),
    ] = "cosine"
    warmup_steps: Annotated[
        int,
        Field(
            ge=0,
            le=1_000_000,
            description="Steps in which the rate grows evenly to the whole of it; optimizers' averages settle in them.",
        ),
        Param(step=100, label="Warm-up steps"),
    ] = 0
    end_factor: Annotated[
        float,
        Field(ge=0, le=1, description="What is left of the learning rate at the end, of linear and cosine."),
        Param(step=0.05),
    ] = 0.0
    step_every: Annotated[
        int,
        Field(ge=1, le=10_000_000, description="Of step: steps after which the rate falls, and falls again."),
        Param(step=500),
    ] = 1000
    step_factor: Annotated[
        float,
        Field(ge=0, le=1, description="Of step: what the rate is multiplied by each time."),
        Param(step=0.05),
    ] = 0.5

    def infer(self, optimizer: OptimizerPort) -> OptimizerPort:
        if optimizer.schedule is not None:
            raise Misfit("Its optimizer has a schedule already; wire the optimizer itself to it.", field="optimizer")
        return replace(optimizer, schedule=self._schedule())

    def build(self, building: Building, optimizer: "OptimizerPart") -> "OptimizerPart":
        return replace(optimizer, schedule=self._schedule())

    def _schedule(self) -> Schedule:
        return Schedule(self.shape, self.warmup_steps, self.end_factor, self.step_every, self.step_factor)
