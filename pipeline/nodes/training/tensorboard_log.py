"""The node that writes a log for TensorBoard."""

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from pipeline.graph.node import Category, Link, Node, Param, Port
from pipeline.nodes.building import Building
from pipeline.nodes.ports import TrainingPort

if TYPE_CHECKING:
    from pipeline.training.experiment import Experiment
    from pipeline.training.parts import LogPart


class TensorboardLog(Node):
    """Writes curves, sample grids and the workflow for TensorBoard while the run is trained.

    Open it with `tensorboard --logdir`, followed by the folder. If it cannot be written, on a full disk for example,
    training goes on without it, and the run's events say so. Stored runs need no such node: the command `export --to
    tensorboard` writes all of them.
    """

    title: ClassVar[str] = "TensorBoard log"
    category: ClassVar[Category] = "output"
    outputs: ClassVar[tuple[type[Port], ...]] = ()
    at_most: ClassVar[int | None] = 1

    training: Annotated[Link, TrainingPort, Field(description="The training that is logged.")]
    every: Annotated[
        int,
        Field(
            ge=1,
            le=1_000_000,
            description="Steps between two points of a curve. What is measured with a sample grid is always written.",
        ),
        Param(key=True, step=10),
    ] = 10
    folder: Annotated[
        str,
        Field(
            max_length=1_000,
            description="Folder in which each run gets a folder; a relative path begins in GENSCOPE_HOME. Empty: the "
            "folder tensorboard of the run, so that GENSCOPE_HOME/runs shows all.",
        ),
    ] = ""

    def infer(self, training: TrainingPort) -> None:
        return None

    def build(self, building: Building, training: "Experiment") -> "LogPart":
        from pipeline.training.parts import LogPart

        return LogPart(building.node_id, self.every, self.folder.strip())
