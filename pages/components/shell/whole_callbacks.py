"""Callbacks that run to their end, whatever the browser sends meanwhile.

Streamlit 1.67 ends a callback at its next use of the session state once the browser has asked for another page run: by
a second key, or by the click that follows a typed value. The first click is then lost without a word, or done by half:
a draft was written, but the session still had the one before.
"""

from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.runtime.scriptrunner_utils.script_run_context import RunLocation, ThreadState

_look = ScriptRunner._maybe_handle_execution_control_request


def finish_callbacks() -> None:
    """Have callbacks finish, in this process from now on. Streamlit looks for another request right after them."""
    # A method is replaced by a function, since Streamlit has no setting for this.
    ScriptRunner._maybe_handle_execution_control_request = _look_later  # type: ignore[assignment, method-assign]


def _look_later(runner: ScriptRunner) -> None:
    if not (runner._is_in_script_thread() and ThreadState.get().run_location == RunLocation.CALLBACK):
        _look(runner)
