"""Checks that a built module, whose layers no plan tells, can make images in the range of the real ones."""

from typing import TYPE_CHECKING

from pipeline.data.value_range import end_misfit
from pipeline.errors.training import NodeFailure
from pipeline.nodes.checked_workflow import CheckedWorkflow
from pipeline.nodes.networks.module_node import ModuleNode

if TYPE_CHECKING:
    from pipeline.training.experiment import Experiment


def require_range(experiment: "Experiment", checked: CheckedWorkflow) -> None:
    """Raises NodeFailure if the module that makes the images is seen to end in a function of another range.

    Where the end is declared by the port, the check of the workflow has compared it already.
    """
    import torch

    from pipeline.models.python_modules import end_of

    port = checked.training.sampled
    node_id = experiment.nodes.get(port.role, "")
    node, network = checked.report.nodes.get(node_id), experiment.networks.get(port.role)
    if port.plan is not None or port.end is not None or network is None or not isinstance(node, ModuleNode):
        return
    with torch.device(experiment.settings.device):
        inputs = node.inputs(port)
    if fault := end_misfit(end_of(network, inputs), checked.training.images.values):
        raise NodeFailure(node_id, "make the images", f"it {fault}", checked.report.titles[node_id])
