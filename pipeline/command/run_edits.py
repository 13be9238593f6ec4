"""Change what describes runs: `runs rename`, `runs note`, `runs tag`, `runs archive`, `runs restore`."""

from argparse import ArgumentParser, Namespace

from pipeline.command.answer import CommandResult
from pipeline.errors.machine import UnreadableCommand
from pipeline.formatting import counted, listed
from pipeline.runs import edits
from pipeline.runs.catalogue import tags_of
from pipeline.runs.store import Store

RUN_HELP = "the run's id, or latest"


def run_options(parser: ArgumentParser) -> None:
    """Add one or several runs."""
    parser.add_argument("run", nargs="+", metavar="RUN", help=RUN_HELP)


def rename_options(parser: ArgumentParser) -> None:
    """Add a run and its new name."""
    parser.add_argument("run", metavar="RUN", help=RUN_HELP)
    parser.add_argument("name", metavar="NAME", help=f"at most {edits.LONGEST_NAME} characters")


def note_options(parser: ArgumentParser) -> None:
    """Add a run and its note."""
    parser.add_argument("run", metavar="RUN", help=RUN_HELP)
    parser.add_argument("text", metavar="TEXT", help='the note; "" deletes it')


def tag_options(parser: ArgumentParser) -> None:
    """Add runs, and the tags to add and to remove."""
    run_options(parser)
    for name in ("add", "remove"):
        parser.add_argument(f"--{name}", action="append", metavar="TAG", help=f"{name} this tag; repeatable")


def rename(store: Store, arguments: Namespace) -> CommandResult:
    """Change the name of a run."""
    (run,) = resolved(store, [arguments.run])
    name = edits.rename(store, run, arguments.name)
    return CommandResult({"run": run, "name": name}, f"Run {run} is named {name}.")


def note(store: Store, arguments: Namespace) -> CommandResult:
    """Replace the note of a run."""
    (run,) = resolved(store, [arguments.run])
    edits.set_note(store, [run], arguments.text)
    text = store.run(run).note
    return CommandResult({"run": run, "note": text}, f"Run {run} has {'this' if text else 'no'} note. {text}".rstrip())


def tag(store: Store, arguments: Namespace) -> CommandResult:
    """Add tags to runs, or remove them."""
    if not arguments.add and not arguments.remove:
        raise UnreadableCommand("runs tag", "say what to --add or to --remove")
    runs = resolved(store, arguments.run)
    edits.tag(store, runs, arguments.add or (), arguments.remove or ())
    tags = tags_of(store, runs)
    lines = [f"Run {run}: {listed(tags.get(run, ())) or 'no tags'}" for run in runs]
    return CommandResult({"runs": [{"run": run, "tags": tags.get(run, ())} for run in runs]}, "\n".join(lines))


def archive(store: Store, arguments: Namespace) -> CommandResult:
    """Leave runs out of lists."""
    runs = resolved(store, arguments.run)
    edits.archive(store, runs)
    return CommandResult({"archived": runs}, f"{counted(len(runs), 'run')} archived; `runs --archived` lists them.")


def restore(store: Store, arguments: Namespace) -> CommandResult:
    """Show archived runs in lists again."""
    runs = resolved(store, arguments.run)
    edits.restore(store, runs)
    return CommandResult({"restored": runs}, f"{counted(len(runs), 'run')} restored.")


def resolved(store: Store, named: list[str]) -> list[str]:
    """The ids of runs that are named by their id or as "latest", each once. Raises UnknownRun for an empty home."""
    # Ids are checked all together when they are used, so that one message names all that do not exist.
    return list(dict.fromkeys(store.resolve(each).id if each == "latest" else each for each in named))
