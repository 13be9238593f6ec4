"""Hints on a run as pages show them: its last steps from the store, and the way to each parameter worth turning."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.families.family import Family
from pipeline.graph.check import Report
from pipeline.graph.form import parameters
from pipeline.graph.node import Port
from pipeline.health import rules
from pipeline.health.hint import Lever, Severity
from pipeline.health.history import WARM_UP, WINDOW, History
from pipeline.nodes.ports import NetworkPort, OptimizerPort
from pipeline.nodes.training.output import SampleGrid
from pipeline.nodes.training.training_node import TrainingNode
from pipeline.nodes.training_subgraph import trained
from pipeline.runs import metrics
from pipeline.runs.series import checkup_of, names_of
from pipeline.runs.store import RunRecord, Store
from pipeline.studio.workflows import of_run

SHORTEST, CHECKUPS, LONGEST = 1_000, 20, 20_000
"""Steps that are looked at: so many, or so many checkups where those take longer, but never more than the last."""


MetricColumns = Mapping[str, NDArray[np.floating]]


@dataclass(frozen=True)
class ShownLever:
    """A parameter of the run's workflow that a remedy speaks of. live: it may change while the run goes on."""

    node: str
    node_title: str
    parameter: str
    label: str
    live: bool


@dataclass(frozen=True)
class ShownHint:
    """A hint, with those of its levers that the run's workflow has."""

    code: str
    severity: Severity
    text: str
    remedy: str
    levers: tuple[ShownLever, ...]


def hints(store: Store, record: RunRecord) -> tuple[ShownHint, ...]:
    """What the run's last steps show, the most severe first. record: of the run as it stands now. Raises UnknownRun."""
    checked = _report(record)
    count = _span(checked)
    found = metrics.history(store, record.id, bands=count, first=max(1, record.step - count + 1), last=record.step)
    series = {name: curve.last for name, curve in found.series.items()}
    family, history = _judged(checked, found.steps, series)
    return tuple(
        ShownHint(hint.code, hint.severity, hint.text, hint.remedy, tuple(_shown(hint.levers, checked)))
        for hint in rules.hints(history, family.health_rules if family else ())
    )


def steps_judged(record: RunRecord) -> int:
    """How many of the run's last steps `hints` looks at; 0 while they are too few for more than a blow-up to show."""
    own = record.step - (record.parent_step or 0)
    return min(own, _span(_report(record))) if own >= WINDOW and record.step >= WARM_UP + WINDOW else 0


def _report(record: RunRecord) -> Report:
    return of_run(record.workflow_text)


def _span(checked: Report) -> int:
    every = next((node.every for node in checked.nodes.values() if isinstance(node, SampleGrid)), 1)
    return min(LONGEST, max(SHORTEST, CHECKUPS * every))


def _judged(checked: Report, steps: NDArray[np.int64], series: MetricColumns) -> tuple[Family | None, History]:
    """The run's family and its history. Of a workflow with a node that this version does not know, as far as it can.

    That is as far as the training node is known: then all that its family may record is looked at.
    """
    found = trained(checked)
    # Of scores that nothing is known of, nothing is said.
    if found is not None:
        training = found.training
        scores, checkup = training.scores or "critic", names_of(training.checkup)
        return training.family, History(steps, series, scores, checkup, training.metrics)
    family = next((node.family for node in checked.nodes.values() if isinstance(node, TrainingNode)), None)
    updated = names_of(family.series) if family else ()
    return family, History(steps, series, "critic", names_of(checkup_of()), updated)


def _in_use(checked: Report) -> Mapping[str, Port]:
    """What the training and the nodes that it depends on give out; a node that leads nowhere is left out."""
    found = trained(checked)
    return {node_id: ports[0] for node_id, ports in found.given.items()} if found else {}


def _role(port: Port, category: str) -> str:
    """What the node of this category that gives out this port does in a run."""
    match port:
        case OptimizerPort(network=network):
            return f"{network.role} optimizer"
        case NetworkPort(role=role):
            return role
        case _:
            return category


def _shown(levers: Iterable[Lever], checked: Report) -> Iterable[ShownLever]:
    """The levers that the workflow has, each with its node."""
    roles = {node_id: _role(port, checked.nodes[node_id].category) for node_id, port in _in_use(checked).items()}
    for lever in levers:
        for node_id in (node_id for node_id, role in roles.items() if role == lever.role):
            for form in parameters(type(checked.nodes[node_id])):
                if form.name == lever.parameter:
                    yield ShownLever(node_id, checked.titles[node_id], form.name, form.label, form.live)
