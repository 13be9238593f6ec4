"""Follow a run into its fork: the first change to a rewound run forks it.

The browser that made the change goes to the fork; other browsers stay on the old run and see a link to the fork.
"""

from collections.abc import Callable
from typing import Concatenate, ParamSpec

import streamlit as st

from pages.components.shell.notices import run_command_at
from pages.components.shell.page_paths import TRAIN
from pages.components.shell.shown_run import show_run
from pages.components.shell.state import store, trainer, user_name
from pages.components.shell.streamlit_gaps import escape
from pipeline.runs.store import RunRecord
from pipeline.runtime.handle import TrainerHandle
from pipeline.runtime.messages.snapshot import Snapshot

Arguments = ParamSpec("Arguments")


def change_following_fork(
    snapshot: Snapshot,
    function: Callable[Concatenate[TrainerHandle, Snapshot, str, Arguments], object],
    *args: Arguments.args,
    **kwargs: Arguments.kwargs,
) -> bool:
    """For a callback: change the run and, if that forks it, go to the fork. Return whether the change was made."""
    if not run_command_at("", function, trainer(), snapshot, user_name(), *args, **kwargs):
        return False
    current = trainer().snapshot
    if current.run != snapshot.run and (fork := store().run(current.run)).parent == snapshot.run:
        show_run(fork.id)
        # Short, since a toast covers the buttons below it.
        st.toast(f"Forked at step {fork.parent_step or 0:,}. The parent stays unchanged.", icon=":material/call_split:")
    return True


def fork_link(record: RunRecord, snapshot: Snapshot) -> None:
    """If another run is the current one, link to it: a fork of this run, or a run that someone trains now."""
    current = trainer().snapshot
    if current.run == snapshot.run or not current.run:
        return
    if (fork := store().run(current.run)).parent != record.id:
        if current.state == "running":
            _current_link(current)
        return
    by = f" by {escape(fork.who)}" if fork.who else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"Forked at step {fork.parent_step or 0:,}{by}. The fork is the current run.", width="content")
        st.page_link(
            TRAIN, label=f"Open {escape(fork.name)}", icon=":material/call_split:", query_params={"run": fork.id}
        )


def _current_link(current: Snapshot) -> None:
    st.button(
        f":small[{escape(current.name)} is being trained now: show it]",
        key="show_current",
        icon=":material/swap_horiz:",
        type="tertiary",
        help=f"Show run {current.run} on this page. The browser's Back returns to this run.",
        on_click=show_run,
        args=(current.run,),
    )
