"""What the last resume of a run restored, and the checkpoints that the run keeps, below its events."""

import pyarrow as pa
import streamlit as st

from pages.components.shell.notices import run_command
from pages.components.shell.state import store, user_name
from pipeline.formatting import counted, listed, size
from pipeline.runs.store import RunRecord
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.studio.run import kept
from pipeline.studio.run.resumed import last_restored


def restored(record: RunRecord) -> None:
    """The list of the last resume, folded; nothing for a run that was never resumed."""
    found = last_restored(store(), record)
    if found is None:
        return
    lost = sum(not item.restored for item in found.items)
    note = f", and what was not: {counted(lost, 'item')}" if lost else ""
    with st.expander(f"What was restored at step {found.step:,}{note}", icon=":material/restart_alt:"):
        st.dataframe(
            pa.table(
                {
                    "Item": [item.name for item in found.items],
                    "Restored": ["yes" if item.restored else "no" for item in found.items],
                    "Detail": [item.detail for item in found.items],
                }
            ),
            hide_index=True,
            key="restored",
            alt="What the last resume of the run restored, and what it could not",
            column_config={
                "Item": st.column_config.TextColumn(width="medium"),
                "Restored": st.column_config.TextColumn(width="small"),
                "Detail": st.column_config.TextColumn(width="large"),
            },
        )


def kept_checkpoints(record: RunRecord, snapshot: Snapshot) -> None:
    """The run's checkpoints, folded, each with why it is kept, and buttons that pin and unpin one."""
    found = kept.kept(store(), record, snapshot.live or None)
    if not found:
        return
    total = size(sum(each.size for each in found))
    with st.expander(f"Checkpoints: {len(found)}, {total}", icon=":material/save:"):
        st.dataframe(
            pa.table(
                {
                    "Checkpoint": pa.array([each.step for each in found], pa.int64()),
                    "Size": pa.array([each.size for each in found], pa.int64()),
                    "Kept because": [listed(each.reasons) or "(the next save deletes it)" for each in found],
                }
            ),
            hide_index=True,
            key="kept",
            alt="The checkpoints of the run, newest first, and why each is kept",
            column_config={
                "Checkpoint": st.column_config.NumberColumn(format="localized"),
                "Size": st.column_config.NumberColumn(format="bytes"),
            },
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            steps = {each.step: each for each in found}
            chosen = st.selectbox(
                "Checkpoint of step", list(steps), format_func=lambda step: f"{step:,}", key="to_pin", width=200
            )
            pinned = steps[chosen].pinned
            st.button(
                "Unpin" if pinned else "Pin",
                key="pin",
                help="Let the rules decide on it again." if pinned else "Keep it for good, whatever the rules say.",
                on_click=run_command,
                args=(kept.unpin if pinned else kept.pin, store(), record.id, chosen, user_name()),
            )
