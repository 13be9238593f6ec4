"""The run that a page shows. It is always in the page's URL, and a browser tab keeps it from page to page.

Streamlit's menu drops the URL's query, so the session keeps the run, and a small component writes it into the URL of
the next page. It replaces the entry in the browser's history, where a query written by the server would add one and so
cost a second click on Back.
"""

import streamlit as st

from pages.components.shell.address_guard import AddressGuard
from pages.components.shell.state import store, trainer
from pipeline.errors.runs import UnknownRun
from pipeline.runs.store import RunRecord

UNDER_WAY_SECONDS = 1.0
LATEST = "latest"
"""Names the newest run, as on the command line; the URL then gets its id, so that the page stays with it."""

_GUARD = AddressGuard[str]("shown_run", UNDER_WAY_SECONDS)

_JS = """
export default function ({ data }) {
  const url = new URL(window.location.href);
  // The browser may already be on its way to another page.
  const page = decodeURIComponent(url.pathname.split("/").pop());
  if (page !== data.page || !["latest", null].includes(url.searchParams.get("run"))) return;
  url.searchParams.set("run", data.run);
  window.history.replaceState(window.history.state, "", url);
}
"""
_name_in_url = st.components.v2.component("genscope_shown_run", js=_JS)


def chosen_run(page: str) -> RunRecord | None:
    """The run that this page shows: the one in its URL, "latest" for the newest, else the one that this tab showed
    before, else the loaded one, else the newest. None if there are no runs. page: the page's name in its URL.

    A run that was shown once stays, also when another user starts one. Raises UnknownRun if the URL names a run that
    does not exist.
    """
    named = st.query_params.get("run", "")
    record = _named(named) if named else _kept() or _current()
    if record is None:
        return None
    if (chosen := _GUARD.follow(record.id)) != record.id:
        record = store().run(chosen)
    _write_into_url(page, record.id)
    return record


def carry_run(page: str) -> None:
    """On a page that shows no run: keep the URL's run for the next page, or else write the one of the page before into
    the URL. page: the page's name in its URL."""
    if named := st.query_params.get("run", ""):
        try:
            record = _named(named)
        except UnknownRun:
            return
        if record is not None:
            _GUARD.follow(record.id)
    elif kept := _kept():
        _write_into_url(page, kept.id)


def show_run(run: str) -> None:
    """For a callback: show another run on the same page. The browser's Back returns to the run before."""
    _GUARD.choose(run)
    views = {name: value for name, value in st.query_params.items() if name == "view"}
    st.query_params.from_dict({"run": run, **views})


def _named(run: str) -> RunRecord | None:
    """The run of this name; None if it is to be the newest and there is none. Raises UnknownRun."""
    return _newest() if run == LATEST else store().run(run)


def _newest() -> RunRecord | None:
    return next(iter(store().recent(1)), None)


def _kept() -> RunRecord | None:
    """The run that this tab showed before, unless it was deleted since."""
    held = _GUARD.held
    try:
        return store().run(held) if held else None
    except UnknownRun:
        return None


def _current() -> RunRecord | None:
    """The loaded run, else the newest. A run that failed to start is not held, and may have been deleted."""
    loaded = trainer().snapshot.run
    try:
        return store().run(loaded) if loaded else _newest()
    except UnknownRun:
        return _newest()


def _write_into_url(page: str, run: str) -> None:
    # The component acts when its data change. The menu's link to the same page empties the URL again.
    if st.query_params.get("run", LATEST) == LATEST:
        st.session_state.urls_without_run = st.session_state.get("urls_without_run", 0) + 1
    data = {"run": run, "page": page, "turn": st.session_state.get("urls_without_run", 0)}
    with st.sidebar:
        _name_in_url(key=f"run in the URL of {page}", data=data)
