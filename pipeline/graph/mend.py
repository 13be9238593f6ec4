"""Warnings about a workflow, and the changes that mend a warning or a problem.

def cautions(self, node_id, report):
    if not self.weight:
        one = Mend("Set the weight to 1", lambda workflow, registry: edit.set_parameter(workflow, node_id, ...))
        yield CheckWarning(node_id, "The weight is 0: this node does nothing.", one)
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from pipeline.graph.registry import Registry
from pipeline.graph.workflow import Workflow

Change: TypeAlias = Callable[[Workflow, Registry], Workflow]
"""The changed copy of a workflow. Raises as the functions of `edit.py` if a node is gone."""


@dataclass(frozen=True)
class Mend:
    """One change of a workflow that mends something.

    label: of its button, such as "Remove it". change: see Change. does: what changes, as a sentence; "" if the label
    says it.
    """

    label: str
    change: Change
    does: str = ""


@dataclass(frozen=True)
class CheckWarning:
    """What is allowed in a workflow but probably not meant; it prevents nothing.

    node: the id of the node to look at. message: one or two sentences. mend: how to mend it; None if that is for people
    to decide.
    """

    node: str
    message: str
    mend: Mend | None = None

    def as_dict(self) -> dict[str, str]:
        """The warning for `--json`; `mend` says what the button of the Workflow page does."""
        written = {"node": self.node, "message": self.message}
        return {**written, "mend": self.mend.does or self.mend.label} if self.mend else written
