"""`export`: what a run has recorded, as a file for other programs."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from pipeline.command.answer import CommandResult
from pipeline.command.files import writable
from pipeline.runs.home import home
from pipeline.runs.store import Store


def options(parser: ArgumentParser) -> None:
    """The run, the kind of file, and where to."""
    parser.add_argument("run", metavar="RUN", help="a run's id, or latest")
    parser.add_argument("--to", choices=["csv"], required=True, help="csv: step and a column for each metric")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="written anew if it is there already")


def run(arguments: Namespace) -> CommandResult:
    """Writes a run's metrics to a file."""
    from pipeline.runs.exports import to_csv

    out = writable(arguments.out, (".csv",))
    with Store(home()) as store:
        record = store.resolve(arguments.run)
        steps = to_csv(store, record.id, out)
    return CommandResult(
        {"run": record.id, "to": arguments.to, "out": str(out), "steps": steps},
        f"{steps:,} steps of run {record.id} are in {out}.",
    )
