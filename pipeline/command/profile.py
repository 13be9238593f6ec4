"""`profile`: where the time of training steps goes, measured in this process, without a server."""

import gzip
import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.command.answer import CommandResult
from pipeline.command.files import read_workflow, writable
from pipeline.command.numbers import whole_number
from pipeline.command.run_list import aligned
from pipeline.command.stores import open_store
from pipeline.data.progress import ReadProgress
from pipeline.engine.stop_signals import Stop
from pipeline.engine.terminal_line import ReadingLine
from pipeline.formatting import number, size, visible
from pipeline.nodes.checked_workflow import check_run, check_workflow
from pipeline.runs import profiles
from pipeline.runs.atomic_files import write_atomically
from pipeline.runs.profile_records import MOST_STEPS, USUAL_STEPS, Profile
from pipeline.runs.store import Store
from pipeline.runtime.cores import SHORT_SPIN

if TYPE_CHECKING:
    from pipeline.engine.active_run import ActiveRun

SHOWN_OPERATORS = 15
PACKED = ".gz"


def options(parser: ArgumentParser) -> None:
    """Add what to profile, for how many steps, and where the trace goes."""
    parser.add_argument(
        "of", metavar="RUN|WORKFLOW",
        help="run id or latest, which is resumed from its last checkpoint; or a workflow file (JSON, or a sample "
        "grid), of which a new run is started",
    )  # fmt: skip
    parser.add_argument(
        "--steps", type=whole_number(1, MOST_STEPS), default=USUAL_STEPS, metavar="N",
        help=f"measure N steps, after one more to warm up (default: {USUAL_STEPS})",
    )  # fmt: skip
    parser.add_argument(
        "--out", type=Path, metavar="PATH",
        help="write the trace to this file, which Perfetto opens; its name ends in .json, or in .json.gz to pack it. "
        "It is kept with the run too",
    )  # fmt: skip


def run(arguments: Namespace) -> CommandResult:
    """Profile training steps of a run, or of a new run of a workflow: their time by stage and by operator of PyTorch.

    The steps are recorded as by `train`, and training is not changed: the run equals one without a profile. The
    profile is kept with the run, and shown on Inspect.
    """
    for name, value in SHORT_SPIN.items():
        os.environ.setdefault(name, value)
    out = None if arguments.out is None else writable(arguments.out, (".json", PACKED))
    path = Path(arguments.of)
    take_up = _starting(path) if path.suffix.lower() in (".json", ".png") else _resuming(arguments.of)
    with open_store() as store, Stop() as stop, closing(take_up(store, ReadingLine(sys.stderr, stop))) as active:
        made = _profiled(active, arguments.steps, stop)
        if made is None:
            told = "Stopped before a step was measured."
            return CommandResult({"error": told, "kind": "Stopped"}, told, stop.exit_code or 1)
        if out is not None:
            _write(active, made, out)
        facts: dict[str, Any] = {"run": active.id, "step": active.step, "out": out and str(out), **made.as_dict()}
        return CommandResult(facts, _text(active, made, out), stop.exit_code if stop.asked() else 0)


def _starting(path: Path) -> "Callable[[Store, ReadProgress], ActiveRun]":
    """Read and check the workflow before a store is created; return a function that starts a run of it."""
    workflow = check_workflow(read_workflow(path))

    def start(store: Store, progress: ReadProgress) -> "ActiveRun":
        from pipeline.engine.foreground_run import user_name
        from pipeline.engine.launching import start

        return start(store, workflow, user_name(), progress)

    return start


def _resuming(name: str) -> "Callable[[Store, ReadProgress], ActiveRun]":
    def resume(store: Store, progress: ReadProgress) -> "ActiveRun":
        record = store.resolve(name)
        workflow = check_run(record, "profile it")
        from pipeline.engine.foreground_run import user_name
        from pipeline.engine.resuming import resume

        return resume(store, record.id, workflow, user_name(), progress)

    return resume


def _profiled(active: "ActiveRun", steps: int, stop: Stop) -> Profile | None:
    """Train and measure the steps; None if a signal stopped it before one was measured."""
    from pipeline.engine.foreground_run import drive, user_name
    from pipeline.engine.run_profile import RunProfile

    profile = RunProfile(active, steps, user_name())
    try:
        drive(active, steps + 1, stop, user_name())
    except BaseException:
        profile.abandon()
        raise
    return profile.finish()


def _write(active: "ActiveRun", made: Profile, out: Path) -> None:
    trace = profiles.trace_of(active.files, made)
    assert trace is not None
    packed = trace.read_bytes()
    write_atomically(out, packed if out.suffix.lower() == PACKED else gzip.decompress(packed))


def _text(active: "ActiveRun", made: Profile, out: Path | None) -> str:
    # Imported here, since tables need a large package that the help does without.
    from pipeline.studio.inspect.profiles import operator_table, stage_table, summary
    from pipeline.studio.stages.stage_facts import stages_of

    record = active.record
    stages = stages_of(record.workflow_text, record.batch_size, record.data_text)
    steps = f"step {made.first:,}" if made.steps == 1 else f"steps {made.first:,} to {made.last:,}"
    lines = [
        f"Run {active.id}, {steps}. {summary(made, stages)}",
        *([made.cut] if made.cut else []),
        "",
        _lines(stage_table(made, stages).to_pylist()),
        "",
        _lines(operator_table(made, stages).to_pylist()[:SHOWN_OPERATORS]),
        "",
        "Times are milliseconds per step.",
    ]
    if out is not None:
        lines.append(f"Wrote the trace to {out}: open it at ui.perfetto.dev.")
    return "\n".join(map(visible, "\n".join(lines).split("\n")))


def _lines(rows: list[dict[str, Any]]) -> str:
    """A table as lines, with its header."""
    if not rows:
        return ""
    return aligned([tuple(rows[0]), *(tuple(_word(name, value) for name, value in row.items()) for row in rows)])


def _word(name: str, value: object) -> str:
    match value:
        case float():
            return f"{value:.1f}%" if name in ("Share", "There") else number(value)
        case int():
            return size(value) if name == "Memory" else f"{value:,}"
        case _:
            return str(value)
