"""The command line: `python -m pipeline nodes | check | data | train | engine | profile | queue | submit | sample |
evaluate | compare | runs | export | import | bench`.

Standard output carries only the answer: text for people, or with --json exactly one JSON object. Progress and error
messages go to standard error. Exit codes: 0 done; 2 input refused, nothing changed; 1 failure of Genscope or of the
machine; 128 + n ended by signal n (130 for Ctrl-C), upon which `train` and `queue work` first finish the step and save.
With exit codes 1 and 2 the JSON object has `error` (the message) and `kind` (the name of the error). An answer that
standard output does not take (it is closed, or its disk is full) is a failure; a reader that has enough (`| head`) is
none. Control characters in names are printed as escapes, and so are characters that the terminal's encoding lacks.
"""

import inspect
import sys
import traceback
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from typing import NoReturn

from pipeline.command import (
    bench,
    check,
    compare,
    data,
    engine,
    evaluate,
    export,
    import_bundle,
    nodes,
    profile,
    queue,
    runs,
    sample,
    submit,
    train,
)  # fmt: skip
from pipeline.command.answer import CommandResult, print_status
from pipeline.command.streams import safe_streams
from pipeline.command.taking_part import require_shared, silent_follower
from pipeline.errors.base import GenscopeError
from pipeline.errors.machine import UnreadableCommand
from pipeline.formatting import short_words, visible, visible_lines

COMMANDS: dict[str, tuple[Callable[[ArgumentParser], None], Callable[[Namespace], CommandResult]]] = {
    "nodes": (nodes.options, nodes.run),
    "check": (check.options, check.run),
    "data": (data.options, data.run),
    "train": (train.options, train.run),
    "engine": (engine.options, engine.run),
    "profile": (profile.options, profile.run),
    "queue": (queue.options, queue.run),
    "submit": (submit.options, submit.run),
    "sample": (sample.options, sample.run),
    "evaluate": (evaluate.options, evaluate.run),
    "compare": (compare.options, compare.run),
    "runs": (runs.options, runs.run),
    "export": (export.options, export.run),
    "import": (import_bundle.options, import_bundle.run),
    "bench": (bench.options, bench.run),
}
EPILOG = (
    "Exit codes: 0 done; 2 input refused, nothing changed; 1 failure; 128 + n ended by signal n (130: Ctrl-C). "
    "Environment: GENSCOPE_HOME, the folder for runs and data (default: ./.genscope); GENSCOPE_NODES, folders with "
    "custom nodes; GENSCOPE_DATABASE_URL, a Postgres database for runs in place of a file in the home."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command (default: `sys.argv[1:]`) and return its exit code."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    with safe_streams() as out, silent_follower():
        try:
            answer = _answer(_parser().parse_args(given))
        except SystemExit as ended:
            # --help has been printed.
            answer, code = None, int(ended.code or 0)
        except UnreadableCommand as error:
            answer = _refusal(error)
        if answer is not None:
            _print(answer, "--json" in given)
            code = answer.exit_code
        out.flush()
        if not out.fault or out.left:
            return code
        print_status(f"The answer could not be written to standard output: {out.fault}.")
        return code or 1


def _answer(parsed: Namespace) -> CommandResult:
    """Run a command; every exception becomes its answer."""
    try:
        # Custom nodes may print; standard output is reserved for the answer.
        with redirect_stdout(sys.stderr):
            require_shared(parsed.command)
            return COMMANDS[parsed.command][1](parsed)
    except GenscopeError as error:
        return _refusal(error)
    except KeyboardInterrupt:
        return CommandResult({"error": "Stopped.", "kind": "Stopped"}, "Stopped.", 130)
    except Exception as error:  # noqa: BLE001 - --json promises an object for every error; the traceback says where
        traceback.print_exc()
        sentence = visible(f"Internal error, a bug in Genscope: {type(error).__name__}: {error}")
        return CommandResult({"error": sentence, "kind": type(error).__name__}, sentence, 1)


def _refusal(error: GenscopeError) -> CommandResult:
    sentence = visible(short_words(str(error)))
    return CommandResult({"error": sentence, "kind": type(error).__name__}, sentence, error.exit_code)


def _print(answer: CommandResult, as_json: bool) -> None:
    if answer.exit_code and answer.text:
        print_status(answer.text)
    if as_json:
        print(answer.json())
    elif not answer.exit_code:
        print(visible_lines(answer.text))


class _Parser(ArgumentParser):
    """Raises UnreadableCommand where argparse would print and exit, so that bad options are reported like any error."""

    def error(self, message: str) -> NoReturn:
        raise UnreadableCommand(self.prog.removeprefix("python -m pipeline").strip(), message)


def _parser() -> ArgumentParser:
    parser = _Parser(
        prog="python -m pipeline",
        description="Train image generators, inspect runs and data sets, draw samples.",
        epilog=EPILOG,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (options, run) in COMMANDS.items():
        sentence = inspect.getdoc(run) or ""
        # No abbreviations: a script that uses one would break once a second option starts with the same letters.
        # In a help, but not in a description, argparse takes a percent sign for the beginning of a format.
        listed = sentence.replace("%", "%%")
        command = commands.add_parser(name, help=listed, description=sentence, epilog=EPILOG, allow_abbrev=False)
        options(command)
        command.add_argument("--json", action="store_true", help="print one JSON object on standard output")
    return parser


if __name__ == "__main__":
    sys.exit(main())
