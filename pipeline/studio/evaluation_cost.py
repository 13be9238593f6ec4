"""What the periodic evaluation of a workflow's run will take, from earlier runs in this home with an equal one."""

from collections.abc import Sequence
from functools import lru_cache

from pipeline.formatting import counted, duration
from pipeline.graph.check import Report
from pipeline.nodes.training_subgraph import periodic_evaluation, training_subgraph
from pipeline.runs import periodic
from pipeline.runs.store import RunRecord, Store
from pipeline.studio import workflows

FEW = 5
"""Newest runs whose mean counts."""


def evaluation_words(store: Store, report: Report, runs: Sequence[RunRecord]) -> str:
    """How often a new run of a checked workflow is evaluated, and for how long training then waits, as a sentence.

    runs: earlier ones, newest first. "" without a periodic evaluation.
    """
    node, found = periodic_evaluation(report), training_subgraph(report)
    if node is None or found is None:
        return ""
    # The last step is evaluated too.
    times = -(-found.training.total_steps // node.every)
    begun = f"Periodic evaluation: {counted(times, 'time')}"
    alike = [each for each in runs if _kind(each.workflow_text, each.data_text) == _kind_of(report)]
    known = [facts for each in alike if (facts := periodic.load(store.files(each.id))) and facts.times][:FEW]
    if not known:
        return f"{begun}; how long training waits for it is known after a run with it."
    each = sum(facts.seconds for facts in known) / sum(facts.times for facts in known)
    runs_words = "an earlier run" if len(known) == 1 else f"{len(known)} earlier runs"
    return f"{begun}, for which training waits about {duration(times * each)}, by {runs_words} like this."


@lru_cache(maxsize=64)
def _kind(workflow_text: str, data_text: str) -> tuple[object, ...] | None:
    return _kind_of(workflows.of_run(workflow_text, data_text))


def _kind_of(report: Report) -> tuple[object, ...] | None:
    """Equal for runs whose evaluations take as long: of as many images, by the same features and metrics, made by the
    same network."""
    node, found = periodic_evaluation(report), training_subgraph(report)
    if node is None or found is None:
        return None
    training = found.training
    options = tuple((option.name, option.default) for option in training.options)
    return node.count, node.metrics, node.features, training.device, options, repr(training.sampled.plan)
