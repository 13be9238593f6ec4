"""What all pages share: the server's engines and run store, and this browser's user name."""

import math
import time
from dataclasses import dataclass, replace

import streamlit as st

from pages.components.shell.escaping import escape
from pipeline.errors.base import GenscopeError
from pipeline.runs.home import home
from pipeline.runs.remote.periodic_taking_in import TakingIn
from pipeline.runs.store import RunRecord, Store
from pipeline.runtime.handle import TrainerHandle
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.studio.evaluation.engine import EvaluationEngine
from pipeline.studio.run import history

CHECK_SECONDS = 0.5
"""Interval at which it is checked that the database can be read: a page asks for the store dozens of times."""


@st.cache_resource(show_spinner=False, on_release=TrainerHandle.close)
def trainer() -> TrainerHandle:
    """The server's only handle of the training engine, which starts on the first call, before any run is started."""
    return TrainerHandle(home())


@st.cache_resource(show_spinner=False, on_release=TrainerHandle.close)
def drawing_engine() -> TrainerHandle:
    """The handle of the drawing engine, which draws samples without disturbing training; it starts on first use."""
    return TrainerHandle(home(), role="draw")


@st.cache_resource(show_spinner=False, on_release=EvaluationEngine.close)
def evaluation_engine() -> EvaluationEngine:
    """The evaluation engine, which starts when something is evaluated and ends when it has long had nothing to do."""
    return EvaluationEngine(home())


def store() -> Store:
    """The store of all runs in this home. If its database cannot be used now, shows why instead of the rest of the page
    or fragment that asks for it."""
    try:
        return usable_store()
    except GenscopeError as error:
        st.error(escape(str(error)), icon=":material/error:")
        st.stop()


def usable_store(*, now: bool = False) -> Store:
    """The store, if its database could be read a moment ago. now: read it now. Raises HomeTrouble."""
    shared = _shared_store()
    if now or time.monotonic() - shared.checked > CHECK_SECONDS:
        shared.store.database.check()
        shared.checked = time.monotonic()
    return shared.store


@dataclass
class _SharedStore:
    """taking_in: takes in what workers on other machines record. checked: when the store's database could last be
    read, by the monotonic clock."""

    store: Store
    taking_in: TakingIn
    checked: float = -math.inf

    def close(self) -> None:
        self.taking_in.close()
        self.store.close()


@st.cache_resource(show_spinner=False, on_release=_SharedStore.close)
def _shared_store() -> _SharedStore:
    store = Store(home())
    return _SharedStore(store, TakingIn(store))


def user_name() -> str:
    """The name under which this browser's commands are recorded."""
    return str(st.session_state.get("who", "")).strip()


def snapshot_of(run: str) -> Snapshot:
    """The run's current snapshot: from the engine if the run is loaded, else from the store."""
    snapshot = loaded_snapshot()
    return snapshot if snapshot.run == run else history.stored_snapshot(store(), run)


def loaded_snapshot() -> Snapshot:
    """The training engine's snapshot, with the present name of its run: the engine knows the one that it had when it
    was loaded."""
    snapshot = trainer().snapshot
    # A run that failed to start may have been deleted.
    found = store().named([snapshot.run]) if snapshot.run else []
    return replace(snapshot, name=found[0].name) if found and found[0].name != snapshot.name else snapshot


def runs_in_other_processes() -> list[RunRecord]:
    """The runs that other processes are training."""
    return history.running_elsewhere(store(), trainer().snapshot.run)
