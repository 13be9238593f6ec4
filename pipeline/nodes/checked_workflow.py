"""A workflow that was parsed and checked once and found without problems, with the results of the check."""

from collections.abc import Collection
from dataclasses import dataclass

from pipeline.errors.runs import ImagesNeeded
from pipeline.errors.training import MadeInPython
from pipeline.errors.workflow import InvalidWorkflow
from pipeline.graph import document
from pipeline.graph.check import Report, check
from pipeline.graph.workflow import Workflow
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.ports import TrainingPort
from pipeline.nodes.python_objects import GivenNode
from pipeline.nodes.run_data import Recorded, known_ports
from pipeline.nodes.training_subgraph import TrainingSubgraph, training_subgraph
from pipeline.runs.store import RunRecord


@dataclass(frozen=True)
class CheckedWorkflow:
    """A workflow without problems. Create it with `check_workflow` or `read_and_check`.

    text: this workflow as a document that can be read back. trained: the part that training depends on.
    """

    workflow: Workflow
    text: str
    report: Report
    trained: TrainingSubgraph

    @property
    def training(self) -> TrainingPort:
        """The training it specifies; this machine may not have its device."""
        return self.trained.training

    def require_given(self, given: Collection[str] = ()) -> None:
        """Raises MadeInPython if the training needs an object made in Python whose node id is not in `given`."""
        for node_id in self.trained.given:
            node = self.report.nodes[node_id]
            if isinstance(node, GivenNode) and node_id not in given:
                raise MadeInPython(self.report.titles[node_id], node_id, node.made)


def check_workflow(workflow: Workflow) -> CheckedWorkflow:
    """Check a workflow. Raises InvalidWorkflow if it has problems, UnreadableDocument if its document cannot be read
    back."""
    report, found = _sound(workflow)
    text = document.write(workflow)
    # A run whose workflow cannot be read back could never be resumed.
    document.read(text, "The workflow")
    return CheckedWorkflow(workflow, text, report, found)


def read_and_check(text: str, source: str, recorded: Recorded | None = None) -> CheckedWorkflow:
    """Read and check the workflow in a document, called `source` in messages. Raises UnreadableDocument,
    InvalidWorkflow.

    recorded: a run's record of its images, which then stands for them: for drawing from the run, not for training it.
    """
    workflow = document.read(text, source)
    return CheckedWorkflow(workflow, text, *_sound(workflow, recorded))


def checked_for_drawing(record: RunRecord) -> CheckedWorkflow:
    """The run's workflow, with its record of the images in place of the images. Raises InvalidWorkflow."""
    return read_and_check(record.workflow_text, f"The workflow of run {record.id}", record.data)


def check_run(record: RunRecord, purpose: str) -> CheckedWorkflow:
    """The run's workflow, with its images. purpose: what they are needed for, such as "reconstruct them".

    Raises ImagesNeeded if the images cannot be used, InvalidWorkflow if the rest of the workflow has problems.
    """
    try:
        return read_and_check(record.workflow_text, f"The workflow of run {record.id}")
    except InvalidWorkflow as error:
        # Whether the workflow is sound apart from its images.
        checked_for_drawing(record)
        if not known_ports(record.data):
            raise
        raise ImagesNeeded(record.id, purpose, error.problems) from error


def _sound(workflow: Workflow, recorded: Recorded | None = None) -> tuple[Report, TrainingSubgraph]:
    """The report on a workflow and the part that training depends on. Raises InvalidWorkflow if it has problems."""
    report = check(workflow, NODES, known_ports(recorded))
    if not report.ok:
        raise InvalidWorkflow(report.sentences())
    found = training_subgraph(report)
    assert found is not None, "a workflow without problems has a training node"
    return report, found
