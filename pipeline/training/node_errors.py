"""Turn an exception raised by a node's code into an error that names the node."""

import signal
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from pipeline.errors.base import GenscopeError
from pipeline.errors.training import CUSTOM_NODES_PACKAGE, NodeFailure
from pipeline.formatting import first_line

CPU_MEMORY_FULL = "DefaultCPUAllocator: can't allocate memory"
"""Part of the message of the RuntimeError that torch raises when the CPU's memory is full."""


@contextmanager
def node_errors(node: str, doing: str, title: str = "", *, every: bool = False) -> Iterator[None]:
    """Raise NodeFailure for any exception raised inside, even SystemExit: a node's `sys.exit()` must not end an engine.

    A NodeFailure passes unchanged, and so does a KeyboardInterrupt that may be a real Ctrl-C. So do other
    GenscopeErrors, unless `every`: then they get the name of the node too.
    """
    try:
        yield
    except NodeFailure:
        raise
    except GenscopeError as error:
        if every:
            raise NodeFailure(node, doing, str(error), title) from error
        raise
    except BaseException as error:
        if from_keyboard(error):
            raise
        raise NodeFailure(node, doing, reason(error), title) from error


def from_keyboard(error: BaseException) -> bool:
    """Whether this may be a real Ctrl-C. It cannot be one if SIGINT has another handler, as in an engine."""
    return isinstance(error, KeyboardInterrupt) and signal.getsignal(signal.SIGINT) is signal.default_int_handler


def reason(error: BaseException) -> str:
    """The first line of an exception's message, and the file and line of custom nodes in which it was raised.

    The exception's type if its message is empty or cannot be read.
    """
    if isinstance(error, torch.OutOfMemoryError):
        return "the device's memory is full. Choose a smaller batch size."
    message, place = _said(error), _place(error)
    if isinstance(error, MemoryError) or CPU_MEMORY_FULL in message:
        return "this machine's memory is full. Choose a smaller batch size, smaller networks or smaller images."
    return f"{message.removesuffix('.')} ({place})." if place else message


def _said(error: BaseException) -> str:
    kind, message = type(error).__name__, first_line(error)
    if not message:
        return f"{kind}."
    # The message of a KeyError is only the key.
    return f"{kind}: {message}" if isinstance(error, LookupError | SystemExit) else message


def _place(error: BaseException) -> str:
    """The innermost line of custom-node code in the traceback; "" if there is none."""
    lines = [
        f"{Path(frame.f_code.co_filename).name}, line {line}"
        for frame, line in traceback.walk_tb(error.__traceback__)
        if str(frame.f_globals.get("__name__")).startswith(CUSTOM_NODES_PACKAGE)
    ]
    return lines[-1] if lines else ""
