"""Categories of nodes: their usual place in the graph and their colour.

The categories here exist in every workflow. Each role of a family, such as the network that makes images, is a category
too, declared by the family (`pipeline/families/family.py`); a registry of nodes gets both.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.colours import Colour


@dataclass(frozen=True)
class NodeCategory:
    """Where and how nodes of one category are drawn.

    row: the usual row, 0 at the top. column: the usual column: 0 in the middle, −1 left, 1 right; None puts a node
    below the nodes it is wired to. late: nodes are placed in ascending order of this number. low: never above the last
    objective. title: its name in lists of node types, "" for `name`.
    """

    name: str
    row: int
    column: int | None
    colour: Colour
    late: int = 0
    low: bool = False
    title: str = ""

    @property
    def heading(self) -> str:
        """Its name in lists of node types, with a capital letter."""
        return self.title or self.name.replace("_", " ").capitalize()


COMMON: Mapping[str, NodeCategory] = {
    each.name: each
    for each in (
        NodeCategory("real", 0, -1, "green", title="Real images"),
        NodeCategory("noise", 0, 1, "grey"),
        NodeCategory("objective", 2, 0, "orange", title="Loss"),
        # Optimizers and sampling are next to the last objective, and training is below them.
        NodeCategory("optimizer", 2, None, "brown", late=1, low=True),
        NodeCategory("sampling", 2, 1, "grey", late=1, low=True),
        NodeCategory("training", 3, 0, "slate", late=2),
        NodeCategory("output", 4, 0, "grey", late=3),
    )
}
"""The categories of every workflow, by name."""
