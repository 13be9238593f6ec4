"""The line on which process 0 tells the others what to do: broadcasts of bytes between the CPUs.

It has a group of its own, so that an announcement waits for no device and meets no gradients.
"""

from datetime import timedelta
from typing import Protocol

import torch
from torch import Tensor, distributed

HEAD_BYTES = 512
"""One broadcast carries the length and a message of up to 504 bytes, as most are."""
LENGTH_BYTES = 8
PIECE_BYTES = 64 * 1024 * 1024
PATIENCE = timedelta(days=365)
"""A paused run says nothing for as long as its users like; `watch.py` notices a process that is gone."""


class Line(Protocol):
    """Carries messages from process 0 to all others, in order. Raises RuntimeError once a process is gone."""

    def send(self, content: bytes) -> None: ...

    def receive(self) -> bytes: ...


class GroupLine:
    """A line over gloo. Make one in every process at the same time, once the default group exists."""

    def __init__(self) -> None:
        group = distributed.new_group(backend="gloo", timeout=PATIENCE)
        assert isinstance(group, distributed.ProcessGroup), "every process is a member"
        self._group = group

    def send(self, content: bytes) -> None:
        head = bytearray(HEAD_BYTES)
        head[:LENGTH_BYTES] = len(content).to_bytes(LENGTH_BYTES, "little")
        short = content[: HEAD_BYTES - LENGTH_BYTES]
        head[LENGTH_BYTES : LENGTH_BYTES + len(short)] = short
        self._broadcast(torch.frombuffer(head, dtype=torch.uint8))
        rest = content[len(short) :]
        for begin in range(0, len(rest), PIECE_BYTES):
            self._broadcast(torch.frombuffer(bytearray(rest[begin : begin + PIECE_BYTES]), dtype=torch.uint8))

    def receive(self) -> bytes:
        head = self._heard(HEAD_BYTES)
        length = int.from_bytes(head[:LENGTH_BYTES], "little")
        content = bytearray(head[LENGTH_BYTES : LENGTH_BYTES + length])
        while len(content) < length:
            content += self._heard(min(PIECE_BYTES, length - len(content)))
        return bytes(content)

    def _heard(self, size: int) -> bytes:
        buffer = bytearray(size)
        self._broadcast(torch.frombuffer(buffer, dtype=torch.uint8))
        return bytes(buffer)

    def _broadcast(self, content: Tensor) -> None:
        distributed.broadcast(content, 0, group=self._group)
