"""Messages are decoded as they were encoded, and malformed ones are refused with an error that names the problem."""

import json
import math
from typing import Any, get_args

import pytest
from hypothesis import given, settings

from pipeline.data import fitting
from pipeline.errors.messages import MalformedCommand, MalformedReply, NotJSON, UnknownCommand
from pipeline.errors.runs import UnknownRun
from pipeline.runtime.messages import drawing_commands
from pipeline.runtime.messages.answers import Drawn, Refused
from pipeline.runtime.messages.commands import Chunk, SetLive
from pipeline.runtime.messages.snapshot import Snapshot, StageSnapshot
from pipeline.runtime.messages.wire import Message, read_command, read_reply, write
from tests.runtime.strategies import ANSWERS, COMMANDS, any_of, commands, replies, values_of

CHUNK = {"kind": "chunk", "steps": 5, "number": 9}


def sent(**content: Any) -> Message:
    return Message(json.dumps(content).encode(), [])


@pytest.mark.parametrize("message_type", COMMANDS)
def test_every_command_arrives_as_it_was_sent(message_type: type) -> None:
    @settings(max_examples=15)
    @given(values_of(message_type))
    def arrives(command: Any) -> None:
        assert read_command(write(command)) == command

    arrives()


@pytest.mark.parametrize("message_type", [*ANSWERS, Snapshot])
def test_every_answer_and_snapshot_arrives_as_it_was_sent_with_its_bytes_and_nans(message_type: type) -> None:
    @settings(max_examples=15)
    @given(values_of(message_type))
    def arrives(reply: Any) -> None:
        # Compare the repr, because NaN is not equal to itself.
        assert repr(read_reply(write(reply))) == repr(reply)

    arrives()


def test_the_pictures_of_a_message_are_sent_as_bytes_after_its_json() -> None:
    message = write(Snapshot(samples=b"samples", reals=b"reals", stage_images=(b"one", b""), stop_images=b"stop"))
    assert list(message.blobs) == [b"samples", b"reals", b"one", b"", b"stop"]
    assert b'samples":0' in message.header and b"one" not in message.header


def test_every_command_has_a_unique_kind_and_an_answer_type() -> None:
    kinds = [kind for each in COMMANDS for kind in get_args(each.__annotations__["kind"])]
    assert len(kinds) == len(set(kinds)) == len(COMMANDS)
    assert {each.answer_type() for each in COMMANDS} == set(ANSWERS) - {Refused}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"steps": "7"}, "steps"), ({"steps": True}, "steps"), ({"steps": 7.5}, "steps"), ({"steps": None}, "steps"),
        ({"who": 3}, "who"), ({"version": "2"}, "version"), ({"more": 1}, "more"),
    ],
)  # fmt: skip
def test_a_malformed_command_is_refused_with_its_kind_its_field_and_its_number(changes: dict, field: str) -> None:
    with pytest.raises(MalformedCommand, match=rf"'chunk' was not carried out.* \(field {field}: ") as refused:
        read_command(sent(**CHUNK | changes))
    assert (refused.value.number, refused.value.exit_code) == (9, 2)


def test_a_missing_field_of_a_command_is_named() -> None:
    with pytest.raises(MalformedCommand, match=r"\(field steps: field required\)"):
        read_command(sent(kind="chunk"))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_parameter_cannot_be_set_to_nan_or_infinity(value: float) -> None:
    with pytest.raises(MalformedCommand, match=r"field value: .* finite number"):
        read_command(write(SetLive(node="a", parameter="b", value=value)))


@pytest.mark.parametrize("content", [{"kind": "fly", "number": 4}, {"number": 4}])
def test_a_command_of_an_unknown_kind_is_refused_with_its_number(content: dict) -> None:
    with pytest.raises(UnknownCommand, match="The engine has no command") as refused:
        read_command(sent(**content))
    assert refused.value.number == 4


def test_a_missing_blob_is_an_error_that_names_its_field() -> None:
    message = write(Drawn(run="r", step=1, png=b"picture", number=7))
    with pytest.raises(MalformedReply, match="field png") as refused:
        read_reply(Message(message.header, []))
    assert refused.value.number == 7


@pytest.mark.parametrize("header", [b"", b"{", b"\xff", b"[" * 100_000, b'"\\ud800"', b'{"a": ' + b"9" * 5_000 + b"}"])
def test_bytes_that_are_not_json_are_refused(header: bytes) -> None:
    for read in (read_command, read_reply):
        with pytest.raises(NotJSON):
            read(Message(header, []))


@settings(max_examples=100)
@given(any_of(commands))
def test_an_engine_decodes_or_refuses_any_message_with_a_short_error(message: Message) -> None:
    try:
        command = read_command(message)
    except (MalformedCommand, UnknownCommand, NotJSON) as error:
        assert len(str(error)) < 500
    else:
        assert repr(read_command(write(command))) == repr(command)


@settings(max_examples=100)
@given(any_of(replies))
def test_a_server_decodes_or_rejects_any_message_with_a_short_error(message: Message) -> None:
    try:
        reply = read_reply(message)
    except (MalformedReply, NotJSON) as error:
        assert len(str(error)) < 500
    else:
        assert repr(read_reply(write(reply))) == repr(reply)


def test_a_name_that_is_not_utf_8_arrives_with_a_question_mark() -> None:
    snapshot = Snapshot(doing="Reading caf\udce9.png", samples=b"samples", metrics={"D_loss": math.inf})
    arrived = read_reply(write(snapshot))
    assert isinstance(arrived, Snapshot)
    assert (arrived.doing, arrived.samples, arrived.metrics) == ("Reading caf?.png", b"samples", {"D_loss": math.inf})


def test_unknown_norms_of_a_stage_are_kept() -> None:
    norms = {"name": "conv.weight", "shape": (8, 1), "weight": math.inf, "gradient": None, "update": None}
    place = {"number": 1, "of": 2, "next_update": "g", "next_name": "loss", "next_node": "objective"}
    stage = StageSnapshot("d", "update", "optimizer", **place, parameters=(norms,))
    assert read_reply(write(Snapshot(stage=stage))).stage == stage


def test_a_refusal_is_sent_with_its_class_its_message_and_its_exit_code() -> None:
    answer = read_reply(write(Refused.by(UnknownRun("x"))))
    assert answer == Refused(error="UnknownRun", sentence=str(UnknownRun("x")), exit_code=2)


def test_the_options_for_preparing_images_are_those_of_the_data_package() -> None:
    assert get_args(drawing_commands.Fit) == get_args(fitting.Fit)
    assert get_args(drawing_commands.Channels) == get_args(fitting.ChannelMode)


def test_a_snapshot_is_busy_only_while_its_numbers_can_change() -> None:
    assert Snapshot(engine="starting").busy
    assert Snapshot(engine="ready", state="running").busy
    assert not Snapshot(engine="ready", state="paused").busy
    assert not Snapshot(engine="gone", state="running").busy


def test_the_mark_changes_with_state_and_engine_but_not_with_steps() -> None:
    before = Snapshot(version=1, step=1, pid=10, engine="ready")
    assert before.mark == Snapshot(version=1, step=2, pid=10, engine="ready", images_per_second=math.inf).mark
    for after in (Snapshot(version=2, pid=10, engine="ready"), Snapshot(version=1, pid=11, engine="ready")):
        assert before.mark != after.mark


def test_a_chunk_is_encoded_as_plain_json() -> None:
    assert json.loads(write(Chunk(steps=5, run="r", number=9)).header) == {
        "kind": "chunk", "steps": 5, "run": "r", "version": None, "who": "", "number": 9,
    }  # fmt: skip
