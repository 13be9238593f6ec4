"""Polls that leave the browser time to draw what was drawn before.

Streamlit 1.67's front end collects the elements of a run of the script and draws them a moment after it has ended. If a
poll (a fragment with `run_every`) begins within that moment, the front end starts over and drops them: a typed value
was taken, its picture was made and sent, and the page went on showing the old one. In a browser beside a slow server
that happened to one of eight edits; with this pause to none of seventy.
"""

import time
from collections.abc import Callable

from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData

SECONDS = 0.15
"""From the end of a run to the beginning of a poll that was asked for meanwhile; enough for a browser that is busy. The
same runner does both; a poll that is asked for later has a runner of its own and does not wait."""

Run = Callable[[ScriptRunner, RerunData], None]

_run = ScriptRunner._run_script


def space_polls() -> None:
    """Have polls wait, in this process from now on."""
    # A method is replaced by a function, since Streamlit has no setting for this.
    ScriptRunner._run_script = spaced(_run)  # type: ignore[assignment, method-assign]


def spaced(run: Run) -> Run:
    """The method `run` of a script runner, which runs a page or some of its fragments, with the pause before polls."""

    def run_spaced(runner: ScriptRunner, data: RerunData) -> None:
        if data.is_auto_rerun:
            time.sleep(max(0.0, getattr(runner, "genscope_ended", 0.0) + SECONDS - time.monotonic()))
        try:
            run(runner, data)
        finally:
            runner.genscope_ended = time.monotonic()  # type: ignore[attr-defined]

    return run_spaced
