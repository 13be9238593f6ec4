"""The optimizer nodes."""

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeAlias

from pydantic import Field

from pipeline.graph.node import Category, Link, Misfit, Node, Param, Port
from pipeline.nodes.building import Building
from pipeline.nodes.ports import NetworkPort, OptimizerPort
from pipeline.runs.series import Series

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from torch import nn
    from torch.optim import Optimizer as TorchOptimizer

    from pipeline.training.optimizer_part import OptimizerPart

    Weights: TypeAlias = Iterable[nn.Parameter]

NetworkWire = Annotated[Link, NetworkPort, Field(description="The network whose weights are updated.")]
LearningRate = Annotated[
    float,
    Field(ge=1e-7, le=1.0, description="Step size. If losses jump, lower it; if little changes, raise it."),
    Param(live=True, key=True, log=True),
]
Beta1 = Annotated[
    float,
    Field(
        ge=0,
        le=0.9999,
        description="Decay rate of the moving average of the gradient. GANs often train better with 0.5 or 0.",
    ),
    Param(live=True, step=0.05),
]
Beta2 = Annotated[
    float,
    Field(ge=0, le=0.99999, description="Decay rate of the moving average of the squared gradient."),
    Param(live=True, step=0.005),
]
ClipNorm = Annotated[
    float,
    Field(
        ge=0,
        le=1e6,
        description="Largest L2 norm of the network's gradient; a larger gradient is scaled down to it. 0 turns "
        "clipping off.",
    ),
    Param(live=True, step=1, label="Clip gradient norm"),
]


class OptimizerNode(Node):
    """Base class of optimizer nodes: the network to update, the learning rate and gradient clipping."""

    category: ClassVar[Category] = "optimizer"

    network: NetworkWire
    learning_rate: LearningRate = 0.0002
    clip_norm: ClipNorm = 0.0

    def infer(self, network: NetworkPort) -> OptimizerPort:
        return OptimizerPort(network)


class Adam(OptimizerNode):
    """Adam (Kingma & Ba 2015): moves each weight by about the learning rate, along the averaged gradient.

    The usual choice for GANs and autoencoders.
    """

    title: ClassVar[str] = "Adam"
    outputs: ClassVar[tuple[type[Port], ...]] = (OptimizerPort,)

    beta1: Beta1 = 0.9
    beta2: Beta2 = 0.999

    def build(self, building: Building, network: Any) -> "OptimizerPart":
        import torch

        fused, betas = _fused(building), (self.beta1, self.beta2)

        def make(weights: "Weights") -> "TorchOptimizer":
            return torch.optim.Adam(weights, lr=self.learning_rate, betas=betas, fused=fused)

        return _part(building, make, betas=("beta1", "beta2"))


class AdamW(OptimizerNode):
    """AdamW (Loshchilov & Hutter 2019): Adam with decoupled weight decay, which shrinks all weights at each step."""

    title: ClassVar[str] = "AdamW"
    outputs: ClassVar[tuple[type[Port], ...]] = (OptimizerPort,)

    beta1: Beta1 = 0.9
    beta2: Beta2 = 0.999
    weight_decay: Annotated[
        float,
        Field(ge=0, le=1, description="Each step multiplies every weight by 1 − learning rate × this."),
        Param(live=True, step=0.01),
    ] = 0.01

    def build(self, building: Building, network: Any) -> "OptimizerPart":
        import torch

        fused, betas, decay = _fused(building), (self.beta1, self.beta2), self.weight_decay

        def make(weights: "Weights") -> "TorchOptimizer":
            return torch.optim.AdamW(weights, lr=self.learning_rate, betas=betas, weight_decay=decay, fused=fused)

        return _part(building, make, betas=("beta1", "beta2"), weight_decay="weight_decay")


