"""Evaluate: how good the images of a run are, in numbers and in pictures, and how runs compare."""

import streamlit as st

from pages.components.draw.run_picker import pick_checkpoint, pick_run
from pages.components.evaluate.comparison import comparison
from pages.components.evaluate.failures_view import failures_view
from pages.components.evaluate.fields import pick_how, start_buttons
from pages.components.evaluate.memorisation_view import memorisation_view
from pages.components.evaluate.numbers import numbers
from pages.components.evaluate.progress import show_progress, under_way
from pages.components.evaluate.verdict_view import verdict_view
from pages.components.shell import notices
from pages.components.shell.frame import open_page
from pages.components.shell.page_paths import EVALUATE, HOME, TRAIN
from pages.components.shell.state import store
from pages.components.shell.streamlit_gaps import escape
from pages.components.shell.view_field import pick_view
from pipeline.studio.evaluation.evaluating import evaluations_of
from pipeline.studio.evaluation.memorised import warning_before_sharing
from pipeline.studio.family import family_of
from pipeline.studio.run.history import checkpoint_steps

VIEWS = {
    "numbers": "Numbers",
    "compare": "Compare",
    "verdicts": "Verdicts",
    "memorisation": "Memorisation",
    "failures": "Failures",
}
PICTURES = {"verdicts": verdict_view, "memorisation": memorisation_view, "failures": failures_view}
"""The views that show images."""

open_page(EVALUATE)
st.title("Evaluate", anchor=False)
notices.show()
left, right = st.columns(2)
with left:
    run = pick_run("Evaluate")
if run is None:
    notices.empty("There are no runs yet. Start the default template from Home.", HOME, "Go to Home")
    st.stop()
steps = checkpoint_steps(store(), run.id)
if not steps:
    notices.empty(
        "This run has no checkpoint yet. Train it for a while, or press Save checkpoint on the Train page.",
        TRAIN,
        "Go to Train",
    )
    st.stop()
with right:
    step = pick_checkpoint(run)
if step is None:
    st.stop()
family = family_of(run.workflow_text, run.data_text)
with st.sidebar:
    how = pick_how(family.channels)
judging = {"verdicts": f"{family.scorer.capitalize()}'s view"} if family.scorer else {}
working = under_way(run.id)
busy = working is not None and not working.error
view = pick_view("evaluate", run.id, VIEWS | judging)
if view == "compare":
    comparison(run, step, how)
    st.stop()
if view in PICTURES:
    PICTURES[view](run, step, how)
    st.stop()
with st.container(horizontal=True):
    start_buttons(run.id, step, several=len(steps) > 1, busy=busy)
show_progress(run.id)
if warning := warning_before_sharing(store().files(run.id), step):
    st.warning(escape(warning), icon=":material/warning:")
numbers(evaluations_of(store(), run.id), step, busy=busy)
