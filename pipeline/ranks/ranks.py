"""Which of the processes of a run this is, what its share of a batch is, and means over all processes.

The processes talk through the default group of `torch.distributed`, which must exist where `count` is above 1. Every
process must make the same calls in the same order: each waits for all others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, distributed


@dataclass(frozen=True)
class Ranks:
    """The processes of a run. index: number of this one, from 0; the one with 0 records and saves. count: of all.

    local: number of this one among those of its machine, from 0, which chooses its GPU.
    """

    index: int = 0
    count: int = 1
    local: int = 0

    @property
    def alone(self) -> bool:
        """Whether this is the only process; nothing is then sent, and every mean is the number itself."""
        return self.count == 1

    @property
    def leads(self) -> bool:
        """Whether this process records the run and saves its checkpoints."""
        return self.index == 0

    def size(self, batch_size: int) -> int:
        """The number of images of this process in a batch of `batch_size`, which `count` must divide."""
        return batch_size // self.count

    def share(self, batch: Tensor, dim: int = 0) -> Tensor:
        """This process's part of a tensor of the whole batch, along `dim`: one of `count` equal, consecutive parts."""
        if self.alone:
            return batch
        size = self.size(batch.shape[dim])
        return batch.narrow(dim, self.index * size, size)

    def mean(self, numbers: Tensor) -> Tensor:
        """The mean over the processes of a tensor of the same shape in each. Differentiable, any number of times.

        The gradient is that of the sum of all processes' losses, so that averaging the gradients of the weights over
        the processes gives those of the mean loss.
        """
        return numbers if self.alone else _mean(numbers, self.count)

    def gather(self, numbers: Tensor) -> Tensor:
        """The tensors of all processes, stacked: (count, *shape). Differentiable as `mean` is."""
        if self.alone:
            return numbers.unsqueeze(0)
        own = torch.zeros(self.count, device=numbers.device, dtype=numbers.dtype)
        own[self.index] = self.count
        return self.mean(own.view(-1, *(1 for _ in numbers.shape)) * numbers)

    def collect(self, numbers: Tensor) -> Tensor:
        """The tensors of all processes bit by bit, stacked: (count, *shape), on the CPU."""
        own = numbers.detach().cpu()
        if self.alone:
            return own.unsqueeze(0)
        every = [torch.empty_like(own) for _ in range(self.count)]
        distributed.all_gather(every, own)
        return torch.stack(every)

    @torch.no_grad()
    def average(self, tensors: Sequence[Tensor]) -> None:
        """Replace tensors of one type, on one device, by their means over the processes, in one all-reduce."""
        if self.alone or not tensors:
            return
        flat = torch.cat([tensor.reshape(-1) for tensor in tensors])
        distributed.all_reduce(flat)
        flat /= self.count
        parts = torch.split(flat, [tensor.numel() for tensor in tensors])
        torch._foreach_copy_(list(tensors), [part.view_as(tensor) for part, tensor in zip(parts, tensors, strict=True)])


ALONE = Ranks()
"""A single process."""


class _Mean(torch.autograd.Function):
    """The mean over the processes. Its derivative is the same operation on the gradients."""

    @staticmethod
    def forward(ctx: Any, numbers: Tensor, count: int) -> Tensor:
        ctx.count = count
        total = numbers.detach().clone(memory_format=torch.contiguous_format)
        distributed.all_reduce(total)
        return total / count

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return _mean(gradients[0], ctx.count), None


def _mean(numbers: Tensor, count: int) -> Tensor:
    found: Tensor = _Mean.apply(numbers, count)
    return found
