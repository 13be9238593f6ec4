"""The layer table of a network: names, output shapes, parameters, multiply-adds. Torch-free.

`table_of` gives the table of a Plan directly; `module_layers.py` measures that of any torch module, which is cached as
JSON. Only a table measured on a built network has the names and shapes of its weights.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from pipeline.models.plan import Layer, Plan, Shape

Count = Annotated[int, Field(ge=0)]


@dataclass(frozen=True)
class LayerRow:
    """One layer. output_shape: without the batch axis; None if the layer returns no tensor or is not called.

    parameters: number of its own trainable values. multiply_adds: those of its own matrix products, for one example.
    """

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    name: str
    output_shape: Shape | None
    parameters: Count
    multiply_adds: Count


@dataclass(frozen=True)
class LayerTable:
    """The layers of a network. rows: layers in the order in which they are called, a block as one row. inside: the same
    rows, with each block replaced by the layers inside it; () if there are no blocks.

    parameters, multiply_adds: totals of the network. weights: shapes by name, buffers included; {} if the network was
    not built. normalized: whether its weights are spectrally normalized.
    """

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    rows: tuple[LayerRow, ...]
    parameters: Count
    multiply_adds: Count
    weights: Mapping[str, Shape] = field(default_factory=dict)
    normalized: bool = False
    inside: tuple[LayerRow, ...] = ()

    def json(self) -> str:
        """The table as JSON text; see `from_json`."""
        return _TABLE.dump_json(self).decode()


_TABLE = TypeAdapter(LayerTable)


def from_json(text: str) -> LayerTable | None:
    """Parse a table written by `LayerTable.json`; None for any other text."""
    try:
        return _TABLE.validate_json(text, strict=True)
    except ValidationError:
        return None


def table_of(plan: Plan) -> LayerTable:
    """The table of a plan, before anything is built."""
    return LayerTable(
        rows=tuple(_row(layer.name, layer) for layer in plan.layers),
        parameters=plan.parameters,
        multiply_adds=plan.multiply_adds,
        normalized=plan.spectral_norm,
        inside=tuple(_row(path, layer) for path, layer in plan.leaves) if plan.has_blocks else (),
    )


def _row(name: str, layer: Layer) -> LayerRow:
    return LayerRow(name, layer.output_shape, layer.parameters, layer.multiply_adds)
