"""Evaluate runs with the evaluation engine, and read what was measured."""

from pipeline.errors.training import EngineGone
from pipeline.runs.evaluations import Evaluation, load_all
from pipeline.runs.store import Store
from pipeline.runtime.messages.evaluation_commands import StopEvaluation
from pipeline.studio.evaluation.engine import EvaluationEngine

LEAST, MOST, USUAL = 10, 50_000, 1000
"""Limits and default of the number of generated images."""


def stop(engine: EvaluationEngine, run: str) -> None:
    """Stop the evaluation of a run, for every browser; dismiss one that has failed or was refused."""
    engine.forget(run)
    if engine.snapshot.engine == "gone":
        # It has ended with its evaluations.
        return
    try:
        engine.ask(StopEvaluation(run=run))
    except EngineGone:
        return


def evaluations_of(store: Store, run: str) -> list[Evaluation]:
    """All evaluations of a run, by step."""
    return load_all(store.files(run))
