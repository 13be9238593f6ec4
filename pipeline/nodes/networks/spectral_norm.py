"""The spectral normalization node, inserted between a discriminator and the nodes that use it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from pipeline.graph.check import Report
from pipeline.graph.findings import CheckWarning
from pipeline.graph.node import Category, Link, Misfit, Node, Port
from pipeline.nodes.building import Building
from pipeline.nodes.networks.batch_norm import batch_norm_layers, source_of, without_batch_norm
from pipeline.nodes.ports import DiscriminatorPort

if TYPE_CHECKING:
    from pipeline.families.adversarial.parts import DiscriminatorPart


class SpectralNorm(Node):
    """Divides each weight matrix of a discriminator by its largest singular value, which limits how fast scores change.

    Connect the objective and the discriminator's optimizer to this node. There is nothing to tune. Set the
    discriminator's normalization to `none`, since batch normalization would rescale its layers.
    """

    title: ClassVar[str] = "Spectral norm"
    category: ClassVar[Category] = "discriminator"
    outputs: ClassVar[tuple[type[Port], ...]] = (DiscriminatorPort,)

    discriminator: Annotated[Link, DiscriminatorPort, Field(description="The discriminator to normalize.")]

    def infer(self, discriminator: DiscriminatorPort) -> DiscriminatorPort:
        plan = discriminator.plan
        if plan is not None and plan.spectral_norm:
            raise Misfit(
                "The discriminator already has spectral normalization: remove one of the two nodes.",
                field="discriminator",
            )
        return replace(discriminator, plan=replace(plan, spectral_norm=True) if plan is not None else None)

    def cautions(self, node_id: str, report: Report) -> Iterator[CheckWarning]:
        (port,) = report.ports[node_id]
        if isinstance(port, DiscriminatorPort) and batch_norm_layers(port):
            yield CheckWarning(
                node_id,
                "Spectral norm over batch normalization: that rescales its layers, so that nothing bounds how fast "
                "scores change.",
                without_batch_norm(report, source_of(report, port)),
            )

    def build(self, building: Building, discriminator: "DiscriminatorPart") -> "DiscriminatorPart":
        """The same part with normalized weights, still attributed to the node that its layers come from."""
        from copy import deepcopy

        from pipeline.models.spectral import with_spectral_norm

        return replace(
            discriminator,
            network=with_spectral_norm(deepcopy(discriminator.network), building.weights_seed),
        )
