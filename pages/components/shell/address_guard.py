"""A choice that the session keeps and the page's address says too: which of the two is meant where they differ.

The choice is written into the address by a callback. An address that says something else has come from a link or from
the browser's Back, and is followed; but not within a time of our own writing, since a look that was already under way
still brings the address of before.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

Choice = TypeVar("Choice")


@dataclass(frozen=True)
class _Held(Generic[Choice]):
    """of: what the choice was made for. written: when it was put into an address that may still come back, else 0."""

    choice: Choice
    of: str
    written: float = 0.0


@dataclass(frozen=True)
class AddressGuard(Generic[Choice]):
    """key: of the choice in the session. seconds: how long our own writing may take to come back; what has not come by
    then is not going to. once: whether it is back with the first address that says the same. said: a choice as the
    address tells it, where a choice is more than that."""

    key: str
    seconds: float
    once: bool = False
    said: Callable[[Choice], object] = lambda choice: choice

    def follow(self, told: Choice, of: str = "") -> Choice:
        """The choice now. told: as the address has it. of: what it is made for; for something else it begins anew."""
        held: _Held[Choice] | None = st.session_state.get(self.key)
        if held is None or held.of != of:
            held = _Held(told, of)
        elif self.said(told) == self.said(held.choice):
            held = replace(held, written=0.0) if self.once else held
        elif time.monotonic() - held.written >= self.seconds or _went_back():
            held = _Held(told, of)
        st.session_state[self.key] = held
        return held.choice

    def choose(self, choice: Choice, of: str = "") -> None:
        """Keeps a choice from now on; whoever calls this writes it into the address."""
        st.session_state[self.key] = _Held(choice, of, time.monotonic())


def _went_back() -> bool:
    """Whether the page is drawn because of the browser's Back or Forward, whose address is always meant."""
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation
