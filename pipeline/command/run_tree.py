"""Forks as a tree: `runs tree`."""

from argparse import ArgumentParser, Namespace
from dataclasses import asdict

from pipeline.command.answer import CommandResult
from pipeline.command.run_edits import RUN_HELP
from pipeline.formatting import visible
from pipeline.runs.lineage import Relative, families
from pipeline.runs.store import Store


def options(parser: ArgumentParser) -> None:
    """Add the run at the root."""
    parser.add_argument("run", nargs="?", metavar="RUN", help=f"only this run and its forks ({RUN_HELP})")


def tree(store: Store, arguments: Namespace) -> CommandResult:
    """Every run that was forked, with its forks below it: the step and what was changed."""
    root = store.resolve(arguments.run).id if arguments.run else ""
    found = families(store, root)
    facts = [{"run": each.id, **{name: fact for name, fact in asdict(each).items() if name != "id"}} for each in found]
    return CommandResult({"runs": facts}, "\n".join(map(_line, found)) or "No run was forked.")


def _line(each: Relative) -> str:
    from_step = f"from {each.parent_step:,}" if each.parent_step is not None else ""
    origin = f"{from_step} of a deleted run" if from_step and each.parent is None else from_step
    parts = (origin, each.id, each.name, f"step {each.step:,}", each.changed)
    return "  " * each.depth + "  ".join(visible(part) for part in parts if part)
