"""The registry of node classes, by class name. An incomplete class is refused at import."""

import inspect
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

from pipeline.errors.base import nearest
from pipeline.errors.workflow import MisdeclaredNode, UnknownNodeType
from pipeline.graph.category import COMMON, NodeCategory
from pipeline.graph.form import parameters, wires
from pipeline.graph.node import Node, Port

NodeClass = TypeVar("NodeClass", bound=type[Node])


class Registry:
    """Node classes by name, which is the `class_type` in a document.

    categories: the allowed categories by name; read at each registration, so the mapping may grow.
    """

    def __init__(self, categories: Mapping[str, NodeCategory] = COMMON) -> None:
        self.categories = categories
        self._classes: dict[str, type[Node]] = {}
        self._missing: dict[str, str] = {}

    def register(self, node_class: NodeClass) -> NodeClass:
        """Register a node class (decorator). Raises MisdeclaredNode if it is incomplete or its name is taken."""
        name = node_class.__name__
        if name in self._classes:
            raise MisdeclaredNode(name, "another class of this name is registered")
        for fault in _faults(node_class, self.categories):
            raise MisdeclaredNode(name, fault)
        self._classes[name] = node_class
        return node_class

    def get(self, class_type: str) -> type[Node] | None:
        """The class of this name, or None."""
        return self._classes.get(class_type)

    def category_of(self, class_type: str) -> NodeCategory | None:
        """The category of nodes of this class, None if there is no such class."""
        node_class = self._classes.get(class_type)
        return self.categories[node_class.category] if node_class else None

    def __getitem__(self, class_type: str) -> type[Node]:
        """The class of this name. Raises UnknownNodeType."""
        if class_type not in self._classes:
            raise UnknownNodeType(class_type, self.why_unknown(class_type))
        return self._classes[class_type]

    def __iter__(self) -> Iterator[type[Node]]:
        return iter(self._classes.values())

    def names(self) -> tuple[str, ...]:
        """All class names, in the order of registration."""
        return tuple(self._classes)

    @contextmanager
    def all_or_none(self) -> Iterator[None]:
        """Context in which registrations are undone if it raises."""
        before = dict(self._classes)
        try:
            yield
        except BaseException:
            self._classes = before
            raise

    def note_missing(self, name: str, why: str) -> None:
        """Record for `why_unknown` why there is no class of this name. why: ends with a full stop."""
        self._missing[name] = why

    def why_unknown(self, class_type: str) -> str:
        """The end of a sentence about an unknown name: why it is missing, else the nearest registered name."""
        why = self._missing.get(class_type)
        return f": {why}" if why else nearest(class_type[:60], self._classes)


def _faults(node_class: type[Node], categories: Mapping[str, NodeCategory]) -> Iterator[str]:
    """Yield what a node class lacks. Raises MisdeclaredNode if a field cannot be a parameter or a wire."""
    parameters(node_class)
    wire_names = [wire.name for wire in wires(node_class)]
    if not inspect.cleandoc(node_class.__dict__.get("__doc__") or ""):
        yield "it has no docstring, which is its help text"
    if not node_class.title:
        yield "it has no title"
    if getattr(node_class, "category", None) not in categories:
        yield f"its category is none of {', '.join(categories)}"
    if "outputs" not in node_class.__dict__:
        yield "it does not declare its outputs"
    if not all(isinstance(port, type) and issubclass(port, Port) for port in node_class.outputs):
        yield "its outputs are not port types"
    for method, first in (("infer", ["self"]), ("build", ["self", "building"])):
        expected = first + wire_names
        if list(inspect.signature(getattr(node_class, method)).parameters) != expected:
            yield f"its {method} does not take ({', '.join(expected)})"
