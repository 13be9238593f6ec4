"""`runs`: a list of the newest runs."""

from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from pipeline.command.answer import CommandResult
from pipeline.command.numbers import whole_number
from pipeline.formatting import ago, conditions, duration, number, visible
from pipeline.runs import periodic
from pipeline.runs.home import home
from pipeline.runs.interrupted import mark_interrupted
from pipeline.runs.store import RunRecord, Store


def options(parser: ArgumentParser) -> None:
    """Add the number of runs to list."""
    parser.add_argument(
        "--limit", type=whole_number(1, 100_000), default=20, metavar="N", help="list the N newest runs (default: 20)"
    )


def run(arguments: Namespace) -> CommandResult:
    """List the newest runs: id, state, seed, device and CPU threads, steps, speed, training time, age, name and who
    started them."""
    with Store(home()) as store:
        # A run whose process was killed is still recorded as running.
        mark_interrupted(store)
        records = store.recent(arguments.limit)
        facts = [_facts(store, record) for record in records]
    text = (
        _aligned([_row(record) for record in records])
        if records
        else "No runs yet. Start one with `python -m pipeline train WORKFLOW`."
    )
    return CommandResult({"runs": facts}, text)


def _facts(store: Store, record: RunRecord) -> dict[str, Any]:
    """The record of a run, and the best checkpoint by its periodic evaluation: its metric, step and value."""
    found = periodic.load(store.files(record.id))
    best = asdict(found.best) if found and found.best else None
    kept = (
        "name", "state", "step", "total_steps", "seconds", "images_per_second", "device", "threads", "seed",
        "batch_size", "who", "parent", "parent_step", "error", "error_node", "version",
    )  # fmt: skip
    times = {name: datetime.fromtimestamp(getattr(record, name), UTC).isoformat() for name in ("created", "updated")}
    return {"run": record.id, **{name: getattr(record, name) for name in kept}, **times, "best": best}


def _row(record: RunRecord) -> tuple[str, ...]:
    return (
        record.id,
        record.state,
        conditions(record.seed, record.device, record.threads),
        f"{record.step:,} of {record.total_steps:,} steps",
        f"{number(record.images_per_second)} images/s",
        duration(record.seconds),
        ago(record.created),
        visible(f"{record.name} ({record.who})" if record.who else record.name),
    )


def _aligned(rows: list[tuple[str, ...]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
