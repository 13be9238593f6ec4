from typing import Annotated, ClassVar

import pytest
from pydantic import Field

from pipeline.errors.workflow import MisdeclaredNode, UnknownNodeType
from pipeline.graph.category import COMMON, NodeCategory
from pipeline.graph.node import Category, Link, Node, Port
from pipeline.graph.registry import Registry


def declared(**members: object) -> type[Node]:
    """A valid source node, changed by `members`."""
    annotations = {
        "title": ClassVar[str],
        "category": ClassVar[Category],
        "outputs": ClassVar[tuple[type[Port], ...]],
        **members.pop("annotations", {}),  # type: ignore[dict-item]
    }
    body = {
        "__module__": __name__,
        "__doc__": "A node.",
        "__annotations__": annotations,
        "title": "Node",
        "category": "noise",
        "outputs": (),
        "infer": lambda self: None,
        "build": lambda self, building: None,
        **members,
    }
    return type("Declared", (Node,), body)


def test_a_registered_class_is_found_by_its_name(registry):
    assert registry["Ruler"].title == "Ruler"
    assert registry.get("Ruler") is registry["Ruler"]
    assert registry.names() == ("Ruler", "Paint", "Join", "Saw", "Drill", "Stamp")
    assert [node_class.__name__ for node_class in registry] == list(registry.names())


def test_registering_works_as_a_decorator_and_returns_the_class():
    node_class = declared()
    assert Registry().register(node_class) is node_class


def test_an_unknown_name_is_refused_with_the_nearest_one(registry):
    assert registry.get("Rular") is None
    with pytest.raises(UnknownNodeType, match="did you mean 'Ruler'"):
        registry["Rular"]


def test_a_second_class_of_the_same_name_is_refused():
    registry = Registry()
    registry.register(declared())
    with pytest.raises(MisdeclaredNode, match="another class of this name"):
        registry.register(declared())


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"__doc__": None}, "docstring"),
        ({"title": ""}, "no title"),
        ({"outputs": ("image",)}, "not port types"),
        ({"infer": lambda self, noise: None}, r"infer does not take \(self\)"),
        ({"build": lambda self: None}, r"build does not take \(self, building\)"),
        ({"annotations": {"size": Annotated[int, Field(description="Size.", ge=1)]}, "size": 1}, "needs both bounds"),
        ({"annotations": {"size": Annotated[int, Field(ge=1, le=2)]}, "size": 1}, "no description"),
        ({"annotations": {"size": Annotated[int, Field(description="Size.", ge=1, le=2)]}}, "no default"),
        (
            {"annotations": {"size": Annotated[bytes, Field(description="Size.")]}, "size": b""},
            "has an unsupported type",
        ),
        ({"annotations": {"source": Annotated[Link, Field(description="Source.")]}}, "must name one port type"),
    ],
)
def test_an_incomplete_class_is_refused(members, reason):
    with pytest.raises(MisdeclaredNode, match=reason):
        Registry().register(declared(**members))


def test_an_unknown_category_is_refused():
    with pytest.raises(MisdeclaredNode, match="its category is none of real, noise"):
        Registry().register(declared(category="loss"))


def test_a_category_may_be_added_after_the_registry_was_made():
    categories = dict(COMMON)
    registry = Registry(categories)
    categories["loss"] = NodeCategory("loss", 2, 1, "sky")
    registry.register(declared(category="loss"))
    assert registry.category_of("Declared") == categories["loss"]
    assert registry.category_of("Undeclared") is None


def test_registrations_before_a_failure_are_undone(registry):
    before = registry.names()
    with pytest.raises(ValueError, match="half way"), registry.all_or_none():
        registry.register(declared())
        assert "Declared" in registry.names()
        raise ValueError("half way")
    assert registry.names() == before


def test_a_name_whose_class_is_missing_is_refused_with_the_reason(registry):
    registry.note_missing("Hammer", "tools.py failed to load.")
    with pytest.raises(UnknownNodeType, match=r"no node type 'Hammer': tools.py failed to load\. "):
        registry["Hammer"]
    assert registry.why_unknown("Rular") == ", did you mean 'Ruler'?"
