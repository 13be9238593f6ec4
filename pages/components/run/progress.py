"""The progress line of a run: the numbers above the charts."""

import streamlit as st

from pages.components.run.debug_controls import updates_sentence
from pages.components.shell.browser import layout
from pages.components.shell.state import snapshot_of, store
from pages.components.shell.streamlit_gaps import StateMark, rerun_if_changed
from pipeline.runs.store import RunRecord
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.studio.run import history, periodic

SHARES = (5, 4, 4, 5, 5)
"""Of the width: a time takes more than a speed, and neither must be cut in a narrow window."""


def progress(record: RunRecord, mark: StateMark) -> None:
    """Step, epoch, speed, training time and a range for the time left.

    While the run is busy, this also reruns the page when the trainer's state is no longer `mark`, the state that the
    page was drawn from. So the page has one fragment that polls instead of two.
    """
    rerun_if_changed(mark, record.id)
    snapshot = snapshot_of(record.id)
    figures = history.progress(record, snapshot)
    speed = "Images/s" if layout() == "narrow" else "Images per second"
    columns = st.columns(SHARES)
    columns[0].metric("Step", f"{snapshot.step:,}")
    columns[1].metric("Epoch", figures.epoch, help="Passes over the training images.")
    columns[2].metric(speed, figures.speed)
    columns[3].metric("Training time", figures.time)
    left, of = ("Time left in phase", " The next phase has another speed.") if figures.of_phase else ("Time left", "")
    columns[4].metric(left, figures.left, help=f"A range, computed from the speed of the last half second.{of}")
    evaluated = periodic.share_words(periodic.of_stored(store(), record), snapshot.seconds)
    facts = (figures.sentence, _replay(snapshot), updates_sentence(record, snapshot), evaluated)
    st.progress(figures.share, text=" · ".join(filter(None, facts)))


def _replay(snapshot: Snapshot) -> str:
    """Say that the run is replaying steps that it has already recorded, if it is."""
    return (
        f"replaying up to step {snapshot.head:,}"
        if snapshot.state == "running" and snapshot.step < snapshot.head
        else ""
    )
