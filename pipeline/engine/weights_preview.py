"""Which weights of a file fit the networks of a workflow, before a run starts with them."""

from pathlib import Path

from pipeline.engine.layers import layer_table
from pipeline.nodes.checked_workflow import read_and_check
from pipeline.nodes.training_subgraph import networks
from pipeline.runtime.messages.answers import FittedWeights
from pipeline.runtime.messages.drawing_commands import FitWeights
from pipeline.training.given_weights import InitialWeights, fit


def weights_preview(home: Path, command: FitWeights) -> FittedWeights:
    """Compare the file with the shapes of the networks' weights. Loads no images.

    Raises UnusableFile, UnfitWeights; InvalidWorkflow; NodeFailure if a network cannot be built.
    """
    initial = InitialWeights.in_file(command.weights, command.network)
    workflow = read_and_check(command.workflow, "The workflow")
    nodes = networks(workflow.trained)
    found = fit(initial, {role: layer_table(home, workflow.report, node).weights for role, node in nodes.items()})
    return FittedWeights(sentence=initial.sentence(found), table=found.table)
