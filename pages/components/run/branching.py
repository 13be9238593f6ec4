"""Follow a run into its fork: the first change to a rewound run forks it.

The browser that made the change goes to the fork; other browsers stay on the old run and see a link to the fork.
"""

from collections.abc import Callable
from typing import Concatenate, ParamSpec

import streamlit as st

from pages.components.shell.escape import plain
from pages.components.shell.notices import carry_out_at
from pages.components.shell.state import store, trainer, who
from pipeline.runs.store import RunRecord
from pipeline.runtime.handle import TrainerHandle
from pipeline.runtime.messages.snapshot import Snapshot

TRAIN = "pages/2_Train.py"
Arguments = ParamSpec("Arguments")


def change(
    seen: Snapshot,
    function: Callable[Concatenate[TrainerHandle, Snapshot, str, Arguments], object],
    *args: Arguments.args,
    **kwargs: Arguments.kwargs,
) -> bool:
    """For a callback: change the run and, if that made a fork, go to it. Return whether the change was made."""
    if not carry_out_at("", function, trainer(), seen, who(), *args, **kwargs):
        return False
    now = trainer().snapshot
    if now.run != seen.run and (fork := store().run(now.run)).parent == seen.run:
        st.query_params["run"] = fork.id
        st.toast(
            f"Forked: run {plain(fork.id)} continues from step {fork.parent_step or 0:,}; "
            f"{plain(seen.name)} stays unchanged.",
            icon=":material/call_split:",
            duration="long",
        )
    return True


def told_of_forks(record: RunRecord, seen: Snapshot) -> None:
    """If the current run is a fork of this one, say so and link to it."""
    now = trainer().snapshot
    if now.run == seen.run or not now.run or (fork := store().run(now.run)).parent != record.id:
        return
    by = f" by {plain(fork.who)}" if fork.who else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"Forked at step {fork.parent_step or 0:,}{by}. The fork is the current run.", width="content")
        st.page_link(
            TRAIN, label=f"Open {plain(fork.name)}", icon=":material/call_split:", query_params={"run": fork.id}
        )
