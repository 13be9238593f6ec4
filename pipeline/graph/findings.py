"""What the check finds in a workflow: problems, warnings, and the changes that mend them.

def cautions(self, node_id, report):
    if not self.weight:
        one = Mend("Set the weight to 1", lambda workflow, registry: edit.set_parameter(workflow, node_id, ...))
        yield CheckWarning(node_id, "The weight is 0: this node does nothing.", one)
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from pipeline.formatting import shortened
from pipeline.graph.registry import Registry
from pipeline.graph.values import json_safe
from pipeline.graph.workflow import Json, Workflow

Change: TypeAlias = Callable[[Workflow, Registry], Workflow]
"""The changed copy of a workflow. Raises as the functions of `edit.py` if a node is gone."""


@dataclass(frozen=True)
class Problem:
    """One problem of a workflow.

    node: the id of the node at fault, None for the workflow as a whole. message: a sentence. input_name: the parameter
    or wire, "" for the node as a whole. received: its value. wanted: the value that would fit, if the check knows it.
    found_at: id of the node that does not go with the node at fault, if it is another.
    """

    node: str | None
    type: str
    message: str
    input_name: str = ""
    received: Json = None
    details: str = ""
    wanted: Json = None
    found_at: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The problem in ComfyUI's shape, safe to write as JSON."""
        return {
            "type": self.type,
            "message": self.message,
            "details": shortened(self.details or self.input_name, 200),
            "extra_info": {"input_name": shortened(self.input_name, 200), "received_value": json_safe(self.received)},
        }


@dataclass(frozen=True)
class Mend:
    """One change of a workflow that mends something.

    label: of its button, such as "Remove it". change: see Change. does: what changes, as a sentence; "" if the label
    says it.
    """

    label: str
    change: Change
    does: str = ""

    @property
    def words(self) -> str:
        """What to do, as a sentence, for those who have no button."""
        return self.does or f"{self.label}."


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
        return {**written, "mend": self.mend.words} if self.mend else written
