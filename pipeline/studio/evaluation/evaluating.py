"""Evaluate runs with the evaluation engine, and read what was measured."""

from pipeline.errors.training import EngineGone
from pipeline.runs.evaluations import Evaluation, load_all
from pipeline.runs.store import Store
from pipeline.runtime.messages.evaluation_commands import Evaluate, StopEvaluation
from pipeline.runtime.messages.snapshot import EvaluationProgress
from pipeline.studio.evaluation.engine import EvaluationEngine

LEAST, MOST, USUAL = 10, 50_000, 1000
"""Limits and default of the number of generated images."""


def start(evaluator: EvaluationEngine, command: Evaluate) -> None:
    """Queue an evaluation. Raises CommandRefused (with the engine's message) or EngineGone."""
    evaluator.ask(command)


def stop(evaluator: EvaluationEngine, run: str) -> None:
    """Stop the evaluation of a run, for every browser; dismiss one that has failed."""
    try:
        evaluator.ask(StopEvaluation(run=run))
    except EngineGone:
        # It has ended with its evaluations.
        return


def progress_of(evaluator: EvaluationEngine, run: str) -> EvaluationProgress | None:
    """The evaluation of a run that waits, works or has failed; None if there is none."""
    snapshot = evaluator.snapshot
    if snapshot.engine != "ready":
        return None
    return next((each for each in snapshot.evaluations if each.run == run), None)


def evaluations_of(store: Store, run: str) -> list[Evaluation]:
    """All evaluations of a run, by step."""
    return load_all(store.files(run))
