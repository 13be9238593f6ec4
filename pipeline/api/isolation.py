"""Keeps the random state and thread count of training apart from those of the calling code.

Dropout, for example, draws from torch's global generators. A run must depend on its seed alone, not on what the caller
draws between two calls, and training must not change the caller's random numbers.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch import Tensor


class TorchState(NamedTuple):
    """torch's process-wide state: the states of its random generators and its number of threads."""

    cpu: Tensor
    cuda: tuple[Tensor, ...]
    threads: int

    @classmethod
    def now(cls) -> "TorchState":
        # Asking for the state of an unused GPU would initialise it.
        cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else ()  # type: ignore[no-untyped-call]
        return cls(torch.get_rng_state(), tuple(cuda), torch.get_num_threads())

    def restore(self) -> None:
        torch.set_rng_state(self.cpu)
        for index, state in enumerate(self.cuda):
            torch.cuda.set_rng_state(state, index)
        if torch.get_num_threads() != self.threads:
            torch.set_num_threads(self.threads)


class Isolation:
    """Code inside `with isolation.inside():` continues with the random state and threads of the previous such block."""

    def __init__(self) -> None:
        self._kept: TorchState | None = None

    @contextmanager
    def inside(self) -> Iterator[None]:
        before = TorchState.now()
        if self._kept is not None:
            self._kept.restore()
        try:
            yield
        finally:
            self._kept = TorchState.now()
            before.restore()
