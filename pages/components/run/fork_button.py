"""The Fork button of a run, and the link from a fork to its parent."""

import streamlit as st

from pages.components.shell.page_paths import WORKFLOW
from pages.components.shell.shown_run import show_run
from pages.components.shell.state import store
from pages.components.shell.streamlit_gaps import escape, request_page
from pipeline.runs.catalogue import parent_of
from pipeline.runs.store import RunRecord
from pipeline.runtime.messages.snapshot import Snapshot

FORK_ICON = ":material/call_split:"


def fork_button(record: RunRecord, snapshot: Snapshot, key: str = "fork") -> None:
    """A button that opens the run's workflow on the Workflow page, to edit it and continue as a new run."""
    st.button(
        "Fork…",
        key=key,
        icon=FORK_ICON,
        disabled=snapshot.state in ("idle", "building"),
        help="Open this run's workflow, change anything, and continue from here as a new run. This run stays "
        "unchanged.",
        on_click=request_page,
        args=(WORKFLOW,),
        kwargs={"fork": record.id},
    )


def rebuild_line(record: RunRecord, snapshot: Snapshot, key: str = "fork_rebuild") -> None:
    """Below the live parameters: a Fork button for all other parameters."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("To change other parameters, fork the run:", width="content")
        fork_button(record, snapshot, key)


def lineage(record: RunRecord) -> None:
    """For a fork, a link to the run that it was forked from, with the step; nothing for other runs."""
    if record.parent_step is None:
        return
    parent = parent_of(store(), record)
    if parent is None:
        st.caption(f"Forked at step {record.parent_step:,} from a run that was deleted.", width="content")
        return
    st.button(
        f":small[Forked from {escape(parent.name)} at step {record.parent_step or 0:,}]",
        key="open_parent",
        icon=FORK_ICON,
        type="tertiary",
        help=f"Open run {parent.id}",
        on_click=show_run,
        args=(parent.id,),
    )
