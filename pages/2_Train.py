"""Train: run, pause and step the run under way, and watch it learn."""

import streamlit as st

from pages.components import notices
from pages.components.charts import chart_settings, training_charts
from pages.components.controls import run_controls, state_line, trouble
from pages.components.events import events
from pages.components.frame import open_page
from pages.components.grids import samples_beside_real
from pages.components.live_form import live_form
from pages.components.progress import progress
from pages.components.state import chosen_run, look, store, trainer
from pages.components.watch import follow_state, while_busy

open_page("Train", ":material/model_training:")
follow_state(trainer().snapshot.mark)
run = chosen_run()
if not run:
    st.title("Train", anchor=False)
    notices.show()
    notices.empty("No run yet. Start the default template from Home, or build a workflow.", "Home.py", "Go to Home")
    st.stop()

seen = look(run)
record = store().run(run)
state_line(seen)
run_controls(seen)
notices.show()
trouble(seen)
st.fragment(progress, run_every=while_busy(seen))(run)
with st.sidebar:
    settings = chart_settings()
    if seen.live:
        live_form(record.workflow_text, seen)
st.fragment(training_charts, run_every=while_busy(seen, 1.5))(run, settings)
st.fragment(samples_beside_real, run_every=while_busy(seen, 2.0))(run)
st.fragment(events, run_every=while_busy(seen, 2.0))(run)
