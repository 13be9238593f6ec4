"""`export`: the metrics of a run, as a file for other programs."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from pipeline.command.answer import CommandResult
from pipeline.command.files import writable
from pipeline.formatting import visible
from pipeline.runs.home import home
from pipeline.runs.store import Store


def options(parser: ArgumentParser) -> None:
    """Add the run, the format and the output file."""
    parser.add_argument("run", metavar="RUN", help="run id, or latest")
    parser.add_argument(
        "--to", choices=["csv"], required=True, help="csv: one row for each step, one column for each metric"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="output file; overwritten if it exists")


def run(arguments: Namespace) -> CommandResult:
    """Write the metrics of a run to a file."""
    from pipeline.runs.exports import to_csv

    out = writable(arguments.out, (".csv",))
    with Store(home()) as store:
        record = store.resolve(arguments.run)
        steps = to_csv(store, record.id, out)
    return CommandResult(
        {"run": record.id, "to": arguments.to, "out": str(out), "steps": steps},
        f"Wrote {steps:,} steps of run {record.id} to {visible(str(out))}.",
    )
