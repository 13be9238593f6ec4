"""The sampling node of diffusion models: how images are made from noise."""

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from pipeline.families.diffusion.options import MOST_STEPS, SolverName
from pipeline.graph.node import Category, Node, Param, Port
from pipeline.nodes.building import Building
from pipeline.nodes.ports import SamplingPort

if TYPE_CHECKING:
    from pipeline.families.diffusion.parts import SamplingPart


class DenoisingSolver(Node):
    """How images are made from noise: the solver, its number of steps, and how strongly the class guides."""

    title: ClassVar[str] = "Sampling"
    category: ClassVar[Category] = "sampling"
    outputs: ClassVar[tuple[type[Port], ...]] = (SamplingPort,)

    solver: Annotated[
        SolverName,
        Field(
            description="euler: simple. heun: two network calls a step, more exact. ddim: with as much fresh noise "
            "as eta says. ancestral: with much, as DDPM samples. dpm++ 2m: as exact as heun at half the price."
        ),
        Param(key=True, label="Sampler"),
    ] = "heun"
    steps: Annotated[
        int,
        Field(ge=1, le=MOST_STEPS, description="Steps from noise to image; more are more exact."),
        Param(key=True, step=5),
    ] = 20
    guidance: Annotated[
        float,
        Field(
            ge=0,
            le=100,
            description="Classifier-free guidance: 1 as the network has learned it; larger values make images more "
            "typical of their class, and less diverse. Doubles the time.",
        ),
        Param(step=0.5),
    ] = 1.0
    eta: Annotated[
        float, Field(ge=0, le=1, description="Share of fresh noise in each step of ddim."), Param(step=0.1)
    ] = 0.0
    clip: Annotated[
        bool,
        Field(
            description="Clip each estimate of an image to the range of images, as DDPM does. Without, errors grow "
            "where hardly any of the image is left. Latents are never clipped."
        ),
        Param(label="Clip estimates"),
    ] = True

    def infer(self) -> SamplingPort:
        return SamplingPort(self.steps, self.guidance, self.solver)

    def build(self, building: Building) -> "SamplingPart":
        from pipeline.families.diffusion.parts import SamplingPart
        from pipeline.families.diffusion.solvers import Solver

        return SamplingPart(Solver(self.solver, self.steps, self.eta), self.guidance, self.clip)
