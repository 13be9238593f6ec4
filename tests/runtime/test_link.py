"""Links carry whole messages, require the key, and wake a waiting reader when they are closed."""

import multiprocessing
import threading
from collections.abc import Iterator
from multiprocessing import AuthenticationError
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.runtime import link as link_module
from pipeline.runtime.link import EngineLink, LinkClosed, admit, join, listen
from pipeline.runtime.messages.wire import Message

Pair = tuple[EngineLink, EngineLink]


@pytest.fixture
def pair() -> Iterator[Pair]:
    ends = multiprocessing.Pipe()
    links = EngineLink(ends[0]), EngineLink(ends[1])
    yield links
    for end in links:
        end.close()


@given(header=st.binary(max_size=200), blobs=st.lists(st.binary(max_size=200), max_size=4))
def test_any_header_and_bytes_arrive_as_they_were_sent(header: bytes, blobs: list[bytes]) -> None:
    here, there = multiprocessing.Pipe()
    EngineLink(here).send(Message(header, blobs))
    assert EngineLink(there).receive() == Message(header, blobs)


def test_a_large_blob_is_split_into_frames_and_reassembled(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_module, "FRAME_BYTES", 1000)
    picture = bytes(range(256)) * 50
    sender = threading.Thread(target=pair[0].send, args=(Message(b"{}", [picture]),))
    sender.start()
    assert pair[1].receive() == Message(b"{}", [picture])
    sender.join()


@pytest.mark.parametrize(
    "frame",
    [b"not json", b"{}", b"[]", b'["x"]', b"[true]", b"[1.5]", b"[-1]", b"[" * 100_000, b"[2, 1000000000000]"],
)  # fmt: skip
def test_malformed_frames_end_the_link(frame: bytes) -> None:
    here, there = multiprocessing.Pipe()
    here.send_bytes(frame)
    with pytest.raises(LinkClosed):
        EngineLink(there).receive()


def test_closing_an_end_wakes_the_thread_that_waits_for_a_message() -> None:
    here, _there = multiprocessing.Pipe()
    waiting, ended = EngineLink(here), threading.Event()

    def wait() -> None:
        with pytest.raises(LinkClosed):
            waiting.receive()
        ended.set()

    thread = threading.Thread(target=wait)
    thread.start()
    waiting.close()
    assert ended.wait(60)
    thread.join()


def test_a_client_with_the_wrong_key_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "s"
    with listen(place) as listener:
        refused: list[BaseException] = []

        def accept() -> None:
            try:
                admit(listener.accept(), b"right")
            except LinkClosed as error:
                refused.append(error)

        thread = threading.Thread(target=accept)
        thread.start()
        with pytest.raises((AuthenticationError, EOFError, OSError)):
            join(place, b"wrong")
        thread.join()
        assert refused


def test_a_socket_that_is_not_an_engines_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "s"
    with listen(place) as listener:

        def greet() -> None:
            with listener.accept() as connection:
                connection.send_bytes(b"hello")

        thread = threading.Thread(target=greet)
        thread.start()
        with pytest.raises((AuthenticationError, EOFError, OSError)):
            join(place, b"key")
        thread.join()
