"""What an engine is: how many processes it has, and who started it."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace

from pipeline.runtime.messages.snapshot import Snapshot


@dataclass(frozen=True)
class EngineKind:
    """processes: of the engine. by_hand: whether a user started it, who then ends it too. told: called with every
    snapshot but the last, which `Service.serve` returns."""

    processes: int = 1
    by_hand: bool = False
    told: Callable[[Snapshot], None] = lambda snapshot: None

    def shown(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot with what it says of the engine itself."""
        return replace(snapshot, pid=os.getpid(), processes=self.processes, by_hand=self.by_hand)


ALONE = EngineKind()
"""A single process, started by a server."""
