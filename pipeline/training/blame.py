"""Whose fault it is: whatever code of a node raises becomes a sentence that names the node."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from pipeline.errors.base import GenscopeError
from pipeline.errors.training import NodeFailure


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
    """The first line of what an exception says; its kind where it says nothing, or cannot even be asked."""
    if isinstance(error, torch.OutOfMemoryError):
        return "the device's memory is full. Choose a smaller batch size."
    kind = type(error).__name__
    try:
        lines = str(error).strip().splitlines()
    except Exception:  # noqa: BLE001 - an exception of one's own may fail to say what it is
        return f"{kind}."
    if not lines:
        return f"{kind}."
    # A KeyError says nothing but the key.
    return f"{kind}: {lines[0]}" if isinstance(error, LookupError | SystemExit) else lines[0]
