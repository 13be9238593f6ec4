"""Keep a checkpoint for good, or let it go again: `runs pin`, `runs unpin`."""

from argparse import ArgumentParser, Namespace

from pipeline.command.answer import CommandResult
from pipeline.command.numbers import integer
from pipeline.command.run_edits import RUN_HELP
from pipeline.engine.user_names import user_name
from pipeline.errors.runs import NoCheckpoint, UnknownCheckpoint
from pipeline.formatting import counted, listed
from pipeline.runs import pins
from pipeline.runs.store import RunRecord, Store


def options(parser: ArgumentParser) -> None:
    """Add the run and the step of its checkpoint."""
    parser.add_argument("run", metavar="RUN", help=RUN_HELP)
    parser.add_argument("--step", type=integer, metavar="K", help="of the checkpoint (default: the newest)")


def pin(store: Store, arguments: Namespace) -> CommandResult:
    """Keep a checkpoint for good."""
    record = store.resolve(arguments.run)
    step = _step(store, record, arguments.step)
    pins.pin(store, record.id, step, user_name())
    return _pinned(store, record, f"The checkpoint of step {step:,} of run {record.id} is kept for good.")


def unpin(store: Store, arguments: Namespace) -> CommandResult:
    """Let a checkpoint that is kept for good be deleted in its time."""
    record = store.resolve(arguments.run)
    step = _step(store, record, arguments.step)
    pins.unpin(store, record.id, step, user_name())
    return _pinned(store, record, f"The checkpoint of step {step:,} of run {record.id} is kept as the rules say.")


def _step(store: Store, record: RunRecord, step: int | None) -> int:
    """The step, or that of the newest checkpoint. Raises NoCheckpoint, UnknownCheckpoint."""
    known = [each for each, _ in store.files(record.id).checkpoints()]
    if not known:
        raise NoCheckpoint(record.id)
    if step is not None and step not in known:
        raise UnknownCheckpoint(record.id, step, known)
    return known[-1] if step is None else step


def _pinned(store: Store, record: RunRecord, sentence: str) -> CommandResult:
    """The answer: all checkpoints of the run that are kept for good."""
    steps = sorted(pins.pinned(store.files(record.id)))
    pinned = f"{counted(len(steps), 'checkpoint')} pinned: {listed(f'{each:,}' for each in steps)}." if steps else ""
    return CommandResult({"run": record.id, "pinned": steps}, f"{sentence} {pinned or 'None is pinned.'}")
