from types import SimpleNamespace

import pytest
import streamlit as st

from pages.components.shell import crowd
from pages.components.shell.streamlit_gaps import while_busy
from pipeline.runtime.messages.snapshot import Snapshot

TRAINING = Snapshot(engine="ready", state="running")


class Browsers:
    """Sessions of a server that look at a page. open: the ids of those that are connected."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.open: set[str] = set()
        self._asking = ""
        patch.setattr("streamlit.runtime.exists", lambda: True)
        patch.setattr(
            "streamlit.runtime.get_instance", lambda: SimpleNamespace(is_active_session=self.open.__contains__)
        )
        patch.setattr(crowd, "get_script_run_ctx", lambda: SimpleNamespace(session_id=self._asking))
        st.cache_resource.clear()

    def interval(self, session: str, seconds: float = 1.0) -> float | None:
        """At which interval this session's page polls now."""
        self.open.add(session)
        self._asking = session
        return while_busy(TRAINING, seconds)


@pytest.fixture
def browsers(monkeypatch):
    return Browsers(monkeypatch)


def test_one_or_two_browsers_poll_every_second_and_more_of_them_poll_so_much_less_often(browsers):
    assert [browsers.interval(f"browser {n}") for n in range(1, 10)] == [1, 1, 2, 2, 4, 4, 4, 4, 8]


def test_every_open_browser_polls_less_often_when_others_have_come(browsers):
    first = browsers.interval("first", 3.0)
    for other in ("second", "third", "fourth"):
        browsers.interval(other)

    assert (first, browsers.interval("first", 3.0)) == (3.0, 6.0)


def test_a_closed_browser_no_longer_counts(browsers):
    for name in ("first", "second", "third"):
        browsers.interval(name)
    browsers.open.remove("third")

    assert browsers.interval("first") == 1


def test_without_a_server_there_is_one_browser(monkeypatch):
    monkeypatch.setattr("streamlit.runtime.exists", lambda: False)

    assert crowd.doublings() == 0
