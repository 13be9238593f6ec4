"""Checks that a built module, whose layers no plan tells, ends in a function of the range of the real images."""

from typing import TYPE_CHECKING

from pipeline.errors.training import NodeFailure
from pipeline.nodes.checked_workflow import CheckedWorkflow
from pipeline.nodes.ends import end_misfit
from pipeline.nodes.networks.module_node import ModuleNode

if TYPE_CHECKING:
    from pipeline.training.experiment import Experiment


def require_fitting_end(experiment: "Experiment", checked: CheckedWorkflow) -> None:
    """Raises NodeFailure if the module that makes the images is seen to end in a function of another range.

    Where the end is declared by the port, the check of the workflow has compared it already.
    """
    import torch

    from pipeline.models.python_modules import end_of
    from pipeline.training.node_errors import from_keyboard

    port = checked.training.sampled
    node_id = experiment.nodes.get(port.role, "")
    node, network = checked.report.nodes.get(node_id), experiment.networks.get(port.role)
    if port.plan is not None or port.end is not None or network is None or not isinstance(node, ModuleNode):
        return
    try:
        with torch.device(experiment.settings.device):
            inputs = node.inputs(port)
        end = end_of(network, inputs)
    except BaseException as error:
        if from_keyboard(error):
            raise
        # Training calls the module too, and tells what is wrong with it.
        return
    if fault := end_misfit(end, checked.training.images.values):
        raise NodeFailure(node_id, "make the images", f"it {fault}", checked.report.titles[node_id])
