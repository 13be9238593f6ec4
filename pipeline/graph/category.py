"""Categories of nodes: where nodes of a kind usually stand in the picture, and their colour.

The categories here are those of every workflow. A role of a family, such as the network that makes images, is a
category too, which the family declares (`pipeline/families/family.py`); a registry of nodes is given both.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.colours import Colour


@dataclass(frozen=True)
class NodeCategory:
    """What nodes of one category have in common on the screen.

    row: the usual one, 0 at the top. column: the usual one, 0 in the middle, −1 left and 1 right of it; None for a
    category that stands under what it is wired to. late: what is placed after all others has more than 0.
    """

    name: str
    row: int
    column: int | None
    colour: Colour
    late: int = 0


COMMON: Mapping[str, NodeCategory] = {
    each.name: each
    for each in (
        NodeCategory("real", 0, -1, "green"),
        NodeCategory("noise", 0, 1, "grey"),
        NodeCategory("objective", 2, 0, "orange"),
        # Optimizers stand beside the last objective, and training below both.
        NodeCategory("optimizer", 2, None, "brown", late=1),
        NodeCategory("training", 3, 0, "slate", late=2),
        NodeCategory("output", 4, 0, "grey", late=3),
    )
}
"""The categories of every workflow, by name."""
