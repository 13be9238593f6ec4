"""The batches of a run in order: gathered on demand from a resident set, ahead of time from a streamed one.

The images of a batch depend only on the run's seed and on the number of images drawn before. So a set that is streamed,
or decoded while training, gives the same batches as a resident one, and a run that is rewound or resumed just requests
another position.
"""

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from pipeline.data.images import BatchOrder, ImageSet, to_float
from pipeline.data.large.decoding import DecodedImages
from pipeline.ranks.ranks import ALONE, Ranks

AHEAD = 8
"""Maximum number of gathered batches that wait on the device while training uses the one before."""

FEW = 2
"""Number of waiting batches at which the thread is woken for more. Woken at every step, it makes the system move
training from core to core: on two cores a step of the default template then took a tenth longer; woken this rarely,
0.01 longer."""


class Batch(NamedTuple):
    """A training batch. images: (B, C, H, W) float32 in the range of the set, channels last in memory. indices: (B,)
    int64, the images' indices in the set; where a damaged image was replaced, that of the image in its place. B: this
    process's share of the batch."""

    images: Tensor
    indices: Tensor


class Batches:
    """The batches of one set, in the order given by a seed."""

    def __init__(self, images: ImageSet, seed: int, batch_size: int, ranks: Ranks = ALONE) -> None:
        """seed: 0 or more. batch_size: of the whole batch, of which each process gathers its share.

        A streamed set is read by a thread that ends when this object is garbage-collected."""
        self._images = images
        device = "cpu" if images.streaming else images.device
        self._order = BatchOrder(seed, images.count, batch_size, device, ranks)
        self._stream = _Stream(images, self._order) if images.streaming else None

    def after(self, drawn: int) -> Batch:
        """The next batch, on the device, after `drawn` images. Raises what gathering it raised."""
        if self._stream is not None:
            return self._stream.after(drawn)
        indices = self._order.indices(drawn)
        return Batch(self._images.batch(indices), indices)


def gather(images: ImageSet, indices: Tensor, into: Tensor) -> Tensor:
    """Gather the images at these indices (B,) of a streamed set: the one place where indices become pixels.

    into: (B, C, H, W) uint8 in host memory. Returns the indices that were used. Raises what decoding raises.
    """
    # With numpy, in this thread and those of decoding: torch would wake a team of threads that training needs.
    if isinstance(images.pixels, DecodedImages):
        return torch.from_numpy(images.pixels.take(indices.numpy(), into.numpy()))
    # mode="clip" because numpy otherwise buffers the whole result; no index is out of range.
    np.take(images.pixels.numpy(), indices.numpy(), axis=0, out=into.numpy(), mode="clip")
    return indices


class _Copied(NamedTuple):
    """A batch being copied to the device. done: the event the device must wait for before using it; None if the copy is
    complete."""

    pixels: Tensor
    indices: Tensor
    done: torch.cuda.Event | None


class _Stream:
    """Gathers batches in a thread, a few ahead of training, as long as they are requested in order."""

    def __init__(self, images: ImageSet, order: BatchOrder) -> None:
        self._images = images
        self._order = order
        self._ahead: deque[tuple[int, Future[_Copied]]] = deque()
        # One thread: it processes the batches in order and is the only user of `order`. It ends when the pool is
        # collected.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="images ahead")
        on_cuda = images.device.type == "cuda"
        self._copying = torch.cuda.Stream(images.device) if on_cuda else None  # type: ignore[no-untyped-call]

    def after(self, drawn: int) -> Batch:
        if not self._ahead or self._ahead[0][0] != drawn:
            self._begin_at(drawn)
        self._gather_ahead()
        copied = self._ahead.popleft()[1].result()
        if copied.done is not None:
            # The device waits, not this thread; record_stream keeps the memory from being reused before the device is
            # done.
            training = torch.cuda.current_stream(self._images.device)
            training.wait_event(copied.done)
            copied.pixels.record_stream(training)
            copied.indices.record_stream(training)
        return Batch(to_float(copied.pixels, self._images.values), copied.indices)

    def _begin_at(self, drawn: int) -> None:
        """Restart at an unexpected position: the run has started, resumed or been rewound."""
        for _, waiting in self._ahead:
            waiting.cancel()
        self._ahead.clear()
        self._next = drawn

    def _gather_ahead(self) -> None:
        if len(self._ahead) > FEW:
            return
        while len(self._ahead) <= AHEAD:
            self._ahead.append((self._next, self._thread.submit(self._gathered, self._next)))
            self._next += self._order.batch_size

    def _gathered(self, drawn: int) -> _Copied:
        device = self._images.device
        indices = self._order.indices(drawn)
        shape = (len(indices), *self._images.shape)
        gathered = torch.empty(shape, dtype=torch.uint8, pin_memory=self._copying is not None)
        indices = gather(self._images, indices, gathered)
        if self._copying is None:
            return _Copied(gathered.to(device), indices.to(device), None)
        with torch.cuda.stream(self._copying):
            there = gathered.to(device, non_blocking=True), indices.pin_memory().to(device, non_blocking=True)
            return _Copied(*there, self._copying.record_event())
