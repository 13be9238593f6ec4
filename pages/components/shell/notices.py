"""Messages on the page: refused commands, errors, and empty states."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import streamlit as st

from pages.components.shell.streamlit_gaps import escape
from pipeline.errors.base import GenscopeError

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def try_or_show(
    function: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> Result | None:
    """Call `function`. If it raises a GenscopeError, show the error and return None."""
    try:
        return function(*args, **kwargs)
    except GenscopeError as error:
        st.error(escape(str(error)), icon=":material/error:")
        return None


def run_command(function: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
    """`try_or_show` for a callback, which runs before the page is drawn; `show` displays the error later."""
    run_command_at("", function, *args, **kwargs)


def run_command_at(
    place: str, function: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> bool:
    """Like `run_command`, but `show(place)` displays the error. Return whether the call succeeded."""
    try:
        function(*args, **kwargs)
    except GenscopeError as error:
        set_message(str(error), place)
        return False
    return True


def set_message(sentence: str, place: str = "") -> None:
    """For a callback: have `show` display this once."""
    st.session_state[_key(place)] = sentence


def waits(place: str = "") -> bool:
    """Whether there is a message that `show` has not shown yet."""
    return _key(place) in st.session_state


def show(place: str = "") -> None:
    """Show the message that the last callback left, once."""
    if sentence := take_message(place):
        st.error(escape(sentence), icon=":material/error:")


def take_message(place: str = "") -> str:
    """The message that `show` would show, which it then does not."""
    sentence: str = st.session_state.pop(_key(place), "")
    return sentence


def _key(place: str) -> str:
    return f"notice {place}".strip()


def empty(sentence: str, page: str | None = None, label: str = "") -> None:
    """An empty state: what to do, and a link to the page where to do it."""
    with st.container(border=True):
        st.markdown(sentence)
        if page is not None:
            st.page_link(page, label=label, icon=":material/arrow_forward:")
