"""Hypothesis strategies for valid messages, made from the types of their fields, and for malformed ones."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import reduce
from operator import or_
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st
from typing_extensions import is_typeddict

from pipeline.runtime.messages.answer import Count
from pipeline.runtime.messages.answers import AnyAnswer
from pipeline.runtime.messages.blob import Blob
from pipeline.runtime.messages.commands import Finite
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.runtime.messages.wire import AnyCommand, Message, write

COMMANDS = get_args(AnyCommand)
ANSWERS = get_args(AnyAnswer)

PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    Blob: st.binary(max_size=9),
    Count: st.integers(0, 2**40),
    Finite: st.floats(allow_nan=False, allow_infinity=False),
    NoneType: st.none(),
    bool: st.booleans(),
    int: st.integers(-(2**70), 2**70),
    float: st.floats(),
    str: st.text(max_size=9),
}

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)


def values_of(hint: Any) -> st.SearchStrategy[Any]:
    """Valid values of a field of this type."""
    if hint in PLAIN:
        return PLAIN[hint]
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in (Union, UnionType):
        return reduce(or_, map(values_of, arguments))
    if origin is tuple and arguments[-1] is Ellipsis:
        return st.lists(values_of(arguments[0]), max_size=3).map(tuple)
    if origin is tuple:
        return st.tuples(*map(values_of, arguments))
    if origin is not None and issubclass(origin, Mapping):
        return st.dictionaries(*map(values_of, arguments), max_size=3)
    hints = get_type_hints(hint, include_extras=True)
    if is_typeddict(hint):
        # In the order of the fields, because they are decoded in this order.
        return st.tuples(*map(values_of, hints.values())).map(lambda found: dict(zip(hints, found, strict=True)))
    assert is_dataclass(hint), hint
    return st.builds(hint, **{field.name: values_of(hints[field.name]) for field in fields(hint)})


commands = reduce(or_, map(values_of, COMMANDS))
answers = reduce(or_, map(values_of, ANSWERS))
replies = answers | values_of(Snapshot)


@st.composite
def mutated(draw: st.DrawFn, messages: st.SearchStrategy[Any]) -> Message:
    """A message in which a field has an arbitrary value, is missing or is unknown, or a blob is missing."""
    written = write(draw(messages))
    content = json.loads(written.header)
    name = draw(st.sampled_from([*content, "another"]))
    if draw(st.booleans()):
        content[name] = draw(JSON)
    else:
        content.pop(name, None)
    return Message(json.dumps(content).encode(), written.blobs[: draw(st.integers(0, len(written.blobs)))])


def any_of(messages: st.SearchStrategy[Any]) -> st.SearchStrategy[Message]:
    """Mutated messages, arbitrary JSON, and arbitrary bytes."""
    return (
        mutated(messages)
        | JSON.map(lambda content: Message(json.dumps(content).encode(), []))
        | st.builds(Message, st.binary(max_size=40), st.lists(st.binary(max_size=5), max_size=2))
    )
