"""What torchrun, or a cluster, tells each process in its environment; torch-free.

The variables are those of torchrun (torch.distributed.run, "Environment Variables"): RANK, WORLD_SIZE, LOCAL_RANK,
LOCAL_WORLD_SIZE, MASTER_ADDR, MASTER_PORT, TORCHELASTIC_RESTART_COUNT, TORCHELASTIC_RUN_ID,
TORCHELASTIC_USE_AGENT_STORE.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.errors.processes import BadLaunch

NEEDED = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")
"""A process in whose environment one of these is missing trains alone."""


@dataclass(frozen=True)
class Launch:
    """Which process this is. rank, count: its number, from 0, and that of all. local_rank, local_count: on its machine.

    address, port: where the processes meet. restarts: how often the agent of this machine has started them again.
    kept: whether what they meet at outlives them, so that it can remind them of their run. job: the id that torchrun
    was given.
    """

    rank: int
    count: int
    local_rank: int = 0
    local_count: int = 1
    address: str = "127.0.0.1"
    port: int = 29500
    restarts: int = 0
    kept: bool = False
    job: str = ""

    @property
    def leads(self) -> bool:
        """Whether this process records the run; the others follow it."""
        return self.rank == 0


def launched(environment: Mapping[str, str] = os.environ) -> Launch | None:
    """How this process was launched; None if it was started alone, without torchrun. Raises BadLaunch."""
    if not all(environment.get(name) for name in NEEDED):
        return None
    count = _number(environment, "WORLD_SIZE", 1)
    rank = _number(environment, "RANK", 0, most=count - 1)
    local_count = _number(environment, "LOCAL_WORLD_SIZE", 1, most=count, usual=1)
    return Launch(
        rank=rank,
        count=count,
        local_rank=_number(environment, "LOCAL_RANK", 0, most=local_count - 1, usual=0),
        local_count=local_count,
        address=environment["MASTER_ADDR"],
        port=_number(environment, "MASTER_PORT", 1, most=65535),
        restarts=_number(environment, "TORCHELASTIC_RESTART_COUNT", 0, usual=0),
        kept=environment.get("TORCHELASTIC_USE_AGENT_STORE") == "True",
        job=environment.get("TORCHELASTIC_RUN_ID", ""),
    )


def local_processes(environment: Mapping[str, str] = os.environ) -> int:
    """The number of processes of this run on this machine, which share its CPU cores. Raises BadLaunch."""
    found = launched(environment)
    return found.local_count if found else 1


def _number(
    environment: Mapping[str, str], name: str, least: int, most: int = 1_000_000, usual: int | None = None
) -> int:
    text = environment.get(name, "")
    if not text and usual is not None:
        return usual
    if not text.isdecimal() or not least <= int(text) <= most:
        raise BadLaunch(name, text)
    return int(text)
