"""The command line: `python -m pipeline nodes | check | data | train | sample | runs | export`.

Standard output holds the answer alone: text for people, or with --json exactly one JSON object. Progress and reasons go
to standard error. Exit codes: 0 done; 2 the input was refused, and nothing was changed; 1 a fault of ours or of the
machine; 128 + its number where a signal ended it (130 for Ctrl-C), which `train` answers by finishing the step and
saving. Where the exit code is 1 or 2 the JSON object has `error`, the sentence, and `kind`, a name for it.
"""

import inspect
import os
import sys
import traceback
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from typing import NoReturn

from pipeline.command import check, data, export, nodes, runs, sample, train
from pipeline.command.answer import CommandResult, say
from pipeline.errors.base import GenscopeError
from pipeline.errors.machine import UnreadableCommand

COMMANDS: dict[str, tuple[Callable[[ArgumentParser], None], Callable[[Namespace], CommandResult]]] = {
    "nodes": (nodes.options, nodes.run),
    "check": (check.options, check.run),
    "data": (data.options, data.run),
    "train": (train.options, train.run),
    "sample": (sample.options, sample.run),
    "runs": (runs.options, runs.run),
    "export": (export.options, export.run),
}
EPILOG = (
    "Exit codes: 0 done, 2 input refused and nothing changed, 1 a fault, 128 + n ended by signal n. "
    "GENSCOPE_HOME is the folder that keeps runs (default: .genscope here), GENSCOPE_NODES one with your own nodes."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Carries out one command, the process's own by default, and returns its exit code."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    as_json = "--json" in given
    try:
        parsed = _parser().parse_args(given)
        # Nodes of one's own may print, and standard output belongs to the answer.
        with redirect_stdout(sys.stderr):
            answer = COMMANDS[parsed.command][1](parsed)
    except GenscopeError as error:
        answer = CommandResult({"error": str(error), "kind": type(error).__name__}, str(error), error.exit_code)
    except KeyboardInterrupt:
        answer = CommandResult({"error": "Stopped.", "kind": "Stopped"}, "Stopped.", 130)
    except Exception as error:  # noqa: BLE001 - whatever it is, --json has promised an object, and the trace says where
        traceback.print_exc()
        sentence = f"This is a fault of ours: {type(error).__name__}: {error}"
        answer = CommandResult({"error": sentence, "kind": type(error).__name__}, sentence, 1)
    return _tell(answer, as_json)


class _Parser(ArgumentParser):
    """Raises UnreadableCommand where argparse would print and exit, so that a bad option is told like any refusal."""

    def error(self, message: str) -> NoReturn:
        raise UnreadableCommand(self.prog.removeprefix("python -m pipeline").strip(), message)


def _parser() -> ArgumentParser:
    parser = _Parser(prog="python -m pipeline", description="Genscope's command line.", epilog=EPILOG)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (options, run) in COMMANDS.items():
        sentence = inspect.getdoc(run) or ""
        # No abbreviations: a script written with one would break on the day a second option begins alike.
        command = commands.add_parser(name, help=sentence, description=sentence, epilog=EPILOG, allow_abbrev=False)
        options(command)
        command.add_argument("--json", action="store_true", help="print one JSON object on standard output")
    return parser


def _tell(answer: CommandResult, as_json: bool) -> int:
    if answer.exit_code:
        say(answer.text)
    try:
        if as_json:
            print(answer.json())
        elif not answer.exit_code:
            print(answer.text)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read has closed the pipe (`| head`); nothing must be written into it when Python ends either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return answer.exit_code


if __name__ == "__main__":
    sys.exit(main())
