"""The list of runs: the newest, or those that are looked for."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, get_args

from pipeline.command.answer import CommandResult
from pipeline.command.numbers import whole_number
from pipeline.errors.runs import UnknownOrder
from pipeline.formatting import ago, conditions, duration, number, visible
from pipeline.runs import periodic, pins
from pipeline.runs.catalogue import EVERY_RUN, Found, search
from pipeline.runs.figures import figures, metric_names
from pipeline.runs.run_filter import COLUMNS, LONGEST_WORDS, Order, RunFilter
from pipeline.runs.store import RunRecord, State, Store

FILTERS = ("find", "state", "template", "tag")
"""The options that choose runs; `runs delete` has an --archived of its own."""


def options(parser: ArgumentParser) -> None:
    """Add what to look for, the order, and the number of runs to list."""
    parser.add_argument(
        "--limit", type=whole_number(1, 100_000), default=20, metavar="N", help="list at most N runs (default: 20)"
    )
    parser.add_argument(
        "--find", type=_words, default="", metavar="WORDS",
        help="only runs in whose id, name, note, tags, user, template or data each of these words occurs",
    )  # fmt: skip
    parser.add_argument(
        "--state", action="append", choices=get_args(State), help="only runs in this state; repeatable, for any of them"
    )
    parser.add_argument(
        "--template", action="append", metavar="NAME", help="only runs of this template; repeatable, for any of them"
    )
    parser.add_argument(
        "--tag", action="append", metavar="TAG", help="only runs with this tag; repeatable, for all of them"
    )
    parser.add_argument("--archived", action="store_true", help="list the archived runs, which are left out otherwise")
    parser.add_argument(
        "--sort", default="-created", metavar="[-]KEY",
        help="a column such as name, step, seconds or created, or a metric: its last value, or METRIC:low and "
        "METRIC:high; with a minus in descending order (write --sort=-step). Default: -created",
    )  # fmt: skip


def listing(store: Store, arguments: Namespace) -> CommandResult:
    """The runs that are looked for, in the order asked for."""
    order = _order(store, arguments.sort)
    wanted = RunFilter(
        words=tuple(arguments.find.split()),
        states=tuple(arguments.state or ()),
        templates=tuple(arguments.template or ()),
        tags=tuple(arguments.tag or ()),
        archived=arguments.archived,
    )
    found = search(store, wanted, order, arguments.limit)
    values = _values(store, found, order)
    facts = [_facts(store, found, record) | _value_fact(values, record) for record in found.records]
    total = {"total": found.total} if wanted != RunFilter() else {}
    return CommandResult({"runs": facts, **total}, _text(found, wanted, order, values))


def _words(text: str) -> str:
    """The text as it is. Raises ArgumentTypeError if it is too long."""
    if len(text) > LONGEST_WORDS:
        raise ArgumentTypeError(f"{text[:40]!r} and what follows are more than {LONGEST_WORDS} characters")
    return text


def _order(store: Store, text: str) -> Order:
    """The order of this name. Raises UnknownOrder if it is neither a column nor a metric of any run."""
    order = Order.parse(text)
    if order.by_metric:
        known = metric_names(store, EVERY_RUN)
        if order.key not in known:
            raise UnknownOrder(order.key, [*COLUMNS, *known])
    return order


def _values(store: Store, found: Found, order: Order) -> dict[str, float | None]:
    """The value of each run by which the runs are ordered, if that is a metric's; empty otherwise."""
    if not order.by_metric:
        return {}
    ids = [record.id for record in found.records]
    known = figures(store, ids, [order.key])
    return {run: known[run][order.key].of(order.of) if run in known else None for run in ids}


def _value_fact(values: dict[str, float | None], record: RunRecord) -> dict[str, float | None]:
    return {"value": values[record.id]} if values else {}


def _text(found: Found, wanted: RunFilter, order: Order, values: dict[str, float | None]) -> str:
    if not found.records:
        nothing = "No run is archived." if wanted == RunFilter(archived=True) else "No run fits."
        start = "No runs yet. Start one with `python -m pipeline train WORKFLOW`."
        return start if wanted == RunFilter() else nothing
    rows = [_row(record, order, values) for record in found.records]
    lines = [aligned(rows)]
    if wanted != RunFilter() and found.total > len(rows):
        lines.append(f"{len(rows):,} of {found.total:,} runs; --limit N lists more.")
    return "\n".join(lines)


def _facts(store: Store, found: Found, record: RunRecord) -> dict[str, Any]:
    """The record of a run, its tags, its pinned checkpoints, and the best one by its periodic evaluation: its metric,
    step and value."""
    files = store.files(record.id)
    evaluated = periodic.load(files)
    best = asdict(evaluated.best) if evaluated and evaluated.best else None
    kept = (
        "name", "state", "step", "total_steps", "seconds", "images_per_second", "device", "threads",
        "processes", "seed",
        "batch_size", "who", "parent", "parent_step", "error", "error_node", "version", "template", "images",
        "changed", "note", "archived",
    )  # fmt: skip
    times = {name: datetime.fromtimestamp(getattr(record, name), UTC).isoformat() for name in ("created", "updated")}
    tags = found.tags.get(record.id, ())
    beside = {"best": best, "tags": tags, "pinned": sorted(pins.pinned(files))}
    return {"run": record.id, **{name: getattr(record, name) for name in kept}, **times, **beside}


def _row(record: RunRecord, order: Order, values: dict[str, float | None]) -> tuple[str, ...]:
    value = values.get(record.id)
    shown = (f"{order.key} {'–' if value is None else number(value)}",) if values else ()
    return (
        record.id,
        record.state,
        conditions(record.seed, record.device, record.threads, record.processes),
        f"{record.step:,} of {record.total_steps:,} steps",
        f"{number(record.images_per_second)} images/s",
        duration(record.seconds),
        ago(record.created),
        *shown,
        visible(f"{record.name} ({record.who})" if record.who else record.name),
    )


def aligned(rows: list[tuple[str, ...]]) -> str:
    """The rows as lines, each column as wide as its longest entry."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
