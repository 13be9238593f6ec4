"""One end of a connection: messages of a JSON header and raw bytes, in frames of at most 64 MiB. No pickle.

The first frame of a message is a JSON list of sizes in bytes: of its header, then of its blobs. Header and blobs follow
in this order.

Built on `multiprocessing.connection` over a local socket, whose handshake proves that both ends know the key.
"""

import contextlib
import os
import socket
import threading
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener, answer_challenge, deliver_challenge
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter

from pipeline.runtime.messages.wire import Message

FRAME_BYTES = 64 * 1024 * 1024
MESSAGE_BYTES = 16 * FRAME_BYTES

_SIZES = TypeAdapter(Annotated[list[Annotated[int, Field(ge=0)]], Field(min_length=1)])


class LinkClosed(Exception):
    """The other end has closed the link or sent frames that are not a message."""


class EngineLink:
    """Sends and receives whole messages. Any thread may send; only one thread may receive."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sending = threading.Lock()

    def send(self, message: Message) -> None:
        """Raises LinkClosed if the other end is gone."""
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
        """Wait for the next message. Raises LinkClosed if the link ends or its frames do not follow the protocol."""
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
        """Close the link for both ends, and wake a thread that waits in `receive`."""
        # Closing the file descriptor of a waiting reader is unsafe and does not wake it; a shutdown is safe and does.
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(self._connection.fileno())) as duplicate:
            duplicate.shutdown(socket.SHUT_RDWR)


def listen(place: Path) -> Listener:
    """A listener on a local socket, whose clients are let in by `admit`; replaces the socket of a dead engine."""
    place.unlink(missing_ok=True)
    return Listener(str(place), family="AF_UNIX")


def admit(connection: Connection, key: bytes) -> EngineLink:
    """The link of a client that has connected and knows `key`. Waits for the client's part of the handshake.

    Raises LinkClosed if the client does not know the key, hangs up or does not follow the protocol.
    """
    try:
        deliver_challenge(connection, key)
        answer_challenge(connection, key)
    except (AuthenticationError, AssertionError, EOFError, OSError, ValueError) as error:
        connection.close()
        raise LinkClosed(str(error) or type(error).__name__) from error
    return EngineLink(connection)


def join(place: Path, key: bytes) -> EngineLink:
    """A link to the engine that listens at `place`. Raises OSError, EOFError or AuthenticationError if none answers."""
    try:
        return EngineLink(Client(str(place), family="AF_UNIX", authkey=key))
    except AssertionError as error:
        # Python 3.11 asserts that the other end begins the handshake.
        raise AuthenticationError(f"what listens at {place} is not an engine") from error
