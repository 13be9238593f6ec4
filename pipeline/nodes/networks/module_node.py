"""Base class of nodes whose network is a plain torch module.

    @NODES.register
    class SkipGenerator(ModuleNode):
        \"\"\"Two layers, with the noise fed to the second one too.\"\"\"

        title: ClassVar[str] = "Skip generator"
        category: ClassVar[Category] = "generator"
        outputs: ClassVar[tuple[type[Port], ...]] = (GeneratorPort,)

        noise: NoiseWire
        image_size: AnySizeField = 28

        def infer(self, noise):
            return GeneratorPort(None, (1, self.image_size, self.image_size), noise.dim)

        def module(self, port):
            from ._networks import Skipping

            return Skipping(port.latent_dim, port.image_shape)

        def example(self, port):
            import torch

            return torch.randn(2, port.latent_dim)

        def build(self, building, noise):
            from pipeline.families.adversarial.parts import GeneratorPart

            return GeneratorPart(building.node_id, self.built(building), noise)

The layer table of such a network is read from the module itself, on torch's `meta` device if the module runs there.
"""

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from pipeline.graph.node import Node
from pipeline.nodes.building import Building
from pipeline.nodes.ports import NetworkPort

if TYPE_CHECKING:
    from torch import Tensor, nn


class ModuleNode(Node):
    """Base class of nodes whose network is a torch module.

    `infer` must return a NetworkPort with plan None, and `build` a part whose `network` is the module. The argument
    `port` below is the port that `infer` returned, with the input and output shapes.
    """

    @abstractmethod
    def module(self, port: Any) -> "nn.Module":
        """Create the network on torch's default device; its weights may be random."""

    @abstractmethod
    def example(self, port: Any) -> "Tensor | tuple[Any, ...]":
        """Example inputs of one call of the module: a batch of 2, on torch's default device; the first is a tensor."""

    def built(self, building: Building) -> "nn.Module":
        """Create the module for `build`, on the device, initialised from the node's own seed.

        Raises TypeError if `module` does not return a torch.nn.Module.
        """
        import torch

        from pipeline.models.build import seeded_weights

        port = network_of(building.ports)
        with seeded_weights(building.weights_seed):
            module = self.module(port)
            if not isinstance(module, torch.nn.Module):
                raise TypeError(f"its module() returns {type(module).__name__}, not a torch.nn.Module.")
            if any(map(torch.nn.parameter.is_lazy, [*module.parameters(), *module.buffers()])):
                # Lazy layers get their input sizes at the first call.
                with torch.no_grad():
                    module.eval()(*self.inputs(port))
        return module.train().to(building.device)

    def inputs(self, port: Any) -> tuple[Any, ...]:
        """The example as a tuple of arguments."""
        example = self.example(port)
        return example if isinstance(example, tuple) else (example,)


def network_of(ports: tuple[Any, ...]) -> NetworkPort | None:
    """The first network port among a node's outputs, None if there is none."""
    return next((port for port in ports if isinstance(port, NetworkPort)), None)
