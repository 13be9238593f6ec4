"""Whose fault it is: whatever code of a node raises becomes a sentence that names the node."""

import signal
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from pipeline.errors.base import GenscopeError
from pipeline.errors.training import CUSTOM_NODES_PACKAGE, NodeFailure
from pipeline.formatting import first_line


@contextmanager
def blamed(node: str, doing: str, title: str = "") -> Iterator[None]:
    """Raises NodeFailure for what is raised inside, of whatever kind: `sys.exit()` in a node must not end an engine.

    What is a sentence already stays what it is, and so does an interruption that may have come from the keyboard.
    """
    try:
        yield
    except GenscopeError:
        raise
    except BaseException as error:
        if from_keyboard(error):
            raise
        raise NodeFailure(node, doing, reason(error), title) from error


def from_keyboard(error: BaseException) -> bool:
    """Whether somebody may have pressed Ctrl-C: not where, as in an engine, another handler hears of that."""
    return isinstance(error, KeyboardInterrupt) and signal.getsignal(signal.SIGINT) is signal.default_int_handler


def reason(error: BaseException) -> str:
    """The first line of what an exception says, and where in a file of somebody's own nodes it was raised.

    Its kind where it says nothing, or cannot even be asked.
    """
    if isinstance(error, torch.OutOfMemoryError):
        return "the device's memory is full. Choose a smaller batch size."
    said, place = _said(error), _place(error)
    return f"{said.removesuffix('.')} ({place})." if place else said


def _said(error: BaseException) -> str:
    kind, said = type(error).__name__, first_line(error)
    if not said:
        return f"{kind}."
    # A KeyError says nothing but the key.
    return f"{kind}: {said}" if isinstance(error, LookupError | SystemExit) else said


def _place(error: BaseException) -> str:
    """The innermost line of somebody's own that it came through; "" where there is none."""
    lines = [
        f"{Path(frame.f_code.co_filename).name}, line {line}"
        for frame, line in traceback.walk_tb(error.__traceback__)
        if str(frame.f_globals.get("__name__")).startswith(CUSTOM_NODES_PACKAGE)
    ]
    return lines[-1] if lines else ""
