"""What a node is: one class whose docstring is its help text and whose fields are its ports and its form.

    class GaussianNoise(Node):
        \"\"\"Random latent vectors, one for each image to generate.\"\"\"

        title: ClassVar[str] = "Gaussian noise"
        category: ClassVar[Category] = "noise"
        outputs: ClassVar[tuple[type[Port], ...]] = (Noise,)

        dim: Annotated[int, Field(ge=1, le=4096, description="Length of a latent vector."), Param(key=True)] = 100

        def infer(self) -> Noise:
            return Noise(dim=self.dim)

A field annotated `Annotated[Link, SomePort]` is a wire; every other field is a parameter. A `Port` is what is known
of a wire before anything is built (shapes, counts, layers): `infer` takes the ports that come in and returns the one
that goes out, so that shapes are checked without torch. `build` takes the finished parts that come in and returns the
finished part; it imports its family when called, never at the top of the file.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

from pydantic import BaseModel, ConfigDict

Category: TypeAlias = str
"""The name of a category: one of those of every workflow (`graph/category.py`), or a role of a family."""


class Port:
    """Base of the frozen dataclasses that travel along wires while a workflow is checked. Torch-free."""

    title: ClassVar[str] = ""
    """What a wire of this type is called on the screen."""


@dataclass(frozen=True)
class Link:
    """The other end of a wire: output number `output` of node `node`; in a document `["node", output]`."""

    node: str
    output: int = 0


@dataclass(frozen=True)
class Param:
    """Facts of a parameter for its form, beside those that pydantic's `Field` holds.

    live: it may change while a run goes on. step: what one click adds. key: it stands in the node's label.
    log: it is best changed by factors, and is written with an exponent.
    """

    live: bool = False
    step: float | None = None
    key: bool = False
    log: bool = False
    label: str | None = None


class Misfit(Exception):
    """Raised by `infer`: these wires and parameters do not fit together.

    wire: the input whose other end is to blame; None blames this node itself.
    field: the parameter of the blamed node that would have to change, if one is known.
    """

    def __init__(self, message: str, *, details: str = "", wire: str | None = None, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.details = details
        self.wire = wire
        self.field = field


class Node(BaseModel):
    """One kind of node. An instance is one node of a workflow: its parameters, and links for its wires."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False, frozen=True)

    title: ClassVar[str] = ""
    category: ClassVar[Category]
    outputs: ClassVar[tuple[type[Port], ...]] = ()
    at_most: ClassVar[int | None] = None
    """How many of this kind one workflow may hold; None sets no limit."""
    offered: ClassVar[bool] = True
    """Whether the Workflow page offers to add one."""

    def infer(self, *args: Any, **wires: Any) -> Any:
        """The port that goes out (a tuple where there are several), from the ports that come in by field name.

        Raises Misfit where they do not fit together.
        """
        raise NotImplementedError(type(self).__name__)

    def build(self, *args: Any, **parts: Any) -> Any:
        """The finished part, from a `Building` (first argument) and the parts that come in by field name."""
        raise NotImplementedError(type(self).__name__)
