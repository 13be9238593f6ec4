"""Train: run, pause and step the run under way, and watch it learn."""

import streamlit as st

from pages.components import notices
from pages.components.breakpoints import breakpoints
from pages.components.charts import chart_settings, training_charts
from pages.components.controls import run_controls, state_line, trouble
from pages.components.debug_controls import debug_controls
from pages.components.events import events
from pages.components.forking import lineage, rebuild_line
from pages.components.frame import open_page
from pages.components.grids import samples_beside_real
from pages.components.hints import hints
from pages.components.live_form import live_form
from pages.components.progress import progress
from pages.components.starting import ask_to_switch
from pages.components.state import chosen_run, look, trainer
from pages.components.stops import stops
from pages.components.watch import follow_state, while_busy

open_page("Train", ":material/model_training:")
mark = trainer().snapshot.mark
heading = st.container()
record = notices.attempt(chosen_run)
if record is None:
    heading.title("Train", anchor=False)
    notices.show()
    notices.empty(
        "No run is open. Start the default template from Home, or choose a run there.", "Home.py", "Go to Home"
    )
    follow_state(mark)
    st.stop()

run = record.id
seen = look(run)
state_line(seen)
lineage(record)
run_controls(seen)
debug_controls(seen)
notices.show()
ask_to_switch()
trouble(seen)
stops(seen)
st.fragment(progress, run_every=while_busy(seen))(record, mark)
if not seen.busy:
    follow_state(mark)
with st.sidebar:
    settings = chart_settings()
    if seen.live:
        live_form(record.workflow_text, seen)
    rebuild_line(record, seen)
breakpoints(record, seen)
st.fragment(training_charts, run_every=while_busy(seen, 1.5))(run, settings)
st.fragment(samples_beside_real, run_every=while_busy(seen, 2.0))(run)
st.fragment(hints, run_every=while_busy(seen, 3.0))(run)
st.fragment(events, run_every=while_busy(seen, 3.0))(run)
