"""Bytes inside a message: sent raw after the JSON, which contains the index of each in their place."""

from typing import Annotated, Any

from pydantic import ConfigDict, PlainSerializer, PlainValidator, SerializationInfo, ValidationInfo

STRICT = ConfigDict(extra="forbid", ser_json_inf_nan="constants")
"""pydantic configuration of all messages. Pages show a NaN or infinite loss, so JSON may have NaN and Infinity."""


def _set_aside(content: bytes, info: SerializationInfo[Any]) -> int:
    info.context.append(content)
    return len(info.context) - 1


def _fetch(index: object, info: ValidationInfo[Any]) -> bytes:
    if type(index) is not int or not 0 <= index < len(info.context):
        raise ValueError("Value should be the index of bytes sent with the message")
    found: bytes = info.context[index]
    return found


Blob = Annotated[bytes, PlainValidator(_fetch), PlainSerializer(_set_aside)]
"""Bytes, such as a PNG. The pydantic context when reading and writing is the list of the message's blobs."""
