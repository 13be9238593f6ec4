"""Links carry whole messages, refuse strangers, and wake whoever waits when they end."""

import json
import math
import multiprocessing
import threading
from collections.abc import Iterator
from multiprocessing import AuthenticationError
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.runtime import link as link_module
from pipeline.runtime.link import EngineLink, LinkClosed, join, listen

Pair = tuple[EngineLink, EngineLink]


@pytest.fixture
def pair() -> Iterator[Pair]:
    ends = multiprocessing.Pipe()
    links = EngineLink(ends[0]), EngineLink(ends[1])
    yield links
    for end in links:
        end.close()


@given(
    header=st.dictionaries(st.text(), st.integers() | st.text()), blobs=st.lists(st.binary(max_size=200), max_size=4)
)
def test_any_header_and_bytes_arrive_as_they_were_sent(header: dict[str, object], blobs: list[bytes]) -> None:
    here, there = multiprocessing.Pipe()
    EngineLink(here).send((header, blobs))
    assert EngineLink(there).receive() == (header, blobs)


def test_a_loss_that_is_not_a_number_arrives_as_such(pair: Pair) -> None:
    pair[0].send(({"loss": math.nan}, []))
    assert math.isnan(pair[1].receive()[0]["loss"])


def test_a_large_picture_is_cut_into_frames_and_put_together(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_module, "FRAME_BYTES", 1000)
    picture = bytes(range(256)) * 50
    sender = threading.Thread(target=pair[0].send, args=(({}, [picture]),))
    sender.start()
    assert pair[1].receive() == ({}, [picture])
    sender.join()


@pytest.mark.parametrize(
    "frame",
    [b"not json", b"[]", b"{}", b'{"header": {}, "sizes": ["x"]}', b'{"header": {}, "sizes": [-1]}',
     json.dumps({"header": {}, "sizes": [10**12]}).encode()],
)  # fmt: skip
def test_bytes_that_are_no_message_end_the_link(frame: bytes) -> None:
    here, there = multiprocessing.Pipe()
    here.send_bytes(frame)
    with pytest.raises(LinkClosed):
        EngineLink(there).receive()


def test_closing_one_end_wakes_the_thread_that_waits_at_it() -> None:
    here, _there = multiprocessing.Pipe()
    waiting, ended = EngineLink(here), threading.Event()

    def wait() -> None:
        with pytest.raises(LinkClosed):
            waiting.receive()
        ended.set()

    thread = threading.Thread(target=wait)
    thread.start()
    waiting.close()
    assert ended.wait(5)
    thread.join()


def test_who_does_not_know_the_key_is_not_let_in(tmp_path: Path) -> None:
    place = tmp_path / "s"
    with listen(place, b"right") as listener:
        refused: list[BaseException] = []

        def accept() -> None:
            try:
                listener.accept()
            except AuthenticationError as error:
                refused.append(error)

        thread = threading.Thread(target=accept)
        thread.start()
        with pytest.raises((AuthenticationError, EOFError, OSError)):
            join(place, b"wrong")
        thread.join()
        assert refused
