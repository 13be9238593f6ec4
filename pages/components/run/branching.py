"""Following a run that becomes another: the first change of a run that has gone back makes a fork of it.

Whoever made the change is taken to the fork; other browsers stay where they are and are told of it.
"""

from collections.abc import Callable
from typing import Concatenate, ParamSpec

import streamlit as st

from pages.components.shell.escape import plain
from pages.components.shell.notices import carry_out_at
from pages.components.shell.state import store, trainer, who
from pipeline.runs.store import RunRecord
from pipeline.runtime.handle import TrainerHandle
from pipeline.runtime.messages import Snapshot

TRAIN = "pages/2_Train.py"
Arguments = ParamSpec("Arguments")


def change(
    seen: Snapshot,
    function: Callable[Concatenate[TrainerHandle, Snapshot, str, Arguments], object],
    *args: Arguments.args,
    **kwargs: Arguments.kwargs,
) -> bool:
    """For a callback: changes the run, and goes with it where that makes a fork. Whether it was done."""
    if not carry_out_at("", function, trainer(), seen, who(), *args, **kwargs):
        return False
    now = trainer().snapshot
    if now.run != seen.run and (fork := store().run(now.run)).parent == seen.run:
        st.query_params["run"] = fork.id
        st.toast(
            f"Forked: run {plain(fork.id)} goes on from step {fork.parent_step or 0:,}; "
            f"{plain(seen.name)} stays as it was.",
            icon=":material/call_split:",
            duration="long",
        )
    return True


def told_of_forks(record: RunRecord, seen: Snapshot) -> None:
    """That the run under way is a fork of this one, with the way to it."""
    now = trainer().snapshot
    if now.run == seen.run or not now.run or (fork := store().run(now.run)).parent != record.id:
        return
    by = f" by {plain(fork.who)}" if fork.who else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"Forked at step {fork.parent_step or 0:,}{by}; the fork is what is trained now.", width="content")
        st.page_link(
            TRAIN, label=f"Open {plain(fork.name)}", icon=":material/call_split:", query_params={"run": fork.id}
        )
