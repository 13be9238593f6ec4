"""Encode and decode messages. Received messages are checked strictly: types, unknown fields, missing fields."""

from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any, NamedTuple

from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError, from_json, to_json

from pipeline.errors.messages import MalformedCommand, MalformedReply, NotJSON, UnknownCommand
from pipeline.runtime.messages.answer import Answer
from pipeline.runtime.messages.answers import AnyAnswer
from pipeline.runtime.messages.commands import Cancel, Command, TrainingCommand
from pipeline.runtime.messages.drawing_commands import DrawingCommand
from pipeline.runtime.messages.evaluation_commands import EvaluationCommand
from pipeline.runtime.messages.snapshot import Snapshot

AnyCommand = TrainingCommand | DrawingCommand | EvaluationCommand | Cancel
Reply = AnyAnswer | Snapshot


class Message(NamedTuple):
    """A message as a link carries it."""

    header: bytes
    """JSON, with an index in place of each blob."""
    blobs: Sequence[bytes]


def write(message: Command[Any] | Answer | Snapshot) -> Message:
    """Encode a message for a link."""
    blobs: list[bytes] = []
    message_type: type = type(message)
    adapter = _adapter(message_type)
    try:
        return Message(adapter.dump_json(message, context=blobs, warnings=False), blobs)
    except PydanticSerializationError:
        # JSON cannot contain a lone surrogate, such as in a file name that is not UTF-8.
        blobs.clear()
        plain = _without_surrogates(adapter.dump_python(message, context=blobs, warnings=False))
        return Message(to_json(plain, inf_nan_mode="constants"), blobs)


def read_command(message: Message) -> AnyCommand:
    """Decode a command. Raises UnknownCommand or MalformedCommand for other JSON, NotJSON for other bytes."""
    try:
        return _commands().validate_json(message.header, strict=True, context=message.blobs)
    except ValidationError as error:
        kind, number = _envelope(message)
        if error.errors()[0]["type"] in ("union_tag_invalid", "union_tag_not_found"):
            raise UnknownCommand("The engine", kind, number or 0) from error
        raise MalformedCommand(kind, _reason(error), number or 0) from error


def read_reply(message: Message) -> Reply:
    """Decode an answer or snapshot. Raises MalformedReply for other JSON, NotJSON for other bytes."""
    try:
        return _replies().validate_json(message.header, strict=True, context=message.blobs)
    except ValidationError as error:
        kind, number = _envelope(message)
        raise MalformedReply(kind, _reason(error), number) from error


# Created on first use, because this takes longer than importing the module.


@cache
def _adapter(message_type: type) -> TypeAdapter[Any]:
    return TypeAdapter(message_type)


@cache
def _commands() -> TypeAdapter[AnyCommand]:
    return TypeAdapter(Annotated[AnyCommand, Field(discriminator="kind")])


@cache
def _replies() -> TypeAdapter[Reply]:
    return TypeAdapter(Annotated[Reply, Field(discriminator="kind")])


def _envelope(message: Message) -> tuple[str, int | None]:
    """Kind and number of a malformed message; "" and None if they cannot be read either. Raises NotJSON."""
    try:
        content = from_json(message.header)
    except ValueError as error:
        raise NotJSON(str(error)) from error
    facts = content if isinstance(content, dict) else {}
    kind, number = facts.get("kind"), facts.get("number")
    return kind if isinstance(kind, str) else "", number if type(number) is int and number >= 0 else None


def _reason(error: ValidationError) -> str:
    """What is wrong with the first malformed field, in words."""
    first = error.errors(include_url=False, include_input=False)[0]
    # The first part of the location is the kind of the message.
    field = ".".join(str(part) for part in first["loc"][1:])
    problem = first["msg"][:1].lower() + first["msg"][1:200]
    return f"field {field}: {problem}" if field else problem


def _without_surrogates(value: Any) -> Any:
    match value:
        case str():
            return value.encode("utf-8", "replace").decode()
        case dict():
            return {_without_surrogates(key): _without_surrogates(each) for key, each in value.items()}
        case list() | tuple():
            return [_without_surrogates(each) for each in value]
        case _:
            return value
