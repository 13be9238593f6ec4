"""`compare`: which of several runs or checkpoints draws better images, as far as the numbers tell."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from pipeline.command.answer import CommandResult, print_status
from pipeline.command.evaluation_options import add_options, asked_of, evaluation_line
from pipeline.command.evaluation_table import as_json
from pipeline.command.stores import existing_store
from pipeline.engine.stop_signals import Stop
from pipeline.errors.machine import UnreadableCommand
from pipeline.errors.runs import NoCheckpoint, UnknownCheckpoint
from pipeline.formatting import counted, visible
from pipeline.runs.evaluations import Evaluation
from pipeline.runs.store import Store
from pipeline.studio.evaluation.comparing import Row, compare
from pipeline.studio.evaluation.words import (
    DIRECTIONS,
    counts_words,
    features_words,
    interval_words,
    value_words,
    weights_words,
)

LETTERS = "ABCDEFGH"
"""What the runs are called in the table."""
MOST = len(LETTERS)


def options(parser: ArgumentParser) -> None:
    """Add the runs and how they are measured."""
    parser.add_argument(
        "runs", metavar="RUN", nargs="+",
        help="two or more run ids, or latest; RUN@K is the checkpoint of step K (default: the newest)",
    )  # fmt: skip
    add_options(parser)


def run(arguments: Namespace) -> CommandResult:
    """Compare runs or checkpoints: images of the same seed against the same real images, in one table with intervals.

    A difference is put into words only where the intervals allow it. What was measured before in the same way is not
    measured again.
    """
    if not 2 <= len(arguments.runs) <= MOST:
        raise UnreadableCommand("compare", f"name 2 to {MOST} runs or checkpoints")
    with existing_store() as store, Stop() as stop:
        wanted = [_place(store, each) for each in arguments.runs]
        from pipeline.evaluation.evaluate import Evaluator

        line = evaluation_line(sys.stderr, stop)
        found: list[Evaluation] = []
        for run_id, step in wanted:
            print_status(f"Evaluating run {run_id}" + ("" if step is None else f" at step {step:,}"))
            asked = asked_of(arguments, () if step is None else (step,))
            evaluator = Evaluator(store, run_id, asked, line)
            found.append(evaluator.evaluate(evaluator.steps[0]).only(asked.metrics))
    rows = compare(found)
    facts = {"evaluations": [as_json(each) for each in found], "metrics": [_facts(row) for row in rows]}
    return CommandResult(facts, "\n".join(map(visible, _lines(found, rows))))


def _place(store: Store, named: str) -> tuple[str, int | None]:
    """The run and the step of RUN or RUN@K. Raises UnknownRun, UnknownCheckpoint, NoCheckpoint, UnreadableCommand."""
    name, at, step = named.partition("@")
    if at and not (step.isascii() and step.isdigit() and len(step) < 19):
        raise UnreadableCommand("compare", f"{named[:60]!r} names no checkpoint: write RUN@K, with K a step")
    run = store.resolve(name).id
    known = [each for each, _ in store.files(run).checkpoints()]
    if at and int(step) not in known:
        raise UnknownCheckpoint(run, int(step), known) if known else NoCheckpoint(run)
    return run, int(step) if at else None


def _lines(found: Sequence[Evaluation], rows: Sequence[Row]) -> Iterator[str]:
    way = found[0].way
    for letter, each in zip(LETTERS, found, strict=False):
        yield f"{letter}: run {each.run} at step {each.step:,}, {weights_words(each.way)}"
    yield (
        f"{counted(way.count, 'image')} of seed {way.seed} each, against "
        f"{counted(found[0].held_out, 'held-out image')} of {way.data}. Features: {features_words(way)}."
    )
    for row in rows:
        yield f"{row.metric.title} ({DIRECTIONS[row.metric.better]})"
        for letter, result in zip(LETTERS, row.results, strict=False):
            if result is None or result.value is None:
                yield f"  {letter}: not measured" + (f": {result.reason}" if result else "")
                continue
            interval = interval_words(row.metric, result)
            yield (
                f"  {letter}: {value_words(row.metric, result.value)}{interval and f' ({interval})'}, floor "
                f"{value_words(row.metric, result.floor)}; {counts_words(result)}"
            )
        for letter, difference in zip(LETTERS[1:], row.differences, strict=False):
            if difference is not None:
                yield f"  {letter} beside A: {difference.words}"


def _facts(row: Row) -> dict[str, Any]:
    return {
        "metric": row.metric.name,
        "unit": row.metric.unit,
        "better": row.metric.better,
        "results": [None if each is None else asdict(each) for each in row.results],
        "differences": [None if each is None else asdict(each) for each in row.differences],
    }
