"""How far a run has come: the numbers above the charts."""

import streamlit as st

from pages.components.run.debug_controls import updates_sentence
from pages.components.shell.polling import StateMark, rerun_if_changed
from pages.components.shell.state import snapshot_of
from pipeline.runs.store import RunRecord
from pipeline.runtime.messages import Snapshot
from pipeline.studio.run import history


def progress(record: RunRecord, mark: StateMark) -> None:
    """Step, epoch, speed, time, and what is left of it as a range.

    While numbers move it also follows the trainer's state, whose `mark` the page was drawn from: one part of the page
    that looks every second instead of two.
    """
    rerun_if_changed(mark, record.id)
    now = snapshot_of(record.id)
    told = history.progress(record, now)
    columns = st.columns(5)
    columns[0].metric("Step", f"{now.step:,}")
    columns[1].metric("Epoch", told.epoch, help="Passes over the training images.")
    columns[2].metric("Images per second", told.speed)
    columns[3].metric("Training time", told.time)
    columns[4].metric("Time left", told.left, help="A range, from the speed of the last half second.")
    st.progress(told.share, text=" · ".join(filter(None, (told.sentence, _replay(now), updates_sentence(record, now)))))


def _replay(now: Snapshot) -> str:
    """On its way through what it has come to before, a run records nothing."""
    return f"replays up to step {now.head:,}" if now.state == "running" and now.step < now.head else ""
