"""The layers of a network as a table: names, output shapes, parameters, multiply-adds; torch-free.

Of a Plan it is known at once (`table_of`); of any torch module `module_layers.py` reads it off the module itself, and it is
kept as JSON. Only a table that was read off a built network knows the names and shapes of its weights.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from pipeline.models.plan import Layer, Plan, Shape

Count = Annotated[int, Field(ge=0)]


@dataclass(frozen=True)
class LayerRow:
    """One layer. output_shape: without the batch axis, None where the layer gives no tensor or is not called.

    parameters: its own trainable numbers. multiply_adds: of its own matrix products for one example.
    """

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    name: str
    output_shape: Shape | None
    parameters: Count
    multiply_adds: Count


@dataclass(frozen=True)
class LayerTable:
    """rows: the layers in the order in which they are called, a block as one. inside: the same with the layers inside
    the blocks in their place; () where there are no blocks.

    parameters, multiply_adds: sums for the whole network. weights: shapes by name, buffers too; {} where the network
    was not built. normalized: whether its weights are spectrally normalized.
    """

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    rows: tuple[LayerRow, ...]
    parameters: Count
    multiply_adds: Count
    weights: Mapping[str, Shape] = field(default_factory=dict)
    normalized: bool = False
    inside: tuple[LayerRow, ...] = ()

    def json(self) -> str:
        """The table as text, for `from_json`."""
        return _TABLE.dump_json(self).decode()


_TABLE = TypeAdapter(LayerTable)


def from_json(text: str) -> LayerTable | None:
    """The table that was written so; None for a text that is not exactly one, which is as good as none."""
    try:
        return _TABLE.validate_json(text, strict=True)
    except ValidationError:
        return None


def table_of(plan: Plan) -> LayerTable:
    """The layers of a plan, before anything is built."""
    return LayerTable(
        rows=tuple(_row(layer.name, layer) for layer in plan.layers),
        parameters=plan.parameters,
        multiply_adds=plan.multiply_adds,
        normalized=plan.spectral_norm,
        inside=tuple(_row(path, layer) for path, layer in plan.leaves) if plan.has_blocks else (),
    )


def _row(name: str, layer: Layer) -> LayerRow:
    return LayerRow(name, layer.output_shape, layer.parameters, layer.multiply_adds)
