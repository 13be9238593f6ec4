"""Delete runs: `runs delete`. Without --yes it asks in a terminal, and elsewhere only says what it would delete."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator

from pipeline.command.answer import CommandResult, print_status
from pipeline.command.run_edits import RUN_HELP, resolved
from pipeline.errors.machine import UnreadableCommand
from pipeline.formatting import counted, listed, size
from pipeline.runs.catalogue import search
from pipeline.runs.run_filter import RunFilter
from pipeline.runs.store import Store
from pipeline.studio.run import deleting
from pipeline.studio.run.deleting import DeletionPlan

MOST_LINES = 20
"""Runs that are listed; of further ones it gives the number."""
MOST_RUNS = 100_000


def options(parser: ArgumentParser) -> None:
    """Add the runs, and whether to ask."""
    parser.add_argument("run", nargs="*", metavar="RUN", help=RUN_HELP)
    parser.add_argument("--archived", action="store_true", help="also all archived runs")
    parser.add_argument(
        "--uploads", action="store_true", help="also uploaded data sets that nothing else uses; otherwise they are kept"
    )
    parser.add_argument("--yes", action="store_true", help="delete without asking")


def delete(store: Store, arguments: Namespace) -> CommandResult:
    """Delete runs and their files."""
    runs = resolved(store, arguments.run)
    if arguments.archived:
        runs += [each.id for each in search(store, RunFilter(archived=True), limit=MOST_RUNS).records]
    if not runs and not arguments.archived:
        raise UnreadableCommand("runs delete", "name the runs, or use --archived")
    found = deleting.plan(store, runs, uploads=arguments.uploads)
    facts = {
        "runs": found.ids,
        "bytes": found.bytes,
        "forks": [fork.id for fork in found.forks],
        "uploads": [upload.name for upload in found.uploads],
    }
    if not found.runs:
        return CommandResult({**facts, "deleted": True}, "No run is archived, so nothing was deleted.")
    sentences = "\n".join(_sentences(found))
    if not arguments.yes and not _agreed(sentences):
        said = f"{sentences}\nNothing was deleted. To delete without a question, add --yes."
        return CommandResult({"error": said, "kind": "NotConfirmed", **facts, "deleted": False}, said, 2)
    freed = deleting.delete(store, found)
    return CommandResult(
        {**facts, "bytes": freed, "deleted": True}, f"Deleted {counted(len(found.runs), 'run')}; {size(freed)} freed."
    )


def _sentences(found: DeletionPlan) -> Iterator[str]:
    count = counted(len(found.runs), "run")
    logs = f", and the logs of {counted(len(found.jobs), 'job')}" if found.jobs else ""
    yield f"This deletes {count}, with checkpoints, grids and metrics{logs}, and frees {size(found.bytes)}:"
    yield from (f"  {record.id}  {record.name}" for record in found.runs[:MOST_LINES])
    if len(found.runs) > MOST_LINES:
        yield f"  and {len(found.runs) - MOST_LINES:,} more"
    if found.forks:
        stays = "stays, but loses its curves" if len(found.forks) == 1 else "stay, but lose their curves"
        yield f"{counted(len(found.forks), 'fork')} of them {stays} from before the fork."
    if found.uploads:
        yield f"Uploads that nothing else uses: {listed(upload.name for upload in found.uploads)}."


def _agreed(sentences: str) -> bool:
    """Whether the user agrees, in a terminal; False elsewhere, without a question."""
    if sys.stdin is None or not sys.stdin.isatty():
        return False
    print_status(f"{sentences}\nDelete for good? Type yes:")
    return sys.stdin.readline().strip().lower() in ("y", "yes")
