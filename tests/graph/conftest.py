"""A tiny catalogue like the real one: sources, filters, sinks and a training node."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import pytest
from pydantic import Field

from pipeline.graph.category import COMMON, NodeCategory
from pipeline.graph.node import Category, Link, Misfit, Node, Param, Port
from pipeline.graph.registry import Registry
from pipeline.graph.workflow import NodeData, Workflow


@dataclass(frozen=True)
class Length(Port):
    title: ClassVar[str] = "length"
    metres: int


@dataclass(frozen=True)
class ShortLength(Length):
    title: ClassVar[str] = "short length"


@dataclass(frozen=True)
class Colour(Port):
    title: ClassVar[str] = "colour"


class Ruler(Node):
    """A source of lengths."""

    title: ClassVar[str] = "Ruler"
    category: ClassVar[Category] = "noise"
    outputs: ClassVar[tuple[type[Port], ...]] = (ShortLength,)

    metres: Annotated[int, Field(ge=1, le=100, description="How long."), Param(key=True)] = 2
    unit: Annotated[Literal["m", "cm"], Field(description="Unit.")] = "m"
    weight: Annotated[float, Field(ge=0, le=1, description="A weight."), Param(live=True, log=True)] = 0.5
    bent: Annotated[bool, Field(description="Whether it is bent.")] = False

    def infer(self) -> ShortLength:
        return ShortLength(self.metres)

    def build(self, building: object) -> None:
        return None


class Paint(Node):
    """A source of colours, and of a length."""

    title: ClassVar[str] = "Paint"
    category: ClassVar[Category] = "real"
    outputs: ClassVar[tuple[type[Port], ...]] = (Colour, Length)

    def infer(self) -> tuple[Colour, Length]:
        return Colour(), Length(7)

    def build(self, building: object) -> None:
        return None


class Join(Node):
    """Two equal lengths, end to end."""

    title: ClassVar[str] = "Join"
    category: ClassVar[Category] = "tool"
    outputs: ClassVar[tuple[type[Port], ...]] = (Length,)

    first: Annotated[Link, Length, Field(description="One length.")]
    second: Annotated[Link, Length, Field(description="Another.")]

    def infer(self, first: Length, second: Length) -> Length:
        if first.metres != second.metres:
            raise Misfit("Lengths differ.", wire="first", field="metres")
        return Length(2 * first.metres)

    def build(self, building: object, first: object, second: object) -> None:
        return None


class Saw(Node):
    """A cut through a length: input and output have the same type."""

    title: ClassVar[str] = "Saw"
    category: ClassVar[Category] = "tool"
    outputs: ClassVar[tuple[type[Port], ...]] = (Length,)

    length: Annotated[Link, Length, Field(description="What to cut.")]

    def infer(self, length: Length) -> Length:
        return length

    def build(self, building: object, length: object) -> None:
        return None


class Drill(Node):
    """Trains on a length."""

    title: ClassVar[str] = "Drill"
    category: ClassVar[Category] = "training"
    outputs: ClassVar[tuple[type[Port], ...]] = ()

    length: Annotated[Link, Length, Field(description="What to train on.")]

    def infer(self, length: Length) -> None:
        if length.metres > 150:
            raise Misfit("Too long to train on.")

    def build(self, building: object, length: object) -> None:
        return None


class Stamp(Node):
    """A node of which a workflow may have only one."""

    title: ClassVar[str] = "Stamp"
    category: ClassVar[Category] = "output"
    outputs: ClassVar[tuple[type[Port], ...]] = ()
    at_most: ClassVar[int | None] = 1

    def infer(self) -> None:
        return None

    def build(self, building: object) -> None:
        return None


@pytest.fixture
def registry() -> Registry:
    registry = Registry({**COMMON, "tool": NodeCategory("tool", 1, 1, "purple")})
    for node_class in (Ruler, Paint, Join, Saw, Drill, Stamp):
        registry.register(node_class)
    return registry


@pytest.fixture
def workflow() -> Workflow:
    """a, b -> join -> drill; valid."""
    return Workflow(
        "lengths",
        {
            "a": NodeData("Ruler", {"metres": 3}),
            "b": NodeData("Ruler", {"metres": 3}, "Second ruler"),
            "join": NodeData("Join", {"first": ["a", 0], "second": ["b", 0]}),
            "drill": NodeData("Drill", {"length": ["join", 0]}),
        },
    )
