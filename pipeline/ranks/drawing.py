"""The random numbers of a batch: drawn for the whole batch in every process, of which each keeps its share.

The random number generator is in the same state in all processes, so what a step draws does not depend on their number.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from pipeline.ranks.ranks import ALONE, Ranks


class BatchRandom(torch.Generator):
    """The random number generator of a run. ranks: the processes among which a batch is split.

    Numbers drawn from it without the functions below are the same in every process, for each its own images.
    """

    ranks: Ranks

    def __new__(cls, device: torch.device | str = "cpu", ranks: Ranks = ALONE) -> "BatchRandom":
        made = super().__new__(cls, device)  # type: ignore[call-arg]
        made.ranks = ranks
        return made


def ranks_of(random: torch.Generator) -> Ranks:
    """The processes among which the batch of these random numbers is split; torch's own belong to a single one."""
    return random.ranks if isinstance(random, BatchRandom) else ALONE


def normal(
    shape: Sequence[int], random: torch.Generator, device: torch.device, dtype: torch.dtype | None = None
) -> Tensor:
    """Standard normal numbers, of this process's share of the batch. shape: with the share's size first."""
    ranks = ranks_of(random)
    return ranks.share(torch.randn(_whole(shape, ranks, 0), generator=random, device=device, dtype=dtype))


def uniform(
    shape: Sequence[int],
    random: torch.Generator,
    device: torch.device,
    low: float = 0.0,
    high: float = 1.0,
    dim: int = 0,
) -> Tensor:
    """Numbers in [low, high), as `normal`. dim: the dimension of the batch."""
    ranks = ranks_of(random)
    whole = torch.empty(_whole(shape, ranks, dim), device=device).uniform_(low, high, generator=random)
    return ranks.share(whole, dim)


def integers(high: int, shape: Sequence[int], random: torch.Generator, device: torch.device) -> Tensor:
    """Integers from 0 up to `high` - 1, int64, as `normal`."""
    ranks = ranks_of(random)
    return ranks.share(torch.randint(high, _whole(shape, ranks, 0), generator=random, device=device))


def _whole(shape: Sequence[int], ranks: Ranks, dim: int) -> tuple[int, ...]:
    """The shape of a tensor of the whole batch, of which every process's share has this one."""
    return tuple(size * ranks.count if number == dim else size for number, size in enumerate(shape))
