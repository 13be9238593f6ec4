"""Keep a choice in the session and in the page's address, and decide which one counts when they differ.

A callback writes the choice into the address. An address with another choice comes from a link or from the browser's
Back, and is followed, except for a short time after we wrote the address: a page run that was already under way may
still report the old one.
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
    """of: what the choice was made for, such as a run. written: when the choice was written into the address
    (monotonic seconds); 0 if no older address can arrive any more."""

    choice: Choice
    of: str
    written: float = 0.0


@dataclass(frozen=True)
class AddressGuard(Generic[Choice]):
    """A choice kept in both the session and the address.

    key: session-state key. seconds: how long after our own write an old address may still arrive. once: whether the
    first address that agrees with the choice ends that period early. said: the part of a choice that the address
    contains, if that is not all of it.
    """

    key: str
    seconds: float
    once: bool = False
    said: Callable[[Choice], object] = lambda choice: choice

    @property
    def held(self) -> Choice | None:
        """The current choice; None before the first."""
        held: _Held[Choice] | None = st.session_state.get(self.key)
        return None if held is None else held.choice

    def follow(self, told: Choice, of: str = "") -> Choice:
        """Return the current choice. told: the choice in the address. of: what the choice is for; if that differs from
        before, the address decides."""
        held: _Held[Choice] | None = st.session_state.get(self.key)
        if held is None or held.of != of:
            held = _Held(told, of)
        elif self.said(told) == self.said(held.choice):
            held = replace(held, written=0.0) if self.once else held
        elif time.monotonic() - held.written >= self.seconds or went_back():
            held = _Held(told, of)
        st.session_state[self.key] = held
        return held.choice

    def choose(self, choice: Choice, of: str = "") -> None:
        """Keep a new choice. The caller writes it into the address."""
        st.session_state[self.key] = _Held(choice, of, time.monotonic())


def went_back() -> bool:
    """Whether the browser's Back or Forward caused this page run; their address is always followed."""
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation
