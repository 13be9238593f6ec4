"""The node that says how often a run saves a checkpoint, and which of them it keeps."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from pipeline.graph.check import Report
from pipeline.graph.node import Category, Link, Node, Param, Port
from pipeline.nodes.building import Building
from pipeline.nodes.ports import TrainingPort
from pipeline.runs.keeping import CHECKPOINT_SECONDS, MEGABYTE, Keeping

if TYPE_CHECKING:
    from pipeline.training.experiment import Experiment


class Checkpoints(Node):
    """Says how often the run saves a checkpoint, and which ones it keeps.

    Without this node a checkpoint is saved every 30 seconds, and kept are the last three, the first of each doubling of
    steps, the best by a periodic evaluation, and pinned ones. Training does not change with it.
    """

    title: ClassVar[str] = "Checkpoints"
    category: ClassVar[Category] = "output"
    outputs: ClassVar[tuple[type[Port], ...]] = ()
    at_most: ClassVar[int | None] = 1

    training: Annotated[Link, TrainingPort, Field(description="The training whose state is saved.")]
    seconds: Annotated[
        float,
        Field(
            ge=1,
            le=86_400,
            description="Seconds between two checkpoints. A run that is killed loses at most the steps since the last "
            "one. A pause and the end of the run are always saved.",
        ),
        Param(live=True, key=True, step=10),
    ] = CHECKPOINT_SECONDS
    last: Annotated[
        int, Field(ge=1, le=10_000, description="How many of the newest checkpoints are kept."), Param(live=True)
    ] = 3
    doublings: Annotated[
        bool, Field(description="Whether the first one at or after each power of two is kept: 1, 2, 4, 8 and so on.")
    ] = True
    every: Annotated[
        int,
        Field(
            ge=0,
            le=10_000_000,
            description="Steps between checkpoints that are saved, and kept as far as the limits allow; 0 for none.",
        ),
        Param(live=True, key=True, step=500),
    ] = 0
    most: Annotated[
        int,
        Field(
            ge=0,
            le=100_000,
            description="The most checkpoints that are kept: the oldest are deleted first, but never a pinned one, the "
            "best or the newest. 0 for no limit.",
        ),
        Param(live=True, label="Most checkpoints"),
    ] = 0
    most_megabytes: Annotated[
        int,
        Field(
            ge=0,
            le=100_000_000,
            description="The most disk space for checkpoints, in megabytes; as for the number of them. 0 for no limit.",
        ),
        Param(live=True, step=100, label="Most megabytes"),
    ] = 0

    def infer(self, training: TrainingPort) -> None:
        return None

    def build(self, building: Building, training: "Experiment") -> None:
        return None


@dataclass(frozen=True)
class CheckpointRules:
    """seconds: between two checkpoints. keeping: which of them stay."""

    seconds: float = CHECKPOINT_SECONDS
    keeping: Keeping = field(default_factory=Keeping)


def rules_of(report: Report, live: Mapping[str, float]) -> CheckpointRules:
    """The rules of a checked workflow; the usual ones without the node. live: current values by "node.parameter"."""
    found = checkpoints_node(report)
    if found is None:
        return CheckpointRules()
    node_id, node = found

    def now(name: str) -> float:
        return live.get(f"{node_id}.{name}", getattr(node, name))

    whole = {name: round(now(name)) for name in ("last", "every", "most")}
    bytes_in_all = round(now("most_megabytes")) * MEGABYTE
    return CheckpointRules(now("seconds"), Keeping(doublings=node.doublings, most_bytes=bytes_in_all, **whole))


def checkpoints_node(report: Report) -> tuple[str, Checkpoints] | None:
    """The node of a checked workflow, with its id; None if there is none without problems."""
    valid = ((node_id, node) for node_id, node in report.nodes.items() if node_id in report.ports)
    return next(((node_id, node) for node_id, node in valid if isinstance(node, Checkpoints)), None)
