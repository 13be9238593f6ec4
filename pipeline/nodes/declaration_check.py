"""Checks that what a training node has built agrees with what the node and its family declare.

Charts, buttons, checkpoints and forks rely on the declaration, training on what is built. Where the two differ, as they
may in a custom family, a run would fail late or be described wrongly.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pipeline.formatting import listed
from pipeline.nodes.training_subgraph import TrainingSubgraph

if TYPE_CHECKING:
    from pipeline.training.experiment import Experiment


def declaration_fault(experiment: Any, found: TrainingSubgraph) -> str:
    """Why what was built cannot be run, as the end of a sentence; "" if it can.

    Objects of custom code may be of any type, so this can also raise any exception that they raise.
    """
    from pipeline.training.experiment import Experiment

    if not isinstance(experiment, Experiment):
        return f"its build() returns {type(experiment).__name__}, not an Experiment."
    return next(_faults(experiment, found), "")


def _faults(experiment: "Experiment", found: TrainingSubgraph) -> Iterator[str]:
    from torch import nn

    family = found.training.family
    networks: Mapping[str, object] = experiment.networks
    for role, network in networks.items():
        if family.role(role) is None:
            yield f"it trains the network {role!r}, but its family has {listed(each.name for each in family.roles)}."
        if not isinstance(network, nn.Module):
            yield f"its {role} is of the type {type(network).__name__}, which is not a torch.nn.Module."
        if role not in experiment.nodes:
            yield f"it does not name the node of its {role}."
    for what, roles in _spoken_of(experiment):
        for role in roles:
            if role not in experiment.networks:
                yield f"{what} needs the network {role!r}, but it trains {listed(experiment.networks)}."
    declared = [(update.name, update.counter) for update in family.updates]
    if (built := [(update.name, update.counter) for update in experiment.updates]) != declared:
        yield f"its updates and their counters are {_paired(built)}, but its family declares {_paired(declared)}."
    spans = [(each.name, each.first, each.last) for each in experiment.updates]
    phases = [(each.update, each.first, each.last) for each in found.training.phases]
    if spans != (phases or [(name, 0, None) for name, _, _ in spans]):
        yield f"its updates are part of the steps {spans}, but it declares the phases {phases}."
    for update in experiment.updates:
        if not update.operations:
            yield f"its update {update.name!r} has no operations."
        for operation in update.operations:
            if not all(isinstance(text, str) for text in (operation.name, operation.formula)):
                yield f"a stage of its update {update.name!r} has a name or a formula that is not a string."
            if operation.node not in found.given:
                yield f"its stage {operation.name!r} belongs to {operation.node!r}, which training does not depend on."
        if len(set(map(id, update.operations))) < len(update.operations):
            yield f"its update {update.name!r} has an operation twice: create a second one, of the same name."
    if tuple(experiment.series) != found.training.metrics:
        yield f"its series are {listed(experiment.series)}, but it declares {listed(found.training.metrics)}."


def _spoken_of(experiment: "Experiment") -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every part of the experiment that needs networks, as (words for it, the roles it needs)."""
    yield "an average", tuple(experiment.averaged)
    yield "an optimizer", tuple(experiment.optimizers)
    for update in experiment.updates:
        for operation in update.operations:
            yield f"its stage {operation.name!r}", operation.roles
    for sampler in (experiment.sampler, experiment.grid, *(update.grid for update in experiment.updates)):
        if sampler is not None:
            yield type(sampler).__name__, sampler.roles
    if experiment.coding is not None:
        yield type(experiment.coding).__name__, experiment.coding.roles
    if experiment.scores is not None:
        yield type(experiment.scores).__name__, (experiment.scores.role,)


def _paired(updates: list[tuple[str, str]]) -> str:
    return listed(f"{name} ({counter})" for name, counter in updates) or "none"
