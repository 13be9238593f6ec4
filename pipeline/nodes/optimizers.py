"""How the weights of a network are moved along their gradients."""

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from pipeline.graph.node import Category, Link, Node, Param, Port
from pipeline.nodes.building import Building
from pipeline.nodes.ports import Network, Optimizer

if TYPE_CHECKING:
    from torch import nn
    from torch.optim import Optimizer as TorchOptimizer

    from pipeline.training.parts import DiscriminatorPart, GeneratorPart, OptimizerPart


class Adam(Node):
    """Adam (Kingma & Ba 2015): steps of about the learning rate in each weight, along the averaged gradient."""

    title: ClassVar[str] = "Adam"
    category: ClassVar[Category] = "optimizer"
    outputs: ClassVar[tuple[type[Port], ...]] = (Optimizer,)

    network: Annotated[Link, Network, Field(description="The network whose weights are moved.")]
    learning_rate: Annotated[
        float,
        Field(ge=1e-7, le=1.0, description="Size of a step. Too large and losses jump; too small and nothing happens."),
        Param(live=True, key=True, log=True),
    ] = 0.0002
    beta1: Annotated[
        float,
        Field(ge=0, le=0.9999, description="Memory of the gradient's average. GANs often learn better with 0.5 or 0."),
        Param(live=True, step=0.05),
    ] = 0.9
    beta2: Annotated[
        float,
        Field(ge=0, le=0.99999, description="Memory of the gradient's average square."),
        Param(live=True, step=0.005),
    ] = 0.999

    def infer(self, network: Network) -> Optimizer:
        return Optimizer(network)

    def build(self, building: Building, network: "GeneratorPart | DiscriminatorPart") -> "OptimizerPart":
        import torch

        from pipeline.training.parts import OptimizerPart

        # One kernel for all weights instead of several for each; not every device has it.
        fused = torch.device(building.device).type in ("cpu", "cuda")

        def make(weights: "list[nn.Parameter]") -> "TorchOptimizer":
            return torch.optim.Adam(weights, lr=self.learning_rate, betas=(self.beta1, self.beta2), fused=fused)

        node_id = building.node_id
        return OptimizerPart(
            node_id,
            make,
            live={"lr": f"{node_id}.learning_rate", "betas": (f"{node_id}.beta1", f"{node_id}.beta2")},
        )
