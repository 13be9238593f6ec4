"""Runs: find, open, compare and change runs."""

import streamlit as st

from pages.components.runs.compare_view import compare_settings, compare_view
from pages.components.runs.filters import columns_field, filters, metric_names, order_field, search_field
from pages.components.runs.import_form import import_form
from pages.components.runs.job_details import job_of_run
from pages.components.runs.job_table import job_table
from pages.components.runs.queue_rows import queue_rows
from pages.components.runs.run_actions import run_actions
from pages.components.runs.run_rows import chosen_records, pages, run_rows
from pages.components.runs.runs_address import current_view, pick_show
from pages.components.runs.sweep_form import sweep_form
from pages.components.runs.tree_view import tree_view
from pages.components.shell import notices
from pages.components.shell.done_message import show_done
from pages.components.shell.frame import open_page
from pages.components.shell.page_paths import HOME, RUNS
from pages.components.shell.questions import show_question
from pages.components.shell.state import store
from pipeline.runs import catalogue, lineage
from pipeline.studio.comparison.run_table import run_table

open_page(RUNS)
st.title("Runs", anchor=False)
notices.show()
show_done(RUNS)
show_question()
view = current_view()
known = catalogue.choices(store())
show = pick_show(view)
if show == "queue":
    queue_rows()
    sweep_form(chosen_records(view))
    st.stop()
if show == "jobs":
    job_table()
    st.stop()
if not known.total:
    notices.empty("There are no runs yet. Start the default template from Home, or import runs.", HOME, "Go to Home")
    import_form()
    st.stop()
if show == "compare":
    runs = chosen_records(view)
    with st.sidebar:
        compare_settings(view, runs)
    compare_view(view, runs)
    st.stop()
if show == "tree":
    tree_view(lineage.families(store()), view.chosen)
    st.stop()
table = run_table(store(), view)
with st.sidebar:
    names = metric_names(view)
    filters(view, known)
    columns_field(view, names)
    import_form()
find, order = st.columns([3, 2], vertical_alignment="center")
with find:
    search_field(view)
with order:
    order_field(view, names)
run_rows(table, view)
pages(table)
# Below the table, so that a tick does not move it.
chosen = chosen_records(view)
run_actions(chosen)
if len(chosen) == 1:
    job_of_run(chosen[0].job)
