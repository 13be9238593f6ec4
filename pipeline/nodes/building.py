"""What a node receives when it is built, in addition to its input parts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

from pipeline.data.progress import ReadProgress, no_progress
from pipeline.data.value_range import SIGNED, ValueRange
from pipeline.graph.node import Port
from pipeline.nodes.ports import TrainingPort

if TYPE_CHECKING:
    from pipeline.ranks.ranks import Ranks


@dataclass(frozen=True)
class Building:
    """What one node's `build` receives."""

    node_id: str
    seed: int
    """The run's seed."""
    device: str
    """A device that exists on this machine, such as "cpu"."""
    home: Path
    """The folder for data (GENSCOPE_HOME)."""
    progress: ReadProgress = no_progress
    """Called by slow nodes with their progress; it may raise to stop the build."""
    together: bool = False
    """Whether all noise of a sample grid is drawn at once, as in runs from before each image had its own stream."""
    ports: tuple[Port, ...] = ()
    """What this node's `infer` returned."""
    given: Mapping[str, Any] = field(default_factory=dict)
    """Objects made in Python, by node id."""
    ranks: "Ranks | None" = None
    """The processes that train the run together; None for a single one."""

    @property
    def series(self) -> tuple[str, ...]:
        """The names of the series recorded at every step, for the `build` of a training node."""
        return next((port.metrics for port in self.ports if isinstance(port, TrainingPort)), ())

    @property
    def values(self) -> ValueRange:
        """The range of the images' values, for the `build` of a training node."""
        return next((port.images.values for port in self.ports if isinstance(port, TrainingPort)), SIGNED)

    @property
    def weights_seed(self) -> int:
        """A seed derived from the node id: networks differ, and adding other nodes does not change their weights."""
        return crc32(f"{self.seed}/{self.node_id}".encode())