class RMSprop(OptimizerNode):
    """RMSprop (Hinton 2012): divides the gradient by the root of its moving mean square.

    Usual for critics with clipped weights: Arjovsky et al. 2017 prefer it to Adam, whose momentum made theirs unstable.
    """

    title: ClassVar[str] = "RMSprop"
    outputs: ClassVar[tuple[type[Port], ...]] = (OptimizerPort,)

    learning_rate: LearningRate = 0.00005
    alpha: Annotated[
        float,
        Field(ge=0, le=0.99999, description="Decay rate of the moving average of the squared gradient."),
        Param(live=True, step=0.005),
    ] = 0.99
    momentum: Annotated[
        float,
        Field(ge=0, le=0.9999, description="Share of the previous update that carries over; 0 for no momentum."),
        Param(step=0.05),
    ] = 0.0

    def infer(self, network: NetworkPort) -> OptimizerPort:
        return OptimizerPort(network, numbers_per_weight=2 if self.momentum else 1)

    def build(self, building: Building, network: Any) -> "OptimizerPart":
        import torch

        # Momentum is not live: torch creates its buffers at the first step or never.
        def make(weights: "Weights") -> "TorchOptimizer":
            return torch.optim.RMSprop(weights, lr=self.learning_rate, alpha=self.alpha, momentum=self.momentum)

        return _part(building, make, alpha="alpha")


class SGD(OptimizerNode):
    """Stochastic gradient descent: steps of the learning rate times the gradient, with optional momentum."""

    title: ClassVar[str] = "SGD"
    outputs: ClassVar[tuple[type[Port], ...]] = (OptimizerPort,)

    learning_rate: LearningRate = 0.01
    momentum: Annotated[
        float,
        Field(ge=0, le=0.9999, description="Share of the previous update that carries over; 0 for no momentum."),
        Param(live=True, step=0.05),
    ] = 0.9
    nesterov: Annotated[
        bool, Field(description="Nesterov momentum: looks ahead along the momentum. No effect if momentum is 0.")
    ] = False

    def infer(self, network: NetworkPort) -> OptimizerPort:
        return OptimizerPort(network, numbers_per_weight=1 if self.momentum else 0)

    def build(self, building: Building, network: Any) -> "OptimizerPart":
        import torch

        fused = _fused(building)

        def make(weights: "Weights") -> "TorchOptimizer":
            optimizer = torch.optim.SGD(weights, lr=self.learning_rate, momentum=self.momentum, fused=fused)
            # Torch's constructor refuses nesterov without momentum. A live momentum of 0 is fine: nesterov then has no
            # effect.
            for group in optimizer.param_groups:
                group["nesterov"] = self.nesterov
            return optimizer

        return _part(building, make, momentum="momentum")


def scheduled(optimizer: OptimizerPort, rate: Series) -> tuple[Series, ...]:
    """The series of an optimizer's learning rate if it has a schedule, else none."""
    return (rate,) if optimizer.schedule is not None else ()


def require_network(wire: str, optimizer: OptimizerPort, network: NetworkPort) -> None:
    """Raises Misfit if the optimizer updates a network other than the objective's."""
    # Compared by identity: networks with equal settings may still come from different nodes.
    if optimizer.network is not network:
        moved = f"the {optimizer.network.role}" if optimizer.network.role != network.role else f"another {network.role}"
        words = wire.replace("_", " ")
        raise Misfit(
            f"Its {words} updates {moved}; connect the optimizer of the objective's {network.role} instead.",
            field=wire,
        )


def _fused(building: Building) -> bool:
    """Whether to use torch's fused optimizer, one kernel for all weights; not every device has it."""
    import torch

    return torch.device(building.device).type in ("cpu", "cuda")


def _part(
    building: Building, make: "Callable[[Weights], TorchOptimizer]", **options: str | tuple[str, ...]
) -> "OptimizerPart":
    """The part of this optimizer node. options: torch optimizer option -> the live parameters that set it."""
    from pipeline.training.optimizer_part import OptimizerPart

    def key(parameter: str) -> str:
        return f"{building.node_id}.{parameter}"

    live = {
        option: key(names) if isinstance(names, str) else tuple(map(key, names))
        for option, names in {"lr": "learning_rate", **options}.items()
    }
    return OptimizerPart(building.node_id, make, live, clip_norm=key("clip_norm"))
