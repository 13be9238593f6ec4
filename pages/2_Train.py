"""Train: run, pause, step and rewind a run, set breakpoints, and watch its charts and samples."""

from functools import partial

import streamlit as st

from pages.components.run.breakpoints import breakpoints
from pages.components.run.chart_settings import chart_settings
from pages.components.run.charts import training_charts
from pages.components.run.events import events
from pages.components.run.fork_button import rebuild_line
from pages.components.run.grids import real_images, samples
from pages.components.run.hints import hints
from pages.components.run.live_form import live_form
from pages.components.run.periodic_line import periodic_line
from pages.components.run.progress import progress
from pages.components.run.reproduction import reproduction_line
from pages.components.run.restored import kept_checkpoints, restored
from pages.components.run.run_header import run_header, run_or_stop
from pages.components.run.run_images import run_conditions, run_images
from pages.components.shell.browser import layout
from pages.components.shell.frame import open_page
from pages.components.shell.page_paths import TRAIN
from pages.components.shell.state import snapshot_of
from pages.components.shell.streamlit_gaps import (
    CHART_SECONDS,
    LOOSE_SECONDS,
    follow_state,
    mark_of,
    slot,
    while_busy,
)
from pipeline.studio.family import family_of
from pipeline.studio.run import periodic

open_page(TRAIN)
record = run_or_stop("Train", "No run is open. Start the default template from Home, or choose a run there.")
run = record.id
mark = mark_of(run)
snapshot = snapshot_of(run)
run_header(record, snapshot)
st.fragment(progress, run_every=while_busy(snapshot))(record, mark)
st.fragment(reproduction_line, run_every=while_busy(snapshot, LOOSE_SECONDS))(run)
family = family_of(record.workflow_text, record.data_text)
with st.sidebar:
    settings = chart_settings(run)
    if snapshot.live:
        live_form(record.workflow_text, snapshot, family.phases)
    rebuild_line(record, snapshot)
# The first screen ends with the two rows that have pictures. Most of what open pages cost the trainer is for charts.
st.fragment(training_charts, run_every=while_busy(snapshot, CHART_SECONDS))(
    run, settings, 3 if layout() == "wide" else 2, (partial(samples, run, family), partial(real_images, run, family))
)
if periodic.has_one(record):
    st.fragment(periodic_line, run_every=while_busy(snapshot, CHART_SECONDS))(record)
st.fragment(hints, run_every=while_busy(snapshot, LOOSE_SECONDS))(run)
with slot():
    run_images(record)
    run_conditions(record)
breakpoints(record, snapshot)
st.fragment(events, run_every=while_busy(snapshot, LOOSE_SECONDS))(run)
restored(record)
kept_checkpoints(record, snapshot)
# Last, so that it shifts nothing. While the run is busy, the progress line follows its state instead.
if not snapshot.busy:
    follow_state(mark, run)
