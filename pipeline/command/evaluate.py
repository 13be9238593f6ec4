"""`evaluate`: how good the images of a stored run are, measured in this process."""

import sys
from argparse import ArgumentParser, Namespace

from pipeline.command.answer import CommandResult, print_status
from pipeline.command.evaluation_options import add_options, asked_of, evaluation_line
from pipeline.command.evaluation_table import as_json, lines_of
from pipeline.command.numbers import integer
from pipeline.command.stores import existing_store
from pipeline.engine.stop_signals import Stop
from pipeline.formatting import visible


def options(parser: ArgumentParser) -> None:
    """Add the run, its checkpoints, and how they are measured."""
    parser.add_argument("run", metavar="RUN", help="run id, or latest")
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument(
        "--step", type=integer, metavar="K", action="append",
        help="evaluate the checkpoint of step K; may be given several times (default: the newest)",
    )  # fmt: skip
    chosen.add_argument("--every-checkpoint", action="store_true", help="evaluate all checkpoints that are kept")
    add_options(parser)


def run(arguments: Namespace) -> CommandResult:
    """Measure how good the images of a run are: distances from held-out images, what is missing, what is copied.

    Each metric is printed with its 95 % interval and its floor, which is its value for real images. The results are
    kept with the run; what was measured before in the same way is not measured again.
    """
    with existing_store() as store, Stop() as stop:
        record = store.resolve(arguments.run)
        from pipeline.evaluation.evaluate import Evaluator, evaluate_each

        asked = asked_of(arguments, tuple(arguments.step or ()), every_step=arguments.every_checkpoint)
        done = evaluate_each(Evaluator(store, record.id, asked, evaluation_line(sys.stderr, stop)))
    for sentence in done.failures:
        print_status(sentence)
    found = [each.only(asked.metrics) for each in done.found]
    return CommandResult(
        {"run": record.id, "evaluations": [as_json(each) for each in found], "failures": list(done.failures)},
        "\n\n".join("\n".join(map(visible, lines_of(each))) for each in found),
        1 if done.failures else 0,
    )
