"""Inspect: a training step under the magnifying glass, the layers of the networks, and the samples over time."""

import streamlit as st

from pages.components import notices
from pages.components.controls import run_controls, state_line, trouble
from pages.components.debug_controls import debug_controls
from pages.components.film_strip import film_strip
from pages.components.forking import lineage
from pages.components.frame import open_page
from pages.components.layers_view import layers_view
from pages.components.stage_view import stage_view
from pages.components.starting import ask_to_switch
from pages.components.state import chosen_run, look, trainer
from pages.components.stops import stops
from pages.components.view_choice import choose_view
from pages.components.watch import follow_state

open_page("Inspect", ":material/troubleshoot:")
mark = trainer().snapshot.mark
heading = st.container()
record = notices.attempt(chosen_run)
if record is None:
    heading.title("Inspect", anchor=False)
    notices.show()
    notices.empty(
        "No run is open to look into. Start the default template from Home, or choose a run there.",
        "Home.py",
        "Go to Home",
    )
    follow_state(mark)
    st.stop()

seen = look(record.id)
state_line(seen)
lineage(record)
run_controls(seen)
debug_controls(seen)
notices.show()
ask_to_switch()
trouble(seen)
stops(seen)
view = choose_view(record.id)
if view == "step":
    stage_view(record, seen)
elif view == "layers":
    layers_view(record, seen)
else:
    film_strip(record)
follow_state(mark)
