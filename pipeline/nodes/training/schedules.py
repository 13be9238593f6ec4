"""The learning rate schedule node."""

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
    """Multiplies an optimizer's learning rate by a factor that depends on the step: warm-up, then decay.

    Insert it between an optimizer and the training. The learning rate stays live: the rate in use is its value times
    the factor. The decay ends at the training's total steps, also if the run goes on beyond them: the factor then stays
    what it is, and with an end factor of 0 nothing is learned any more. Raise the end factor (or the step factor) to
    train on, or fork the run with more total steps.
    """

    title: ClassVar[str] = "Learning rate schedule"
    category: ClassVar[Category] = "optimizer"
    outputs: ClassVar[tuple[type[Port], ...]] = (OptimizerPort,)

    optimizer: Annotated[Link, OptimizerPort, Field(description="The optimizer whose learning rate to schedule.")]
    shape: Annotated[
        ScheduleShape,
        Field(
            description="Shape after the warm-up. constant: no decay. linear, cosine: decay to the end factor, "
            "reached at the training's total steps. step: multiply by the step factor at regular intervals."
        ),
        Param(key=True),
    ] = "cosine"
    warmup_steps: Annotated[
        int,
        Field(
            ge=0,
            le=1_000_000,
            description="Steps over which the rate rises linearly to its full value, while the optimizer's moving "
            "averages settle. 0 for no warm-up.",
        ),
        Param(step=100, label="Warm-up steps"),
    ] = 0
    end_factor: Annotated[
        float,
        Field(
            ge=0,
            le=1,
            description="linear and cosine only: factor of the learning rate at the training's total "
            "steps and beyond. With 0, training on beyond them changes nothing.",
        ),
        Param(live=True, step=0.05),
    ] = 0.0
    step_every: Annotated[
        int,
        Field(ge=1, le=10_000_000, description="step only: steps from one drop of the rate to the next."),
        Param(step=500),
    ] = 1000
    step_factor: Annotated[
        float,
        Field(ge=0, le=1, description="step only: factor that multiplies the rate at each drop."),
        Param(live=True, step=0.05),
    ] = 0.5

    def infer(self, optimizer: OptimizerPort) -> OptimizerPort:
        if optimizer.schedule is not None:
            raise Misfit(
                "Its optimizer already has a schedule; connect the optimizer node directly.", field="optimizer"
            )
        return replace(optimizer, schedule=self._schedule())

    def build(self, building: Building, optimizer: "OptimizerPart") -> "OptimizerPart":
        live = {name: f"{building.node_id}.{name}" for name in ("end_factor", "step_factor")}
        return replace(optimizer, schedule=self._schedule(), schedule_live=live)

    def _schedule(self) -> Schedule:
        return Schedule(self.shape, self.warmup_steps, self.end_factor, self.step_every, self.step_factor)
