"""How many bytes runs take, by kind: `runs space`."""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping

from pipeline.command.answer import CommandResult
from pipeline.command.numbers import whole_number
from pipeline.command.run_list import aligned
from pipeline.formatting import counted, size, visible
from pipeline.runs.catalogue import EVERY_RUN, search
from pipeline.runs.space import KINDS, space_of
from pipeline.runs.store import Store

MOST_RUNS = 100_000


def options(parser: ArgumentParser) -> None:
    """Add the number of runs to list."""
    parser.add_argument(
        "--limit", type=whole_number(1, MOST_RUNS), default=20, metavar="N",
        help="list the N largest runs (default: 20); the sums are of all",
    )  # fmt: skip


def space(store: Store, arguments: Namespace) -> CommandResult:
    """The bytes of the files of each run and of all, and what deleting the archived ones would free."""
    records = search(store, EVERY_RUN, limit=MOST_RUNS).records
    taken = {record.id: space_of(store.files(record.id)) for record in records}
    largest = sorted(records, key=lambda record: -sum(taken[record.id].values()))[: arguments.limit]
    total = {kind: sum(each[kind] for each in taken.values()) for kind in KINDS}
    archived = [record for record in records if record.archived]
    free = sum(sum(taken[record.id].values()) for record in archived)
    facts = {
        "runs": [
            {"run": each.id, "name": each.name, "archived": each.archived, **_facts(taken[each.id])} for each in largest
        ],
        "total": _facts(total),
        "archived": {"runs": len(archived), "bytes": free},
    }
    if not records:
        return CommandResult(facts, "No runs yet, so they take no space.")
    rows: list[tuple[str, ...]] = [("run", *KINDS, "in all", "name")]
    for each in largest:
        rows.append((each.id, *_sizes(taken[each.id]), visible(each.name) + (" (archived)" if each.archived else "")))
    rows.append((counted(len(records), "run"), *_sizes(total), ""))
    lines = [aligned(rows)]
    if archived:
        lines.append(f"`runs delete --archived` would delete {counted(len(archived), 'run')} and free {size(free)}.")
    return CommandResult(facts, "\n".join(lines))


def _facts(taken: Mapping[str, int]) -> dict[str, int]:
    return {**taken, "bytes": sum(taken.values())}


def _sizes(taken: Mapping[str, int]) -> tuple[str, ...]:
    return (*(size(taken[kind]) for kind in KINDS), size(sum(taken.values())))
