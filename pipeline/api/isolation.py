"""Training beside code of somebody's own, in one process: neither moves the other's random numbers or threads.

Dropout draws from torch's global generators, and a run is to depend on its seed alone, whatever its caller draws
between two calls; and the caller's numbers are theirs.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch import Tensor


class Global(NamedTuple):
    """What torch keeps for a whole process: states of its generators, and how many threads it computes with."""

    cpu: Tensor
    cuda: tuple[Tensor, ...]
    threads: int

    @classmethod
    def now(cls) -> "Global":
        # Asking a GPU that nobody uses would occupy it.
        cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else ()  # type: ignore[no-untyped-call]
        return cls(torch.get_rng_state(), tuple(cuda), torch.get_num_threads())

    def restore(self) -> None:
        torch.set_rng_state(self.cpu)
        for index, state in enumerate(self.cuda):
            torch.cuda.set_rng_state(state, index)
        if torch.get_num_threads() != self.threads:
            torch.set_num_threads(self.threads)


class Apart:
    """What is done inside `with apart.inside():` goes on with the numbers and threads of the last time."""

    def __init__(self) -> None:
        self._kept: Global | None = None

    @contextmanager
    def inside(self) -> Iterator[None]:
        before = Global.now()
        if self._kept is not None:
            self._kept.restore()
        try:
            yield
        finally:
            self._kept = Global.now()
            before.restore()
