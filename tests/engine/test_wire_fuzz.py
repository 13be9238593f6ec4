"""Arbitrary messages, from either side, close one link at most: engine, training and server keep running."""

import itertools
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pipeline.errors.base import GenscopeError
from pipeline.errors.messages import MalformedReply
from pipeline.errors.training import CommandRefused, EngineGone
from pipeline.graph.workflow import Workflow
from pipeline.runtime.address import Address, Note, read_note
from pipeline.runtime.handle import TrainerHandle
from pipeline.runtime.link import EngineLink, LinkClosed, admit, join, listen
from pipeline.runtime.messages.answers import Done, Refused
from pipeline.runtime.messages.commands import Cancel, Chunk, Pause
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.runtime.messages.wire import Message, read_command, read_reply, write
from pipeline.studio.run import training
from tests.runtime.strategies import any_of, commands, replies

WaitFor = Callable[..., None]

# Without shrinking, which would take minutes with a real engine.
FUZZ = settings(
    max_examples=60,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


class RawLink:
    """A link to a running engine for arbitrary messages. Reconnects after it was closed."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._numbers = itertools.count(10**6)
        self._join()

    def say(self, message: Message) -> None:
        """Send a message. Raises LinkClosed."""
        self._link.send(message)

    def say_frame(self, frame: bytes) -> None:
        """Send raw bytes as a frame, ignoring a closed link."""
        with suppress(OSError):
            self._link._connection.send_bytes(frame)

    def answered(self) -> bool:
        """Whether this link still answers a valid command; if not, reconnect."""
        number = next(self._numbers)
        try:
            self._link.send(write(Cancel(number=number)))
            while True:
                reply = read_reply(self._link.receive())
                if not isinstance(reply, Snapshot) and reply.number == number:
                    return True
        except LinkClosed:
            self._link.close()
            self._join()
            return False

    def refusal(self, message: Message) -> Refused:
        """Send a malformed command and return the answer."""
        self.say(message)
        while not isinstance(reply := read_reply(self._link.receive()), Refused):
            pass
        return reply

    def close(self) -> None:
        self._link.close()

    def _join(self) -> None:
        note = read_note(self._address.note)
        assert note is not None
        self._link = join(self._address.socket, bytes.fromhex(note.key))


@pytest.fixture
def raw(trainer: TrainerHandle) -> Iterator[RawLink]:
    link = RawLink(trainer.address)
    yield link
    link.close()


def test_an_engine_survives_arbitrary_messages_and_can_still_train(
    raw: RawLink, trainer: TrainerHandle, small: Callable[..., Workflow], wait_for: WaitFor
) -> None:
    pid = trainer.snapshot.pid
    training.start(trainer, small(), "Ada", switch=True)

    @FUZZ
    @given(st.lists(any_of(commands), max_size=3), st.none() | st.binary(max_size=9))
    def say(messages: list[Message], frame: bytes | None) -> None:
        with suppress(LinkClosed):
            for message in messages:
                raw.say(message)
        if frame is not None:
            raw.say_frame(frame)
        raw.answered()
        assert trainer.snapshot.pid == pid and trainer.snapshot.engine == "ready"

    say()
    run = training.start(trainer, small(), "Ada", switch=True)
    wait_for(lambda: trainer.snapshot.run == run and trainer.snapshot.step > 0)
    training.pause(trainer, trainer.snapshot, "Ada")
    assert trainer.snapshot.pid == pid


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        (b'{"kind": "chunk", "steps": "7", "number": 12}', "The command 'chunk' was not carried out"),
        (b'{"kind": "fly", "number": 12}', "The engine has no command 'fly'."),
    ],
)
def test_a_malformed_command_is_refused_on_a_link_that_stays_open(raw: RawLink, header: bytes, sentence: str) -> None:
    refused = raw.refusal(Message(header, []))
    assert sentence in refused.sentence
    assert (refused.number, refused.exit_code) == (12, 2)
    assert raw.answered()


def test_bytes_that_are_not_json_end_only_their_link(raw: RawLink, trainer: TrainerHandle) -> None:
    raw.say(Message(b"not json", []))
    assert not raw.answered()
    assert isinstance(trainer.ask(Cancel()), Done)


@pytest.mark.parametrize("reply", [b"", b"\x00\x00\x00\x05hello", b"\x7f\xff\xff\xff", None])
def test_a_client_that_breaks_off_its_handshake_keeps_nobody_out(reply: bytes | None, trainer: TrainerHandle) -> None:
    client = socket.socket(socket.AF_UNIX)
    client.connect(str(trainer.address.socket))
    # None: it stays silent, like a server that has been stopped.
    if reply is not None:
        client.sendall(reply)
        client.close()
    joined: list[RawLink] = []
    thread = threading.Thread(target=lambda: joined.append(RawLink(trainer.address)), daemon=True)
    thread.start()
    thread.join(60)
    client.close()
    assert joined and joined[0].answered()
    joined[0].close()


class FakeEngine:
    """Answers every command with `garbage`, then with the correct answer.

    NUMBER in `garbage` is replaced by the command's number. The version of the snapshot is the number of the last
    answered command.
    """

    def __init__(self, home: Path) -> None:
        self.garbage: list[Message] = []
        address = Address(home, "train")
        address.open()
        self._listener = listen(address.socket)
        Note(os.getpid(), b"key".hex()).write(address.note)
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                link = admit(self._listener.accept(), b"key")
            except LinkClosed:
                continue
            except OSError:
                return
            threading.Thread(target=self._serve, args=(link,), daemon=True).start()

    def _serve(self, link: EngineLink) -> None:
        with suppress(LinkClosed):
            link.send(write(Snapshot(engine="ready", version=1)))
            while True:
                command = read_command(link.receive())
                for message in self.garbage:
                    header = message.header.replace(b"NUMBER", str(command.number).encode())
                    link.send(Message(header, message.blobs))
                link.send(write(Snapshot(engine="ready", version=command.number)))
                link.send(write(Done(run="r", step=command.number, number=command.number)))


@pytest.fixture
def fake(tmp_path: Path, sockets_apart: None) -> Iterator[tuple[FakeEngine, TrainerHandle]]:
    engine = FakeEngine(tmp_path / "home")
    handle = TrainerHandle(tmp_path / "home")
    yield engine, handle
    handle.close()
    engine.close()


def test_a_handle_survives_arbitrary_answers(fake: tuple[FakeEngine, TrainerHandle], wait_for: WaitFor) -> None:
    engine, handle = fake
    numbers = itertools.count(1)

    @FUZZ
    @given(st.lists(any_of(replies).filter(_no_end), min_size=1, max_size=3))
    def ask(garbage: list[Message]) -> None:
        engine.garbage = garbage
        # The answer or one of these errors, without waiting.
        with suppress(CommandRefused, MalformedReply, EngineGone):
            handle.ask(Chunk(steps=1), timeout=5)
        number = next(numbers)
        wait_for(lambda: handle.snapshot.version == number or handle.snapshot.engine == "gone")
        engine.garbage = []
        assert handle.ask(Pause(), timeout=5).step == next(numbers)
        assert handle.snapshot.engine == "ready"

    ask()


def _no_end(message: Message) -> bool:
    """Excludes snapshots with engine "gone", which no running engine sends."""
    return b'"gone"' not in message.header


@pytest.mark.parametrize(
    "header",
    [
        b'{"kind": "done", "number": NUMBER, "run": 7}', b'{"kind": "well", "number": NUMBER}',
        b'{"kind": "done", "run": 7}',
        b'{"kind": "drawn", "number": NUMBER, "run": "r", "step": 1, "png": 0}', b"[]", b"7", b"null",
        b'{"kind": "network_layers", "number": NUMBER, "table": "{}"}',
    ],
)  # fmt: skip
def test_an_unreadable_answer_raises_an_error_for_its_command_and_keeps_the_link(
    header: bytes, fake: tuple[FakeEngine, TrainerHandle]
) -> None:
    engine, handle = fake
    engine.garbage = [Message(header, [])]
    with pytest.raises(MalformedReply, match="cannot be read"):
        handle.ask(Chunk(steps=1), timeout=5)
    engine.garbage = []
    assert handle.ask(Chunk(steps=1), timeout=5).run == "r"
    assert handle.snapshot.engine == "ready"


def test_an_unreadable_snapshot_is_skipped_without_failing_commands(
    fake: tuple[FakeEngine, TrainerHandle], capfd: pytest.CaptureFixture[str]
) -> None:
    engine, handle = fake
    engine.garbage = [Message(b'{"kind": "snapshot", "step": "seven", "version": 99}', [])] * 3
    answer = handle.ask(Chunk(steps=1), timeout=5)
    assert answer.run == "r" and handle.snapshot.version == answer.number
    assert capfd.readouterr().err.count("field step: input should be a valid integer") == 1


def test_an_answer_that_is_not_json_ends_the_link_and_the_next_command_reconnects(
    fake: tuple[FakeEngine, TrainerHandle],
) -> None:
    engine, handle = fake
    engine.garbage = [Message(b"not json", [])]
    with pytest.raises(GenscopeError, match="is not JSON"):
        handle.ask(Chunk(steps=1), timeout=5)
    engine.garbage = []
    assert handle.ask(Chunk(steps=1), timeout=5).run == "r"
