"""Validate the parameters of one node: pydantic's errors as ComfyUI's error types and as sentences."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from pipeline.errors.base import nearest
from pipeline.formatting import plain
from pipeline.graph.form import ParameterKind, parameters, wires
from pipeline.graph.node import Link, Node
from pipeline.graph.workflow import Json

KIND_WORDS: Mapping[ParameterKind, str] = {
    "int": "a whole number",
    "float": "a finite number",
    "bool": "true or false",
    "text": "text",
    "choice": "text",
}


@dataclass(frozen=True)
class InputFault:
    """One invalid input of a node: ComfyUI's error type, a sentence, the input's name and its value."""

    type: str
    message: str
    name: str
    received: Json


def validate(
    node_class: type[Node], literals: Mapping[str, Json], links: Mapping[str, Link]
) -> tuple[Node | None, list[InputFault]]:
    """The instance with these parameters and wires, or None and all faults of its parameters."""
    try:
        return node_class.model_validate({**literals, **links}), []
    except ValidationError as error:
        return None, [_fault(node_class, detail) for detail in error.errors(include_url=False)]


def shorten(value: object) -> str:
    """A received value for a sentence, shortened to 60 characters."""
    text = repr(value)
    if isinstance(value, float) and "e" in text and 1e-40 < abs(value) < 1e40:
        text = f"{Decimal(text):f}"
    return text if len(text) <= 60 else text[:57] + "..."


def json_safe(value: Json) -> Json:
    """A received value for a JSON report: shortened if it is long, as text if it is NaN or infinite."""
    if isinstance(value, float) and not math.isfinite(value):
        return repr(value)
    return value if len(repr(value)) <= 200 else shorten(value)


def _fault(node_class: type[Node], detail: ErrorDetails) -> InputFault:
    name, value = str(detail["loc"][0]), detail["input"]
    known = {parameter.name: parameter for parameter in parameters(node_class)}
    if name not in known:
        inputs = [*known, *(wire.name for wire in wires(node_class))]
        message = f"{node_class.title} has no input {name[:60]!r}{nearest(name[:60], inputs)}"
        return InputFault("unknown_input", message, name, value)
    parameter = known[name]
    match detail["type"]:
        case "greater_than_equal":
            fault, words = "value_smaller_than_min", f"less than the minimum of {plain(parameter.minimum or 0)}"
        case "less_than_equal":
            fault, words = "value_bigger_than_max", f"more than the maximum of {plain(parameter.maximum or 0)}"
        case "literal_error":
            fault, words = "value_not_in_list", f"not one of {', '.join(parameter.choices)}"
        case "value_error":
            fault, words = "custom_validation_failed", str(detail["ctx"]["error"])
        case _:
            fault, words = "invalid_input_type", f"not {KIND_WORDS[parameter.kind]}"
    return InputFault(fault, f"{parameter.label} is {shorten(value)}, {words}.", name, value)
