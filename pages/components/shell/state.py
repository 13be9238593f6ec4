"""What pages share: the trainer and the store of this server, and the name and choices of this browser."""

import streamlit as st

from pipeline.runs.home import home
from pipeline.runs.store import RunRecord, Store
from pipeline.runtime.handle import TrainerHandle
from pipeline.runtime.messages import Snapshot
from pipeline.studio.run import history


@st.cache_resource(show_spinner=False, on_release=TrainerHandle.close)
def trainer() -> TrainerHandle:
    """The one trainer of this server. Made once; the engine behind it starts now, before anybody asks for training."""
    return TrainerHandle(home())


@st.cache_resource(show_spinner=False, on_release=TrainerHandle.close)
def drawer() -> TrainerHandle:
    """The second engine, which draws samples without disturbing training; starts when first asked for."""
    return TrainerHandle(home(), role="draw")


@st.cache_resource(show_spinner=False, on_release=Store.close)
def store() -> Store:
    """What runs have left behind."""
    return Store(home())


def who() -> str:
    """The name that signs this browser's commands."""
    return str(st.session_state.get("who", "")).strip()


def snapshot_of(run: str) -> Snapshot:
    """This run as it stands now: as its trainer tells it if it is the one under way, else as it was stored."""
    now = trainer().snapshot
    return now if now.run == run else history.stored(store(), run)


def moving_elsewhere() -> list[RunRecord]:
    """The runs that other processes are training just now."""
    return history.moving_elsewhere(store(), trainer().snapshot.run)


def chosen_run() -> RunRecord | None:
    """The run that the address names (`?run=`), else the one under way, else the newest; None where there is none.

    Raises UnknownRun for an address that names none.
    """
    if named := st.query_params.get("run") or trainer().snapshot.run:
        return store().run(named)
    return next(iter(store().recent(1)), None)
