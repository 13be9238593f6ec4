"""Spectral normalization of a discriminator, between its node and whatever uses it."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from pipeline.graph.node import Category, Link, Misfit, Node, Port
from pipeline.nodes.building import Building
from pipeline.nodes.ports import DiscriminatorPort

if TYPE_CHECKING:
    from pipeline.families.adversarial.parts import DiscriminatorPart


class SpectralNorm(Node):
    """Divides every weight of a discriminator by its largest singular value, so that its scores change only slowly.

    Wire the objective and the discriminator's optimizer to this node. It has nothing to tune; the discriminator should
    have normalization `none`, since batch normalization scales its layers up again.
    """

    title: ClassVar[str] = "Spectral norm"
    category: ClassVar[Category] = "discriminator"
    outputs: ClassVar[tuple[type[Port], ...]] = (DiscriminatorPort,)

    discriminator: Annotated[Link, DiscriminatorPort, Field(description="The discriminator whose weights are divided.")]

    def infer(self, discriminator: DiscriminatorPort) -> DiscriminatorPort:
        plan = discriminator.plan
        if plan is not None and plan.spectral_norm:
            raise Misfit(
                "The discriminator has spectral normalization already: take one of the two away.",
                field="discriminator",
            )
        return replace(discriminator, plan=replace(plan, spectral_norm=True) if plan is not None else None)

    def build(self, building: Building, discriminator: "DiscriminatorPart") -> "DiscriminatorPart":
        """The same part, still of the node that its layers come from."""
        from copy import deepcopy

        from pipeline.models.spectral import with_spectral_norm

        return replace(
            discriminator,
            network=with_spectral_norm(deepcopy(discriminator.network), building.weights_seed),
        )
