"""Sweeps: a workflow and the values of some of its parameters -> the workflows of the runs, each checked.

`grid` makes every combination, `random_search` draws some: with the same seed the same ones, on every machine (it uses
only `Random.random`, whose sequence Python keeps between versions).
"""

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random

from pipeline.errors.queue import UnusableSweep
from pipeline.errors.training import MadeInPython
from pipeline.errors.workflow import InvalidWorkflow
from pipeline.formatting import plain, shortened
from pipeline.graph import edit
from pipeline.graph.check import Report, title_of
from pipeline.graph.workflow import Json, Workflow
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.checked_workflow import CheckedWorkflow, check_workflow
from pipeline.runs.workflows import LONGEST_NAME, as_name
from pipeline.studio.queue.sweep_values import Axis, Values

MOST_RUNS = 1000
"""Maximum number of runs of a sweep."""
SHORT = {"learning_rate": "lr", "batch_size": "batch", "total_steps": "steps"}
"""Short names of parameters in the names of runs; others have their own, with spaces."""


@dataclass(frozen=True)
class SweepRun:
    """One run of a sweep. name: such as "dcgan, lr 0.001, batch 64". settings: "NODE.PARAMETER=VALUE" of each parameter
    that varies."""

    name: str
    settings: tuple[str, ...]
    checked: CheckedWorkflow

    @property
    def report(self) -> Report:
        return self.checked.report


@dataclass(frozen=True)
class RefusedRun:
    """A combination that makes no valid workflow. why: sentences."""

    settings: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Sweep:
    """The runs of a sweep. refused: combinations that cannot be trained. duplicates: how many combinations were dropped
    because they make the same workflow as another."""

    name: str
    runs: tuple[SweepRun, ...]
    refused: tuple[RefusedRun, ...] = ()
    duplicates: int = 0

    def require_runs(self) -> None:
        """Raises UnusableSweep if no combination can be trained."""
        if not self.runs:
            first = self.refused[0]
            remedy = f"The first one ({', '.join(first.settings)}): {first.why}"
            raise UnusableSweep("none of its combinations can be trained", shortened(remedy, 500))


def grid(workflow: Workflow, axes: Sequence[Values]) -> Sweep:
    """Every combination of the values; the last parameter varies fastest. Raises UnusableSweep."""
    _require_axes(axes)
    count = math.prod(len(axis.texts) for axis in axes)
    if count > MOST_RUNS:
        remedy = "Leave out values, or draw some of them at random (on the command line with --random and --runs)."
        raise UnusableSweep(f"it has {count:,} combinations; the most are {MOST_RUNS:,}", remedy)
    return _sweep(workflow, axes, itertools.product(*(axis.texts for axis in axes)))


def random_search(workflow: Workflow, axes: Sequence[Axis], runs: int, seed: int) -> Sweep:
    """`runs` combinations, each value drawn by itself from its range or list. Raises UnusableSweep."""
    _require_axes(axes)
    if not 1 <= runs <= MOST_RUNS:
        raise UnusableSweep(f"{runs:,} runs are not between 1 and {MOST_RUNS:,}", "Choose another number of runs.")
    random = Random(seed)
    return _sweep(workflow, axes, [tuple(axis.draw(random) for axis in axes) for _ in range(runs)])


def _require_axes(axes: Sequence[Axis]) -> None:
    if not axes:
        raise UnusableSweep("no parameter varies", "Name one: NODE.PARAMETER=a,b,c.")
    key, times = Counter(axis.key for axis in axes).most_common(1)[0]
    if times > 1:
        raise UnusableSweep(f"{key[:60]} is named {times} times", "Write all of its values in one list.")


def _sweep(workflow: Workflow, axes: Sequence[Axis], combinations: Iterable[tuple[str, ...]]) -> Sweep:
    found: dict[tuple[str, ...], SweepRun | RefusedRun] = {}
    labels, count = _labels(workflow, axes), 0
    for texts in combinations:
        count += 1
        settings = tuple(f"{axis.key}={text}" for axis, text in zip(axes, texts, strict=True))
        changed = edit.apply_settings(workflow, settings, NODES)
        values = [_value(changed, axis.key) for axis in axes]
        try:
            checked = check_workflow(changed)
            checked.require_given()
        except InvalidWorkflow as error:
            found.setdefault(tuple(map(repr, values)), RefusedRun(settings, " ".join(error.problems)))
        except MadeInPython as error:
            found.setdefault(tuple(map(repr, values)), RefusedRun(settings, str(error)))
        else:
            run = SweepRun(_name(workflow, labels, values), settings, checked)
            found.setdefault(_meant(checked.report, axes, values), run)
    runs = tuple(each for each in found.values() if isinstance(each, SweepRun))
    refused = tuple(each for each in found.values() if isinstance(each, RefusedRun))
    name = as_name(f"{as_name(workflow.name)[: LONGEST_NAME - len(' sweep')]} sweep")
    return Sweep(name, _told_apart(workflow, runs), refused, count - len(found))


def _meant(report: Report, axes: Sequence[Axis], values: Sequence[Json]) -> tuple[str, ...]:
    """What the values mean for training: equal for 1 and 1.0 of a float, and for all values of a bypassed node."""
    meant = []
    for axis, value in zip(axes, values, strict=True):
        node_id, _, name = axis.key.rpartition(".")
        node = report.nodes.get(node_id)
        meant.append("bypassed" if node is None else repr(getattr(node, name, value)))
    return tuple(meant)


def _labels(workflow: Workflow, axes: Sequence[Axis]) -> list[str]:
    """What each parameter is called in the names of runs: `lr`; with the title of its node before it if several
    share the name."""
    parts = [axis.key.rpartition(".") for axis in axes]
    titles: dict[str, list[list[str]]] = {}
    for node_id, _, name in parts:
        titles.setdefault(name, []).append(_words(workflow, node_id))
    labels = []
    for node_id, _, name in parts:
        own, others = _words(workflow, node_id), titles[name]
        # Without the words that all their nodes have, such as "Adam".
        node = [word for word in own if not all(word in other for other in others)] or own
        short = SHORT.get(name, name.replace("_", " "))
        labels.append(" ".join([*node, short]) if len(others) > 1 else short)
    return labels


def _words(workflow: Workflow, node_id: str) -> list[str]:
    """The words of a node's title, without parentheses."""
    return [word.strip("()") for word in title_of(workflow.nodes[node_id], NODES).split()]


def _value(workflow: Workflow, key: str) -> Json:
    """The value of a parameter, or whether a node is bypassed."""
    node_id, _, name = key.rpartition(".")
    node = workflow.nodes[node_id]
    return node.inputs.get(name, node.bypassed)


def _name(workflow: Workflow, labels: Sequence[str], values: Sequence[Json]) -> str:
    return ", ".join(
        [workflow.name, *(f"{label} {_in_words(each)}" for label, each in zip(labels, values, strict=True))]
    )


def _in_words(value: Json) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return plain(value) if isinstance(value, int | float) else str(value)


def _told_apart(workflow: Workflow, runs: tuple[SweepRun, ...]) -> tuple[SweepRun, ...]:
    """The runs with names that are not too long and differ: numbered if their values do not fit into a name."""
    if all(len(run.name) <= LONGEST_NAME for run in runs) and len({run.name for run in runs}) == len(runs):
        return runs
    base = as_name(workflow.name)[: LONGEST_NAME - len(", 1,000 of 1,000")]
    return tuple(
        SweepRun(f"{base}, {number:,} of {len(runs):,}", run.settings, run.checked)
        for number, run in enumerate(runs, 1)
    )
