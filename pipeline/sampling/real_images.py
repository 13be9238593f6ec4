"""The real images of a stored run: those that it was trained on, and those that it holds out."""

from pipeline.data.findings import differences
from pipeline.errors.machine import UnusableValue
from pipeline.formatting import listed
from pipeline.nodes.assemble import build_node
from pipeline.nodes.checked_workflow import CheckedWorkflow
from pipeline.nodes.ports import ImagesPort
from pipeline.nodes.run_data import training_findings
from pipeline.runs.store import RunRecord, Store
from pipeline.training.parts import RealImages


def real_images(store: Store, record: RunRecord, checked: CheckedWorkflow, purpose: str) -> RealImages:
    """The images of a run, on the CPU, which leaves the device's memory to training. Builds no network.

    checked: the run's workflow, with its images. purpose: what they are needed for, such as "find those nearest to a
    sample". Raises UnusableValue if they are not the images that the run was trained on, NodeFailure.
    """
    # The last node before the training node that outputs images provides the training images.
    node = checked.trained.giving(ImagesPort)[-1]
    real: RealImages = build_node(checked.report, node, store.home, "cpu", record.seed)
    before, now = training_findings(record.data), real.findings
    if clauses := differences(before, now) if before and now else []:
        raise UnusableValue(
            f"The images of {node} have changed since run {record.id} was trained on them: {listed(clauses)}. Bring "
            f"back the old images to {purpose}."
        )
    return real
