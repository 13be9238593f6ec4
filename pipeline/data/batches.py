"""The batches of a run in turn: of a resident set when they are asked for, of a streamed one ahead of time.

Which images a batch has depends on the run's seed and on how many images were drawn before, and on nothing else. So a
streamed set gives the same batches as a resident one, and a run that goes back or is resumed just asks for another
position.
"""

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from pipeline.data.images import BatchOrder, ImageSet, to_float

AHEAD = 8
"""Batches that wait at most, gathered and on the device, while training is busy with the one before."""

FEW = 2
"""Waiting batches at which the thread is woken for more. Woken at every step, it has the system move training from core
to core: a step of the default template then took a tenth longer on two cores, and 0.01 longer woken this rarely."""


class Batch(NamedTuple):
    """images: (B, C, H, W) float32 in [-1, 1], channels last in memory. indices: (B,) int64, the images' places in the
    set."""

    images: Tensor
    indices: Tensor


class Batches:
    """The batches of one set, in the order of one seed."""

    def __init__(self, images: ImageSet, seed: int, batch_size: int) -> None:
        """seed: 0 or more. A set that is streamed is read by a thread, which ends when this object is let go."""
        self._images = images
        self._order = BatchOrder(seed, images.count, batch_size, images.pixels.device)
        self._stream = _Stream(images, self._order) if images.streaming else None

    def after(self, drawn: int) -> Batch:
        """The next batch, on the device, after `drawn` images. Raises what gathering it raised."""
        if self._stream is not None:
            return self._stream.after(drawn)
        indices = self._order.indices(drawn)
        return Batch(self._images.batch(indices), indices)


class _Copied(NamedTuple):
    """A batch on its way. done: what the device has to wait for before it uses it; None where it has arrived."""

    pixels: Tensor
    indices: Tensor
    done: torch.cuda.Event | None


class _Stream:
    """Gathers batches in a thread, a few ahead of training, as long as they are asked for one after the other."""

    def __init__(self, images: ImageSet, order: BatchOrder) -> None:
        self._images = images
        self._order = order
        self._ahead: deque[tuple[int, Future[_Copied]]] = deque()
        # One thread: it works through the batches in turn, and alone uses the order. It ends when the pool is let go.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="images ahead")
        on_cuda = images.device.type == "cuda"
        self._copying = torch.cuda.Stream(images.device) if on_cuda else None  # type: ignore[no-untyped-call]

    def after(self, drawn: int) -> Batch:
        if not self._ahead or self._ahead[0][0] != drawn:
            self._begin_at(drawn)
        self._gather_ahead()
        copied = self._ahead.popleft()[1].result()
        if copied.done is not None:
            # The device waits, not this thread; and the memory is not given to others before the device is through.
            training = torch.cuda.current_stream(self._images.device)
            training.wait_event(copied.done)
            copied.pixels.record_stream(training)
            copied.indices.record_stream(training)
        return Batch(to_float(copied.pixels), copied.indices)

    def _begin_at(self, drawn: int) -> None:
        """Somewhere else than expected: a run that begins, is resumed, or has gone back."""
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
        pixels, device = self._images.pixels, self._images.device
        indices = self._order.indices(drawn)
        gathered = torch.empty(len(indices), *pixels.shape[1:], dtype=torch.uint8, pin_memory=self._copying is not None)
        # By numpy, in this thread alone: torch would wake a team of threads that training needs. "clip" because numpy
        # buffers the whole result otherwise; no index lies outside.
        np.take(pixels.numpy(), indices.numpy(), axis=0, out=gathered.numpy(), mode="clip")
        if self._copying is None:
            return _Copied(gathered.to(device), indices.to(device), None)
        with torch.cuda.stream(self._copying):
            there = gathered.to(device, non_blocking=True), indices.pin_memory().to(device, non_blocking=True)
            return _Copied(*there, self._copying.record_event())
