"""One end of a connection: messages of a JSON header and raw bytes, in frames of at most 64 MiB. No pickle.

The first frame of a message is a JSON list of sizes: of its header, then of its blobs, which follow in this order.

Built on `multiprocessing.connection` over a local socket, whose handshake proves that both ends know the key.
"""

import contextlib
import os
import socket
import threading
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter

from pipeline.runtime.messages.wire import Message

FRAME_BYTES = 64 * 1024 * 1024
MESSAGE_BYTES = 16 * FRAME_BYTES

_SIZES = TypeAdapter(Annotated[list[Annotated[int, Field(ge=0)]], Field(min_length=1)])


class LinkClosed(Exception):
    """The other end is gone, or said something that is no message."""


class EngineLink:
    """Sends and receives whole messages. Any thread may send; one thread receives."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sending = threading.Lock()

    def send(self, message: Message) -> None:
        """Raises LinkClosed where the other end is gone."""
        parts = [message.header, *message.blobs]
        try:
            with self._sending:
                self._connection.send_bytes(_SIZES.dump_json([len(part) for part in parts]))
                for part in parts:
                    for start in range(0, len(part), FRAME_BYTES):
                        self._connection.send_bytes(memoryview(part)[start : start + FRAME_BYTES])
        except (OSError, ValueError) as error:
            raise LinkClosed(str(error)) from error

    def receive(self) -> Message:
        """Waits for the next message. Raises LinkClosed at the end, or where frames do not follow the protocol."""
        try:
            sizes = _SIZES.validate_json(self._connection.recv_bytes(FRAME_BYTES), strict=True)
            if sum(sizes) > MESSAGE_BYTES:
                raise LinkClosed(f"a message of {sum(sizes):,} bytes")
            header, *blobs = map(self._part, sizes)
            return Message(header, blobs)
        except (OSError, EOFError, ValueError) as error:
            raise LinkClosed(str(error) or type(error).__name__) from error

    def _part(self, size: int) -> bytes:
        parts: list[bytes] = []
        while size > 0:
            parts.append(self._connection.recv_bytes(min(size, FRAME_BYTES)))
            size -= len(parts[-1])
        return b"".join(parts)

    def close(self) -> None:
        """Ends the conversation for both ends, and wakes a thread that is waiting in `receive`."""
        # Closing the descriptor under a waiting reader would neither wake it nor be safe; a shutdown does and is.
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(self._connection.fileno())) as duplicate:
            duplicate.shutdown(socket.SHUT_RDWR)


def listen(place: Path, key: bytes) -> Listener:
    """A listener on a local socket that only who knows `key` can join; replaces what a dead engine left."""
    place.unlink(missing_ok=True)
    return Listener(str(place), family="AF_UNIX", authkey=key)


def join(place: Path, key: bytes) -> EngineLink:
    """A link to the engine that listens at `place`. Raises OSError or AuthenticationError where none answers."""
    return EngineLink(Client(str(place), family="AF_UNIX", authkey=key))
