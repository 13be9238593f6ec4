"""A command in one of several processes: process 0 carries it out, the others follow it and print nothing.

Started alone, a command is carried out as ever, without torch being imported for it.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.command.answer import CommandResult
from pipeline.errors.base import GenscopeError, Refusal
from pipeline.errors.processes import BadLaunch, MissingProcess, NoMeetingPoint, OneProcessOnly
from pipeline.errors.training import TrainingStopped
from pipeline.processes.launch import Launch, launched

if TYPE_CHECKING:
    from pipeline.processes.group import Group

SHARED = ("train", "engine")
"""The commands that several processes may carry out together."""
SIGNALLED = 128
"""Exit codes from here on tell of a signal."""
ENDED = "ended"
"""What is remembered when a command has ended for good: starting it again would end in the same way."""


def require_shared(command: str) -> None:
    """Raises OneProcessOnly if several processes were started for a command that has nothing to share, BadLaunch."""
    launch = launched()
    if launch is not None and launch.count > 1 and command not in SHARED:
        raise OneProcessOnly(command, launch.count)


def take_part(lead: Callable[[], CommandResult], *, once: bool = True) -> CommandResult:
    """Join the processes that torchrun has started, if it has; lead them or follow. Returns the answer of process 0;
    the others have none, and its exit code.

    lead: the command. once: whether it is done when it has answered; otherwise torchrun may start it again, as after
    another process has died. `pipeline.processes.group.current()` is the group meanwhile. Raises what `join` and `lead`
    raise.
    """
    launch = launched()
    if launch is None:
        return lead()
    # Otherwise torch prints a C++ stack where a process cannot join.
    os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR" if launch.leads else "FATAL")
    from pipeline.processes.joining import join

    with ExitStack() as joined:
        try:
            group = joined.enter_context(join(launch))
        except (MissingProcess, NoMeetingPoint) as error:
            # Process 0 may be the one that is missing, and then cannot report it.
            if not launch.leads and sys.__stderr__ is not None:
                sys.__stderr__.write(f"{error}\n")
            raise
        if (ended := group.remembered(ENDED)) is not None:
            return CommandResult({}, "", ended["code"])
        if group.leads:
            if launch.count > 1:
                # When another process ends, torchrun sends this one SIGTERM, which must not cut off the last sentence.
                outlast_signals()
            return _lead(group, lead, once=once)
        from pipeline.processes.following import follow

        with ignored_signals():
            return CommandResult({}, "", follow(group))


@contextmanager
def silent_follower() -> Iterator[None]:
    """A context in which a process that follows prints nothing: process 0 reports for all."""
    try:
        launch: Launch | None = launched()
    except BadLaunch:
        launch = None
    if launch is None or launch.leads:
        yield
        return
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        yield


def _lead(group: "Group", lead: Callable[[], CommandResult], *, once: bool = True) -> CommandResult:
    """Carry out the command, and let all processes end with its exit code."""
    code, final = 1, False
    try:
        answer = lead()
        # A signal ends this attempt, perhaps because torchrun is about to start another one.
        code, final = answer.exit_code, once and answer.exit_code < SIGNALLED
        return answer
    except GenscopeError as error:
        code, final = error.exit_code, isinstance(error, Refusal | TrainingStopped)
        raise
    except KeyboardInterrupt:
        code = 130
        raise
    finally:
        if final:
            group.remember(ENDED, {"code": code})
        group.end(code)


def outlast_signals() -> None:
    """Let stop signals do nothing from here to the end of this process, but for the time in which a `Stop` hears them,
    which then saves. They are not ignored, because a `Stop` would then not hear them either. A `Stop` that hears them
    already, that of a job, goes on to."""
    from signal import SIG_DFL, default_int_handler, getsignal, signal

    from pipeline.engine.stop_signals import SIGNALS

    for number in SIGNALS:
        if getsignal(number) in (SIG_DFL, default_int_handler):
            signal(number, lambda number, frame: None)


@contextmanager
def ignored_signals() -> Iterator[None]:
    """A context in which the signals that stop training do nothing: torchrun sends them to all, and process 0, which
    finishes the step and saves, then ends the others."""
    from signal import SIG_IGN, signal

    from pipeline.engine.stop_signals import SIGNALS

    before = {number: signal(number, SIG_IGN) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal(number, handler)
