"""Inspect: a training step stage by stage, layers, the film strip of samples, profiles; codes if the run encodes
images, and the way from noise to images if it has several steps."""

from pages.components.film.film_strip import film_strip
from pages.components.film.path_strip import path_strip
from pages.components.inspect.codes_view import codes_view
from pages.components.inspect.layers_view import layers_view
from pages.components.inspect.profile_view import profile_view
from pages.components.inspect.stage_view import stage_view
from pages.components.inspect.view_choice import choose_view
from pages.components.run.breakpoints import breakpoints
from pages.components.run.run_header import run_header, run_or_stop
from pages.components.shell.frame import open_page
from pages.components.shell.page_paths import INSPECT
from pages.components.shell.state import snapshot_of
from pages.components.shell.streamlit_gaps import follow_state, mark_of
from pipeline.studio.family import family_of

open_page(INSPECT)
record = run_or_stop("Inspect", "No run is open. Start the default template from Home, or choose a run there.")
mark = mark_of(record.id)
snapshot = snapshot_of(record.id)
run_header(record, snapshot)
family = family_of(record.workflow_text, record.data_text)
view = choose_view(record.id, encodes=family.encodes, path=family.path)
if view == "step":
    stage_view(record, snapshot)
    breakpoints(record, snapshot)
elif view == "layers":
    layers_view(record, snapshot)
elif view == "codes":
    codes_view(record, snapshot)
elif view == "profile":
    profile_view(record, snapshot)
elif view == "path" and family.path:
    path_strip(record, family.path)
else:
    film_strip(record)
follow_state(mark, record.id)
