"""An address that differs from the choice is followed, or ignored as an echo of the previous address."""

from types import SimpleNamespace

import pytest
import streamlit as st

from pages.components.shell import address_guard
from pages.components.shell.address_guard import AddressGuard


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(address_guard, "time", clock)
    session: dict[str, object] = {}
    monkeypatch.setattr(st, "session_state", session)
    return clock


def test_the_address_is_followed_until_something_is_chosen(clock: Clock) -> None:
    guard = AddressGuard[str]("view", 10.0)
    assert [guard.follow(told) for told in ("step", "film", "codes")] == ["step", "film", "codes"]


def test_for_a_time_after_a_choice_another_address_is_ignored(clock: Clock) -> None:
    guard = AddressGuard[str]("view", 1.0)
    assert guard.follow("step") == "step"
    guard.choose("film")
    clock.now += 0.9
    assert [guard.follow(told) for told in ("step", "film", "step")] == ["film", "film", "film"]
    clock.now += 0.1
    assert guard.follow("step") == "step"


def test_with_once_the_address_is_followed_after_the_choice_has_arrived(clock: Clock) -> None:
    guard = AddressGuard[str]("view", 10.0, once=True)
    guard.choose("film")
    assert [guard.follow(told) for told in ("step", "film", "step")] == ["film", "film", "step"]


def test_back_and_forward_are_always_followed(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    guard = AddressGuard[str]("view", 10.0)
    guard.choose("film")
    monkeypatch.setattr(address_guard, "get_script_run_ctx", lambda: SimpleNamespace(is_history_navigation=True))
    assert guard.follow("step") == "step"


def test_a_choice_may_contain_more_than_its_address_and_belongs_to_one_run(clock: Clock) -> None:
    guard = AddressGuard[str]("view", 10.0, said=str.lower)
    guard.choose("FILM", of="one run")
    assert guard.follow("film", of="one run") == "FILM"
    assert guard.follow("film", of="another run") == "film"
