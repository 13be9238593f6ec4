"""Hints on a run as pages show them: judged from its last steps in the store, with the parameters to change."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pipeline.families.family import Family
from pipeline.graph.check import Report
from pipeline.graph.form import parameters
from pipeline.health import rules
from pipeline.health.default import common_rules, rules_on_changes
from pipeline.health.hint import Hint, Rule, Severity, Suggestion
from pipeline.health.history import WARM_UP, WINDOW, History
from pipeline.nodes.training.output import SampleGrid
from pipeline.nodes.training.training_node import TrainingNode
from pipeline.nodes.training_subgraph import training_subgraph
from pipeline.runs import metrics, point_series
from pipeline.runs.series import LEARNING_RATE, Series, checkup_of, names_of
from pipeline.runs.store import RunRecord, Store
from pipeline.studio.run.run_facts import run_facts, suggested_roles
from pipeline.studio.workflows import of_run
from pipeline.why import Why

SHORTEST, CHECKUPS, LONGEST = 1_000, 20, 20_000
"""Hints judge the last SHORTEST steps or CHECKUPS checkups, whichever is longer, but at most LONGEST steps."""


MetricColumns = Mapping[str, NDArray[np.floating]]


@dataclass(frozen=True)
class SuggestedParameter:
    """A parameter of the run's workflow that a hint suggests to change. live: whether it can change during training."""

    node: str
    node_title: str
    parameter: str
    label: str
    live: bool

    @property
    def key(self) -> str:
        """Its name among live values, "node.parameter"."""
        return f"{self.node}.{self.parameter}"


@dataclass(frozen=True)
class ShownHint:
    """A hint, with those of its suggested parameters that the run's workflow has.

    headline: the finding in a few words. going_back_helps: whether it began at a step that is known.
    """

    code: str
    severity: Severity
    text: str
    remedy: str
    suggestions: tuple[SuggestedParameter, ...]
    headline: str
    why: Why | None
    going_back_helps: bool


def hints(store: Store, record: RunRecord, step: int | None = None) -> tuple[ShownHint, ...]:
    """The hints on the steps up to the one where the run stands, most severe first.

    record: the run's current record. step: where it stands; None for the last recorded step. Raises UnknownRun.
    """
    checked = _report(record)
    family, history = recorded_history(store, record, record.step if step is None else step, _span(checked))
    return tuple(_shown_hint(hint, checked) for hint in rules.hints(history, rules_of(family)))


def recorded_history(store: Store, record: RunRecord, step: int, count: int) -> tuple[Family | None, History]:
    """The run's family, and its history of the last `count` steps up to `step`. Raises UnknownRun."""
    checked = _report(record)
    first = max(1, step - count + 1)
    found = metrics.history(store, record.id, bands=count, first=first, last=step)
    family, history = _judged(checked, found.steps, {name: curve.last for name, curve in found.series.items()})
    points = point_series.read(store, record.id, history.checkup, first, step)
    if points:
        history = replace(history, measured=np.unique(np.concatenate([each.steps for each in points.values()])))
    return family, replace(history, facts=run_facts(store, record, checked, step, history.losses))


def rules_of(family: Family | None) -> tuple[Rule, ...]:
    """The rules of a family, and those that every family has."""
    if family is None:
        return ()
    roles = [role.name for role in family.roles]
    return (*rules_on_changes(roles), *family.health_rules, *common_rules(roles))


def steps_judged(record: RunRecord, step: int | None = None) -> int:
    """Number of last steps that `hints` judges; 0 while there are too few to detect anything but divergence."""
    step = record.step if step is None else step
    own = step - (record.parent_step or 0)
    return min(own, span_of(record)) if step >= first_judged(record) else 0


def first_judged(record: RunRecord) -> int:
    """The step from which on there are enough steps to judge the run by."""
    return max(WARM_UP, record.parent_step or 0) + WINDOW


def _report(record: RunRecord) -> Report:
    return of_run(record.workflow_text, record.data_text)


def span_of(record: RunRecord) -> int:
    """Number of last steps that hints on this run judge."""
    return _span(_report(record))


def _span(checked: Report) -> int:
    every = next((node.every for node in checked.nodes.values() if isinstance(node, SampleGrid)), 1)
    return min(LONGEST, max(SHORTEST, CHECKUPS * every))


def _judged(checked: Report, steps: NDArray[np.int64], series: MetricColumns) -> tuple[Family | None, History]:
    """The run's family and history.

    If the workflow cannot be checked because this version lacks one of its nodes, the training node, if known, still
    determines the family, and all series that the family may record are judged.
    """
    found = training_subgraph(checked)
    # "critic" for unknown scores, so that no hint relies on their scale.
    if found is not None:
        training = found.training
        scores, checkup = training.scores or "critic", names_of(training.checkup)
        rates = tuple(each.name for each in training.series if _is_rate(each))
        losses = tuple(each.name for each in training.series if each.chart and each.chart.losses)
        return training.family, History(steps, series, scores, checkup, training.metrics, rates=rates, losses=losses)
    family = next((node.family for node in checked.nodes.values() if isinstance(node, TrainingNode)), None)
    updated = names_of(family.series) if family else ()
    return family, History(steps, series, "critic", names_of(checkup_of()), updated)


def _is_rate(series: Series) -> bool:
    return series.chart == LEARNING_RATE or series.name.endswith("learning_rate")


def _shown_hint(hint: Hint, checked: Report) -> ShownHint:
    suggestions = tuple(_shown(hint.suggestions, checked))
    return ShownHint(
        hint.code, hint.severity, hint.text, hint.remedy, suggestions, hint.headline, hint.why, hint.since is not None
    )


def _shown(suggestions: Iterable[Suggestion], checked: Report) -> Iterable[SuggestedParameter]:
    """The suggested parameters that the workflow has, each with its node; without unused nodes."""
    found = training_subgraph(checked)
    roles = suggested_roles(found, checked) if found else {}
    for lever in suggestions:
        for node_id in (node_id for node_id, role in roles.items() if role == lever.role):
            for form in parameters(type(checked.nodes[node_id])):
                if form.name == lever.parameter:
                    yield SuggestedParameter(node_id, checked.titles[node_id], form.name, form.label, form.live)
