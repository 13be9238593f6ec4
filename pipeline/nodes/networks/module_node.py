"""Networks that are plain torch modules: what a node says of one, and how it comes to be built and measured.

    @NODES.register
    class SkipGenerator(ModuleNode):
        \"\"\"Two layers, the second of which sees the noise again.\"\"\"

        title: ClassVar[str] = "Skip generator"
        category: ClassVar[Category] = "generator"
        outputs: ClassVar[tuple[type[Port], ...]] = (Generator,)

        noise: NoiseWire
        image_size: AnySize = 28

        def infer(self, noise):
            return Generator(None, (1, self.image_size, self.image_size), noise.dim)

        def module(self, port):
            from ._networks import Skipping

            return Skipping(port.latent_dim, port.image_shape)

        def example(self, port):
            import torch

            return torch.randn(2, port.latent_dim)

        def build(self, building, noise):
            from pipeline.families.adversarial.parts import GeneratorPart

            return GeneratorPart(building.node_id, self.built(building), noise)

The layers of such a network are read off the module itself, on torch's `meta` device where it can be called there.
"""

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from pipeline.graph.node import Node
from pipeline.nodes.building import Building
from pipeline.nodes.ports import NetworkPort

if TYPE_CHECKING:
    from torch import Tensor, nn


class ModuleNode(Node):
    """What nodes have in common whose network is a torch module.

    Their `infer` gives a Network port with plan None, and `build` a part with the module as its `network`. What they
    know of the shapes that go in and out is what `infer` has said: `port`.
    """

    @abstractmethod
    def module(self, port: Any) -> "nn.Module":
        """The network, made on torch's default device; its weights may be drawn at random."""

    @abstractmethod
    def example(self, port: Any) -> "Tensor | tuple[Any, ...]":
        """What one call of the module takes, for a batch of 2, on torch's default device; the first is a tensor."""

    def built(self, building: Building) -> "nn.Module":
        """The module on the device, for `build`; its first weights are the node's own. Raises TypeError."""
        import torch

        from pipeline.models.build import weights_from

        port = network_of(building.ports)
        with weights_from(building.weights_seed):
            module = self.module(port)
            if not isinstance(module, torch.nn.Module):
                raise TypeError(f"its module gives {type(module).__name__}, not a torch.nn.Module.")
            if any(map(torch.nn.parameter.is_lazy, [*module.parameters(), *module.buffers()])):
                # Its layers learn at their first call how many numbers go in.
                with torch.no_grad():
                    module.eval()(*self.inputs(port))
        return module.train().to(building.device)

    def inputs(self, port: Any) -> tuple[Any, ...]:
        """The example as one call takes it."""
        given = self.example(port)
        return given if isinstance(given, tuple) else (given,)


def network_of(ports: tuple[Any, ...]) -> NetworkPort | None:
    """The network among what a node gives out; None where there is none."""
    return next((port for port in ports if isinstance(port, NetworkPort)), None)
