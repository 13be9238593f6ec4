"""`runs`: list, find, describe and delete runs. The actions are in `run_list.py`, `run_edits.py`, `run_deletion.py`,
`run_space.py`, `run_pins.py` and `run_tree.py`."""

from argparse import SUPPRESS, ArgumentParser, Namespace
from collections.abc import Callable

from pipeline.command import run_deletion, run_edits, run_list, run_pins, run_space, run_tree
from pipeline.command.answer import CommandResult
from pipeline.command.stores import existing_store
from pipeline.errors.machine import UnreadableCommand
from pipeline.runs.interrupted import mark_interrupted
from pipeline.runs.store import Store

Action = Callable[[Store, Namespace], CommandResult]
ACTIONS: dict[str, tuple[str, Callable[[ArgumentParser], None], Action]] = {
    "rename": ("change the name of a run", run_edits.rename_options, run_edits.rename),
    "note": ("replace the note of a run", run_edits.note_options, run_edits.note),
    "tag": ("add tags to runs, or remove them", run_edits.tag_options, run_edits.tag),
    "archive": ("leave runs out of lists", run_edits.run_options, run_edits.archive),
    "restore": ("show archived runs in lists again", run_edits.run_options, run_edits.restore),
    "pin": ("keep a checkpoint for good", run_pins.options, run_pins.pin),
    "unpin": ("let a pinned checkpoint be deleted in its time", run_pins.options, run_pins.unpin),
    "delete": ("delete runs and their files", run_deletion.options, run_deletion.delete),
    "space": ("say how many bytes runs take", run_space.options, run_space.space),
    "tree": ("show forks as a tree", run_tree.options, run_tree.tree),
}
"""What to do with runs, by name: a line of help, the options, and the function."""


def options(parser: ArgumentParser) -> None:
    """Add the options of the list, and the actions."""
    run_list.options(parser)
    actions = parser.add_subparsers(dest="action", metavar="ACTION", title="actions (without one, runs are listed)")
    for name, (sentence, add_options, _) in ACTIONS.items():
        action = actions.add_parser(name, help=sentence, description=f"{sentence.capitalize()}.", allow_abbrev=False)
        add_options(action)
        # Without a default, which would replace what was given before the action.
        action.add_argument(
            "--json", action="store_true", default=SUPPRESS, help="print one JSON object on standard output"
        )


def run(arguments: Namespace) -> CommandResult:
    """List runs: id, state, seed, device and CPU threads, steps, speed, training time, age, name and who started them.
    With an action: rename, tag, annotate, archive or delete runs, pin checkpoints, or show the space they take and
    their forks."""
    looked_for = [name for name in run_list.FILTERS if getattr(arguments, name)]
    if arguments.action and looked_for:
        raise UnreadableCommand(
            "runs", f"--{looked_for[0]} is for the list of runs and does not choose runs for an action"
        )
    with existing_store() as store:
        # A run whose process was killed is still recorded as running.
        mark_interrupted(store)
        act = ACTIONS[arguments.action][2] if arguments.action else run_list.listing
        return act(store, arguments)
