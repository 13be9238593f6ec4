"""Bytes inside a message: they travel raw after the JSON, which has the place of each instead."""

from typing import Annotated, Any

from pydantic import ConfigDict, PlainSerializer, PlainValidator, SerializationInfo, ValidationInfo

STRICT = ConfigDict(extra="forbid", ser_json_inf_nan="constants")
"""How every message is read and written. A NaN loss is a value that pages show, so it is written as Python does."""


def _set_aside(content: bytes, info: SerializationInfo[Any]) -> int:
    info.context.append(content)
    return len(info.context) - 1


def _fetch(place: object, info: ValidationInfo[Any]) -> bytes:
    if type(place) is not int or not 0 <= place < len(info.context):
        raise ValueError("Value should be the place of bytes that came with the message")
    found: bytes = info.context[place]
    return found


Blob = Annotated[bytes, PlainValidator(_fetch), PlainSerializer(_set_aside)]
"""Bytes, such as a PNG. The context of reading and writing is the list of all bytes of the message."""
