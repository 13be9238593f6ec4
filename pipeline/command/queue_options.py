"""The options of `queue` and of its actions."""

from argparse import SUPPRESS, ArgumentParser, ArgumentTypeError

from pipeline.command.files import WORKFLOW
from pipeline.command.names import run_name
from pipeline.command.numbers import integer, whole_number
from pipeline.runs.queue_order import Target
from pipeline.studio.queue.sweep import MOST_RUNS

MOST_PLACES = 1_000_000


def options(parser: ArgumentParser) -> None:
    """Add the actions; without one, the queue is listed."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION")

    def action(name: str, sentence: str) -> ArgumentParser:
        added = actions.add_parser(name, help=sentence, description=f"{sentence[:1].upper()}{sentence[1:]}.",
                                   allow_abbrev=False)  # fmt: skip
        # `--json` is also an option of `queue` itself, whose value must not be overwritten.
        added.add_argument("--json", action="store_true", default=SUPPRESS, help="print one JSON object")
        return added

    _workflow_options(add := action("add", "add a run of a workflow"))
    add.add_argument("--name", type=run_name, help="name of the run (default: the workflow's name)")
    _sweep_options(action("sweep", "add a run for each combination of values, or for some drawn at random"))
    move = action("move", "move a run that waits")
    _id(move)
    move.add_argument("target", type=_target, metavar="up|down|first|last|N", help="N: its place, from 1")
    _ids(action("hold", "hold runs, so that others pass them; without an id, the whole queue, which starts nothing"))
    _ids(action("release", "release runs that are held; without an id, the whole queue"))
    cancel = action("cancel", "cancel runs that wait")
    _ids(cancel)
    cancel.add_argument("--sweep", metavar="NAME", help="all runs of this sweep that wait")
    _id(action("retry", "put a run that was refused or stopped back at the front, to resume it if it has a checkpoint"))
    action("clear", "remove what was cancelled or refused, or has ended, from the list; the runs stay")
    action("work", "train what waits, one run after another, without a server")


def _workflow_options(parser: ArgumentParser) -> None:
    parser.add_argument("workflow", **WORKFLOW)
    parser.add_argument(
        "--set", action="append", metavar="NODE.PARAMETER=VALUE", help="change a parameter of the workflow; repeatable"
    )
    parser.add_argument(
        "--at", metavar="TIME",
        help="start at this time or later: HH:MM, the next such time, or a date and time such as 2030-01-31T18:30",
    )  # fmt: skip
    parser.add_argument("--first", action="store_true", help="before all that wait")


def _sweep_options(parser: ArgumentParser) -> None:
    _workflow_options(parser)
    parser.add_argument(
        "--grid", action="append", metavar="NODE.PARAMETER=a,b,c",
        help="the values of a parameter, separated by commas, or by | if they contain commas; repeatable",
    )  # fmt: skip
    parser.add_argument(
        "--random", action="append", metavar="NODE.PARAMETER=LOW..HIGH[:log]",
        help="draw the parameter from a range, with :log uniformly in the logarithm, or from values separated by "
        "commas; repeatable",
    )  # fmt: skip
    parser.add_argument(
        "--runs", type=whole_number(1, MOST_RUNS), metavar="N", help="with --random: how many runs to draw"
    )
    parser.add_argument(
        "--seed", type=integer, metavar="N", help="with --random: seed of what is drawn (default: 0), not of training"
    )
    parser.add_argument(
        "--preview", action="store_true", help="only say how many runs, how long, how many bytes, and what is refused"
    )


def _id(parser: ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="id of the entry, as `queue` lists it")


def _ids(parser: ArgumentParser) -> None:
    parser.add_argument("ids", nargs="*", metavar="ID", help="ids of entries, as `queue` lists them")


def _target(text: str) -> Target:
    match text:
        case "up" | "down" | "first" | "last":
            return text
    try:
        return whole_number(1, MOST_PLACES)(text)
    except ArgumentTypeError:
        raise ArgumentTypeError(f"{text[:40]!r} is not up, down, first, last or a place from 1") from None
