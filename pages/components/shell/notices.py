"""Sentences on the page: what was refused, what went wrong, what to do where there is nothing yet."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import streamlit as st

from pages.components.shell.escape import plain
from pipeline.errors.base import GenscopeError

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def attempt(function: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result | None:
    """Does what a user asked for; where it is refused or fails, says so in the error's sentence and returns None."""
    try:
        return function(*args, **kwargs)
    except GenscopeError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return None


def carry_out(function: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
    """`attempt` for a button's callback, which runs before the page is drawn: `show` then says what was refused."""
    carry_out_at("", function, *args, **kwargs)


def carry_out_at(
    place: str, function: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> bool:
    """As `carry_out`, where a refusal is said at a place of its own by `show(place)`. Whether it was done."""
    try:
        function(*args, **kwargs)
    except GenscopeError as error:
        say(str(error), place)
        return False
    return True


def say(sentence: str, place: str = "") -> None:
    """For a callback: `show` says this, once."""
    st.session_state[_key(place)] = sentence


def show(place: str = "") -> None:
    """What the last callback was refused, once."""
    if sentence := st.session_state.pop(_key(place), ""):
        st.error(plain(sentence), icon=":material/error:")


def _key(place: str) -> str:
    return f"notice {place}".strip()


def empty(sentence: str, page: str | None = None, label: str = "") -> None:
    """An empty state: what to do here, and the way there."""
    with st.container(border=True):
        st.markdown(sentence)
        if page is not None:
            st.page_link(page, label=label, icon=":material/arrow_forward:")
