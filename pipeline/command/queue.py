"""`queue`: the runs that wait for the device. `queue_options.py` has its options, `queue_table.py` prints it."""

import os
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence

from pipeline.command.answer import CommandResult
from pipeline.command.files import read_workflow
from pipeline.command.queue_options import options as options
from pipeline.command.queue_table import changed, listed_queue, worked
from pipeline.command.stores import existing_store, open_store
from pipeline.engine.stop_signals import Stop
from pipeline.engine.user_names import user_name
from pipeline.errors.machine import UnreadableCommand
from pipeline.formatting import counted, visible
from pipeline.graph import edit
from pipeline.nodes.catalogue import NODES
from pipeline.runs import queue_changes
from pipeline.runs.interrupted import mark_interrupted
from pipeline.runs.queue_turn import find_lost
from pipeline.runtime.cores import SHORT_SPIN
from pipeline.studio.queue.adding import add_sweep, add_workflow
from pipeline.studio.queue.start_times import read_start_time, start_time_words
from pipeline.studio.queue.sweep import Sweep, grid, random_search
from pipeline.studio.queue.sweep_preview import preview
from pipeline.studio.queue.sweep_values import read_grid, read_random


def run(arguments: Namespace) -> CommandResult:
    """List the runs that wait for the device, change their order, add runs or a sweep, or train them one by one."""
    return ACTIONS[arguments.action or "list"](arguments)


def _list(_: Namespace) -> CommandResult:
    with existing_store() as store:
        # A run whose process was killed is still recorded as running.
        mark_interrupted(store)
        return listed_queue(store)


def _add(arguments: Namespace) -> CommandResult:
    workflow = edit.apply_settings(read_workflow(arguments.workflow), arguments.set or [], NODES)
    when = _start_time(arguments)
    with open_store() as store:
        added = add_workflow(
            store, workflow, user_name(), name=arguments.name or "", not_before=when, first=arguments.first
        )
        at = f" It starts at {start_time_words(when)} or later." if when else ""
        return changed(store, [added], f"Added {added} to the queue.{at}")


def _sweep(arguments: Namespace) -> CommandResult:
    sweep, when = _sweep_of(arguments), _start_time(arguments)
    with open_store() as store:
        found = preview(store, sweep)
        facts = {
            "name": sweep.name,
            "runs": [{"name": each.name, "settings": list(each.settings)} for each in sweep.runs],
            "refused": [{"settings": list(each.settings), "why": each.why} for each in sweep.refused],
            "duplicates": sweep.duplicates,
            "seconds": [found.low, found.high] if found.timed else None,
            "bytes": found.disk if found.sized else None,
        }
        lines = [*(each.name for each in sweep.runs), *found.sentences]
        if arguments.preview:
            return CommandResult({"sweep": facts}, "\n".join(map(visible, lines)))
        ids = add_sweep(store, sweep, user_name(), not_before=when, first=arguments.first)
        sentence = " ".join([f"Added {counted(len(ids), 'run')} to the queue.", *found.sentences[1:]])
        return changed(store, ids, sentence, sweep=facts)


def _sweep_of(arguments: Namespace) -> Sweep:
    """The sweep that the options describe. Raises UnreadableCommand, and what reading its values raises."""
    workflow = edit.apply_settings(read_workflow(arguments.workflow), arguments.set or [], NODES)
    if arguments.random is None:
        for option in ("runs", "seed"):
            if getattr(arguments, option) is not None:
                raise UnreadableCommand("queue sweep", f"--{option} goes with --random: a grid has every combination")
        if not arguments.grid:
            raise UnreadableCommand("queue sweep", "name the parameters that vary, with --grid or --random")
        return grid(workflow, [read_grid(workflow, each) for each in arguments.grid])
    if arguments.runs is None:
        raise UnreadableCommand("queue sweep", "--random needs --runs, the number of runs to draw")
    axes = [read_random(workflow, each) for each in [*(arguments.grid or []), *arguments.random]]
    return random_search(workflow, axes, arguments.runs, arguments.seed or 0)


def _move(arguments: Namespace) -> CommandResult:
    with open_store() as store:
        queue_changes.move(store, arguments.id, arguments.target)
        return changed(store, [arguments.id], f"Moved {arguments.id}.")


def _hold(arguments: Namespace) -> CommandResult:
    with open_store() as store:
        if arguments.ids:
            ids = _once(arguments.ids)
            queue_changes.hold(store, ids)
            return changed(store, ids, f"Held {counted(len(ids), 'run')}.")
        queue_changes.hold_all(store, user_name())
        return changed(store, [], "The queue is held: nothing starts until `python -m pipeline queue release`.")


def _release(arguments: Namespace) -> CommandResult:
    with open_store() as store:
        if arguments.ids:
            ids = _once(arguments.ids)
            queue_changes.release(store, ids)
            return changed(store, ids, f"Released {counted(len(ids), 'run')}.")
        held = queue_changes.release_all(store)
        besides = f" Still held: {counted(held, 'run')}, until released by id." if held else ""
        return changed(store, [], f"The queue is released.{besides}")


def _cancel(arguments: Namespace) -> CommandResult:
    if bool(arguments.ids) == bool(arguments.sweep):
        raise UnreadableCommand("queue cancel", "name the runs by their ids, or a sweep with --sweep")
    ids = _once(arguments.ids)
    with open_store() as store:
        if arguments.sweep:
            count = queue_changes.cancel_sweep(store, arguments.sweep)
        else:
            queue_changes.cancel(store, ids)
            count = len(ids)
        return changed(store, ids, f"Cancelled {counted(count, 'run')}.")


def _retry(arguments: Namespace) -> CommandResult:
    with open_store() as store:
        mark_interrupted(store)
        find_lost(store)
        entry = queue_changes.retry(store, arguments.id)
        how = "resumes from its last checkpoint" if entry.run else "starts as a new run"
        return changed(store, [entry.id], f"Put {entry.id} back at the front: it {how}.")


def _clear(_: Namespace) -> CommandResult:
    with open_store() as store:
        mark_interrupted(store)
        count = queue_changes.clear(store)
        return changed(store, [], f"Cleared {counted(count, 'entry', 'entries')}.")


def _work(_: Namespace) -> CommandResult:
    for name, value in SHORT_SPIN.items():
        os.environ.setdefault(name, value)
    with open_store() as store, Stop() as stop:
        from pipeline.engine.foreground_queue import work

        return worked(store, work(store, stop), stop.exit_code if stop.asked() else 0)


def _once(ids: Sequence[str]) -> list[str]:
    """Each id once, so that no entry is counted twice."""
    return list(dict.fromkeys(ids))


def _start_time(arguments: Namespace) -> float | None:
    return None if arguments.at is None else read_start_time(arguments.at)


ACTIONS: Mapping[str, Callable[[Namespace], CommandResult]] = {
    "list": _list,
    "add": _add,
    "sweep": _sweep,
    "move": _move,
    "hold": _hold,
    "release": _release,
    "cancel": _cancel,
    "retry": _retry,
    "clear": _clear,
    "work": _work,
}
"""What the command does, by the word after `queue`; "list" if there is none."""
