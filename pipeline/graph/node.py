"""Base classes of nodes. A node is a class: its docstring is its help text, its fields are its wires and parameters.

    class GaussianNoise(Node):
        \"\"\"Random latent vectors, one for each image to generate.\"\"\"

        title: ClassVar[str] = "Gaussian noise"
        category: ClassVar[Category] = "noise"
        outputs: ClassVar[tuple[type[Port], ...]] = (NoisePort,)

        dim: Annotated[int, Field(ge=1, le=4096, description="Length of a latent vector."), Param(key=True)] = 100

        def infer(self) -> NoisePort:
            return NoisePort(dim=self.dim)

A field annotated `Annotated[Link, SomePort]` is a wire; every other field is a parameter. A `Port` describes a wire
before anything is built (shapes, counts, layers): `infer` maps input ports to the output port, so that shapes are
checked without torch. `build` maps the built inputs to the built part; it imports its family when called, never at the
top of the file.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, TypeAlias

from pydantic import BaseModel, ConfigDict

Category: TypeAlias = str
"""The name of a category: a common one (`graph/category.py`) or a role of a family."""


class Port:
    """Base class of the frozen dataclasses that `infer` passes along wires while a workflow is checked. Torch-free."""

    title: ClassVar[str] = ""
    """Name of this type of wire for users."""

    @classmethod
    def kind(cls) -> str:
        """Name of this type of wire in `python -m pipeline nodes`: that of the class without `Port`."""
        return cls.__name__.removesuffix("Port")


@dataclass(frozen=True)
class Link:
    """The source of a wire: output number `output` of node `node`; in a document `["node", output]`."""

    node: str
    output: int = 0


@dataclass(frozen=True)
class Param:
    """Display options of a parameter, in addition to pydantic's `Field`.

    live: it may change during a run. step: increment of one click. key: it is shown in the node's label.
    log: it is changed by factors, not increments, and written with an exponent.
    """

    live: bool = False
    step: float | None = None
    key: bool = False
    log: bool = False
    label: str | None = None


class Remarks(NamedTuple):
    """What a node says about its input from outside, without being built.

    line: e.g. how many images it found. warnings: sentences about what is probably not meant; they are shown wherever a
    run is started, and prevent nothing.
    """

    line: str = ""
    warnings: tuple[str, ...] = ()


class Misfit(Exception):
    """Raised by `infer`: these wires and parameters do not fit together.

    wire: the input whose source node is at fault; None if it is this node.
    field: the parameter of the node at fault that has to change, if known. value: what would fit, if known; the page
    then offers to set it.
    """

    def __init__(
        self,
        message: str,
        *,
        details: str = "",
        wire: str | None = None,
        field: str | None = None,
        value: bool | float | str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.details = details
        self.wire = wire
        self.field = field
        self.value = value


class Node(BaseModel):
    """One kind of node. An instance is one node of a workflow, with parameters and a Link for each wire."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False, frozen=True)

    title: ClassVar[str] = ""
    category: ClassVar[Category]
    outputs: ClassVar[tuple[type[Port], ...]] = ()
    at_most: ClassVar[int | None] = None
    """Maximum number of nodes of this kind in one workflow; None for no limit."""
    offered: ClassVar[bool] = True
    """Whether the Workflow page can add one."""

    def infer(self, *args: Any, **wires: Any) -> Any:
        """The output port (a tuple if there are several), from the input ports by field name.

        Raises Misfit if they do not fit together.
        """
        raise NotImplementedError(type(self).__name__)

    def outside(self) -> str:
        """A string that changes when `infer` or `remarks` may give another result with the same parameters, such as
        when files have changed. Cheap: it is called each time a page is drawn."""
        return ""

    @classmethod
    def offers(cls, parameter: str) -> Mapping[str, str]:
        """Values that this machine has for a text parameter, such as its runs, each with its label; {} for any text."""
        return {}

    def remarks(self) -> Remarks:
        """What to say about a node whose `infer` found no problem, such as about the files that it names."""
        return Remarks()

    def cautions(self, node_id: str, report: Any) -> Iterable[Any]:
        """Yield a `CheckWarning` (mend.py) for each combination that is allowed but probably not meant.

        node_id: this node's id. report: the `Report` (check.py) on the whole workflow, whose warnings are still
        missing. Called if `infer` found no problem; the workflow may have problems elsewhere.
        """
        return ()

    def build(self, *args: Any, **parts: Any) -> Any:
        """The built part, from a `Building` (first argument) and the input parts by field name."""
        raise NotImplementedError(type(self).__name__)
