"""From a message to bytes and back. What arrives is checked strictly: types, names of fields, nothing missing."""

from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any, NamedTuple

from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError, from_json, to_json

from pipeline.errors.messages import MalformedCommand, MalformedReply, NotJSON, UnknownCommand
from pipeline.runtime.messages.answers import Answer, AnyAnswer
from pipeline.runtime.messages.commands import Cancel, Command, TrainingCommand
from pipeline.runtime.messages.drawing_commands import DrawingCommand
from pipeline.runtime.messages.snapshot import Snapshot

AnyCommand = TrainingCommand | DrawingCommand | Cancel
Reply = AnyAnswer | Snapshot


class Message(NamedTuple):
    """A message as a link carries it."""

    header: bytes
    """JSON, in which a number stands for each of the blobs."""
    blobs: Sequence[bytes]


def write(message: Command[Any] | Answer | Snapshot) -> Message:
    """The message for a link."""
    blobs: list[bytes] = []
    message_type: type = type(message)
    adapter = _adapter(message_type)
    try:
        return Message(adapter.dump_json(message, context=blobs, warnings=False), blobs)
    except PydanticSerializationError:
        # A lone surrogate, as in the name of a file that is not UTF-8: JSON has none.
        blobs.clear()
        plain = _without_surrogates(adapter.dump_python(message, context=blobs, warnings=False))
        return Message(to_json(plain, inf_nan_mode="constants"), blobs)


def read_command(message: Message) -> AnyCommand:
    """The command in a message. Raises UnknownCommand and MalformedCommand for any other JSON, NotJSON."""
    try:
        return _commands().validate_json(message.header, strict=True, context=message.blobs)
    except ValidationError as error:
        kind, number = _envelope(message)
        if error.errors()[0]["type"] in ("union_tag_invalid", "union_tag_not_found"):
            raise UnknownCommand("The engine", kind, number or 0) from error
        raise MalformedCommand(kind, _reason(error), number or 0) from error


def read_reply(message: Message) -> Reply:
    """The answer or snapshot in a message. Raises MalformedReply for any other JSON, NotJSON."""
    try:
        return _replies().validate_json(message.header, strict=True, context=message.blobs)
    except ValidationError as error:
        kind, number = _envelope(message)
        raise MalformedReply(kind, _reason(error), number) from error


# Made when first needed: they take longer than importing this module.


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
    """Kind and number of a message that cannot be read as a whole; "" and None if they cannot be read either."""
    try:
        content = from_json(message.header)
    except ValueError as error:
        raise NotJSON(str(error)) from error
    facts = content if isinstance(content, dict) else {}
    kind, number = facts.get("kind"), facts.get("number")
    return kind if isinstance(kind, str) else "", number if type(number) is int and number >= 0 else None


def _reason(error: ValidationError) -> str:
    """What is wrong with the first field that is, in words."""
    first = error.errors(include_url=False, include_input=False)[0]
    # The place begins with the kind of the message.
    field = ".".join(str(part) for part in first["loc"][1:])
    said = first["msg"][:1].lower() + first["msg"][1:200]
    return f"field {field}: {said}" if field else said


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
