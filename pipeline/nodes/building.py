"""What a node is given when it is built, beside the parts that come in by its wires."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zlib import crc32

from pipeline.data.progress import ReadProgress, unwatched
from pipeline.graph.node import Port
from pipeline.nodes.ports import TrainingPort


@dataclass(frozen=True)
class Building:
    """The circumstances of one node: its id, the run's seed, a device that exists (such as "cpu"), the home of data.

    progress: told how far a node has come that takes long; it may raise to end the building. together: whether the
    noise of sample grids is drawn all at once, as in runs that were made before every image had a stream of its own.
    ports: what the node's own `infer` has said. given: what was made in Python, by node id.
    """

    node_id: str
    seed: int
    device: str
    home: Path
    progress: ReadProgress = unwatched
    together: bool = False
    ports: tuple[Port, ...] = ()
    given: Mapping[str, Any] = field(default_factory=dict)

    @property
    def series(self) -> tuple[str, ...]:
        """Names of what is recorded at every step, for the `build` of a training node."""
        return next((port.metrics for port in self.ports if isinstance(port, TrainingPort)), ())

    @property
    def weights_seed(self) -> int:
        """A seed of the node's own, so that networks differ and a node added elsewhere changes no weights."""
        return crc32(f"{self.seed}/{self.node_id}".encode())
