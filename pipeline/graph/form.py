"""The parameters and wires of a node class, derived from its pydantic fields.

The sidebar, the command line's node list and the checks use these instead of pydantic's fields.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, TypeVar, get_args, get_origin

import annotated_types
from pydantic.fields import FieldInfo

from pipeline.errors.workflow import MisdeclaredNode
from pipeline.graph.node import Link, Node, Param, Port
from pipeline.graph.workflow import Json, NodeData

ParameterKind = Literal["int", "float", "bool", "choice", "text"]
Literals = bool | int | float | str
Fact = TypeVar("Fact")

KINDS: Mapping[type, ParameterKind] = {bool: "bool", int: "int", float: "float", str: "text"}


@dataclass(frozen=True)
class Parameter:
    """One parameter of a node class. See Param for `live`, `key` and `log`."""

    name: str
    label: str
    help: str
    """The description of the field."""
    kind: ParameterKind
    default: Literals
    minimum: float | None = None
    """None if the kind has no range."""
    maximum: float | None = None
    """None if the kind has no range."""
    step: float | None = None
    """Increment of one click; None if the kind has no range."""
    choices: tuple[str, ...] = ()
    """The values of a "choice"."""
    live: bool = False
    key: bool = False
    log: bool = False

    def value(self, node: NodeData) -> Json:
        """The value of this parameter in `node`; its default if the document does not set it."""
        return node.inputs.get(self.name, self.default)


@dataclass(frozen=True)
class Wire:
    """One input wire of a node class; it accepts ports of type `port` and its subclasses."""

    name: str
    label: str
    help: str
    port: type[Port]


@cache
def parameters(node_class: type[Node]) -> tuple[Parameter, ...]:
    """The parameters of a node class, in the order of its fields."""
    return tuple(
        _parameter(node_class, name, field)
        for name, field in node_class.model_fields.items()
        if field.annotation is not Link
    )


@cache
def wires(node_class: type[Node]) -> tuple[Wire, ...]:
    """The wires of a node class, in the order of its fields."""
    return tuple(
        _wire(node_class, name, field) for name, field in node_class.model_fields.items() if field.annotation is Link
    )


def pass_through_wire(node_class: type[Node]) -> Wire | None:
    """The only input of the type of the class's only output, as a penalty has one; else None."""
    same = [wire for wire in wires(node_class) if node_class.outputs == (wire.port,)]
    return same[0] if len(same) == 1 else None


def increment(parameter: Parameter, value: float) -> float:
    """What one press of + or − adds to or takes from `value`; more than 0.

    A number that is changed by factors (`Param.log`), and a fraction that is smaller than its declared step: the
    largest of 1, 2, 5, 10, … that is at most half of it. So 2e-4 becomes 3e-4 or 1e-4, and 1e-3 becomes 1.5e-3 or 5e-4.
    Any other number: its declared step; if that is more than 1, ten of these or more for a large value, so that a press
    is about a tenth of it: a batch of 64 by 16, 100,000 steps by 10,000. Sizes thus stay multiples of their step.
    """
    size = abs(value)
    step = parameter.step or 1.0
    if parameter.kind == "float" and size and (parameter.log or size < step or parameter.step is None):
        return _ladder(size / 2)
    if parameter.log:
        # From 0, there is no factor.
        return _ladder(float(parameter.default) / 2) if parameter.default else 1e-4
    return step * max(1.0, _ladder(size / 10 / step)) if step > 1 and size else step


def pressed(parameter: Parameter, before: float, value: float) -> float:
    """The value after a press of + or −, which never leaves the range: it stops at the end, or for sizes at their last
    multiple. A value that is not one increment away from `before` was typed, and is returned as it is."""
    if not math.isclose(abs(value - before), increment(parameter, before), rel_tol=1e-6):
        return value
    low = -math.inf if parameter.minimum is None else parameter.minimum
    high = math.inf if parameter.maximum is None else parameter.maximum
    if parameter.kind == "float":
        return min(max(float(f"{value:.12g}"), low), high)
    return value if low <= value <= high else before


def _ladder(size: float) -> float:
    """The largest of 1, 2 and 5 times a power of ten that is at most `size`, which is more than 0."""
    power = 10.0 ** math.floor(math.log10(size) + 1e-9)
    return float(f"{next(power * digit for digit in (5, 2, 1) if power * digit <= size * (1 + 1e-9)):.12g}")


def live_values(node_id: str, node: Node) -> dict[str, float]:
    """The values of a validated node's live parameters, by "node.parameter"."""
    return {
        f"{node_id}.{parameter.name}": getattr(node, parameter.name)
        for parameter in parameters(type(node))
        if parameter.live
    }


def _parameter(node_class: type[Node], name: str, field: FieldInfo) -> Parameter:
    facts = _only(field, Param) or Param()
    annotation: Any = field.annotation
    if get_origin(annotation) is Literal:
        kind: ParameterKind = "choice"
        choices = tuple(str(choice) for choice in get_args(annotation))
    elif annotation in KINDS:
        kind, choices = KINDS[annotation], ()
    else:
        raise MisdeclaredNode(node_class.__name__, f"its field {name!r} has an unsupported type")
    lowest, highest = _only(field, annotated_types.Ge), _only(field, annotated_types.Le)
    if kind in ("int", "float") and (lowest is None or highest is None):
        raise MisdeclaredNode(node_class.__name__, f"its number {name!r} needs both bounds, ge and le")
    if field.is_required():
        raise MisdeclaredNode(node_class.__name__, f"its parameter {name!r} has no default")
    return Parameter(
        name=name,
        label=facts.label or _label(name),
        help=_help(node_class, name, field),
        kind=kind,
        default=field.default,
        minimum=lowest.ge if lowest else None,  # type: ignore[arg-type]  # annotated_types allows any comparable
        maximum=highest.le if highest else None,  # type: ignore[arg-type]
        step=facts.step if facts.step is not None or kind != "int" else 1,
        choices=choices,
        live=facts.live,
        key=facts.key,
        log=facts.log,
    )


def _wire(node_class: type[Node], name: str, field: FieldInfo) -> Wire:
    ports = [item for item in field.metadata if isinstance(item, type) and issubclass(item, Port)]
    if len(ports) != 1:
        raise MisdeclaredNode(node_class.__name__, f"its wire {name!r} must name one port type")
    return Wire(name=name, label=_label(name), help=_help(node_class, name, field), port=ports[0])


def _help(node_class: type[Node], name: str, field: FieldInfo) -> str:
    if not field.description:
        raise MisdeclaredNode(node_class.__name__, f"its field {name!r} has no description")
    return field.description


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _only(field: FieldInfo, kind: type[Fact]) -> Fact | None:
    return next((item for item in field.metadata if isinstance(item, kind)), None)
