"""A workflow without problems, with what is known of it: parsed once and checked once, then passed along."""

from collections.abc import Collection
from dataclasses import dataclass

from pipeline.errors.training import MadeInPython
from pipeline.errors.workflow import InvalidWorkflow
from pipeline.graph import document
from pipeline.graph.check import Report, check
from pipeline.graph.workflow import Workflow
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.ports import TrainingPort
from pipeline.nodes.python_objects import GivenNode
from pipeline.nodes.training_subgraph import Trained, trained


@dataclass(frozen=True)
class CheckedWorkflow:
    """Made by `checked` or `read_checked`. text: a document that can be read again and holds this workflow. trained:
    what its training depends on."""

    workflow: Workflow
    text: str
    report: Report
    trained: Trained

    @property
    def training(self) -> TrainingPort:
        """What it asks for; its device may be one that this machine has not."""
        return self.trained.training

    def require_given(self, given: Collection[str] = ()) -> None:
        """Raises MadeInPython where the training needs something made in Python that is not given, by node id."""
        for node_id in self.trained.given:
            node = self.report.nodes[node_id]
            if isinstance(node, GivenNode) and node_id not in given:
                raise MadeInPython(self.report.titles[node_id], node_id, node.made)


def checked(workflow: Workflow) -> CheckedWorkflow:
    """Raises InvalidWorkflow for one with problems, UnreadableDocument for one that could not be read again."""
    report, found = _sound(workflow)
    text = document.write(workflow)
    # A run whose workflow could not be read again could never be resumed.
    document.read(text, "The workflow")
    return CheckedWorkflow(workflow, text, report, found)


def read_checked(text: str, source: str) -> CheckedWorkflow:
    """The workflow in a document that messages call `source`. Raises UnreadableDocument, InvalidWorkflow."""
    workflow = document.read(text, source)
    return CheckedWorkflow(workflow, text, *_sound(workflow))


def _sound(workflow: Workflow) -> tuple[Report, Trained]:
    """What is known of a workflow without problems. Raises InvalidWorkflow."""
    report = check(workflow, NODES)
    if not report.ok:
        raise InvalidWorkflow(report.sentences())
    found = trained(report)
    assert found is not None, "a workflow without problems has a training node"
    return report, found
