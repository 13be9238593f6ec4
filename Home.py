"""Home: current runs, a Start training button, templates, recent runs and links to the other pages."""

import streamlit as st

from pages.components.run.recent import recent_runs, running_now
from pages.components.shell import notices
from pages.components.shell.done_message import show_done
from pages.components.shell.frame import open_page
from pages.components.shell.home_trouble import warn_of_network
from pages.components.shell.page_paths import HOME, PAGES
from pages.components.shell.questions import show_question
from pages.components.shell.state import runs_in_other_processes, store, trainer
from pages.components.shell.streamlit_gaps import POLL_SECONDS, follow_state, mark_of, slot, while_busy
from pages.components.shell.tour import offer_tour
from pages.components.workflow.gallery import front_doors, gallery
from pipeline.studio import workflows

open_page(HOME)
now = trainer().snapshot
follow_state(mark_of())
elsewhere = runs_in_other_processes()
templates = workflows.templates()

st.title("Genscope", anchor=False)
st.markdown(
    "Watch an image generator learn: train it step by step, stop anywhere, change a setting, continue, compare."
)
with slot():
    warn_of_network()
    notices.show()
    show_done(HOME)
    show_question()
st.subheader("Start with", anchor=False)
front_doors([template for template in templates if template.minutes])
with st.container(horizontal=True, vertical_alignment="center"):
    offer_tour()

# A run that failed to start may have been deleted.
loaded = store().named([now.run])
if loaded or elsewhere:
    st.subheader("Now", anchor=False)
if loaded:
    st.fragment(running_now, run_every=while_busy(now))(now.run)
for record in elsewhere:
    st.fragment(running_now, run_every=POLL_SECONDS)(record.id)

st.subheader("More templates", anchor=False)
gallery([template for template in templates if not template.minutes])
st.subheader("Recent runs", anchor=False)
recent_runs(10)
st.subheader("Pages", anchor=False)
others = {path: page for path, page in PAGES.items() if path != HOME}
for column, (path, page) in zip(st.columns(len(others)), others.items(), strict=True):
    with column.container(border=True):
        st.page_link(path, label=page.title, icon=page.icon)
        st.caption(page.purpose)
