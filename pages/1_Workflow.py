"""Workflow: the workflow as a graph, a form for the selected node, a list of problems, and the Start run button."""

import streamlit as st

from pages.components.shell import notices
from pages.components.shell.done_message import show_done
from pages.components.shell.frame import open_page
from pages.components.shell.page_paths import WORKFLOW
from pages.components.shell.questions import show_question
from pages.components.shell.streamlit_gaps import slot
from pages.components.workflow import connect_mode, draft
from pages.components.workflow.add_dialog import add_button
from pages.components.workflow.custom_nodes import custom_nodes
from pages.components.workflow.draft_address import draft_notes, follow_address
from pages.components.workflow.fork_preview import descent_line
from pages.components.workflow.graph_view import graph_view
from pages.components.workflow.layer_table import network_layers
from pages.components.workflow.node_actions import paste_button
from pages.components.workflow.node_choice import node_choice
from pages.components.workflow.node_form import node_form
from pages.components.workflow.problems import problems
from pages.components.workflow.weights_dialog import weights_dialog
from pages.components.workflow.workflow_bar import workflow_bar
from pipeline.nodes.catalogue import NODES
from pipeline.studio import workflows

open_page(WORKFLOW)
follow_address()
now = draft.current()
report = workflows.report(now.workflow)

workflow_bar(now, report)
custom_nodes()
with slot():
    descent_line(now, report)
    notices.show()
    show_done(WORKFLOW)
    draft_notes()
    show_question()
with st.container(border=True):
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        connect_mode.connect_line(now)
        paste_button()
        add_button(now)
    if now.workflow.nodes:
        graph_view(
            now.workflow,
            NODES,
            key="graph",
            selected=now.selected,
            marks=connect_mode.fitting_marks(now.workflow) or {each: ["error"] for each in report.node_errors},
            on_select=connect_mode.pick,
        )
    else:
        st.markdown("This workflow is empty. Add a node, or open a template.")
with st.container(gap=None):
    problems(report)
weights_dialog(report)
with st.sidebar:
    node_choice(now)
    if now.selected:
        node_form(now.workflow, report, now.selected)
# After the form, because the layers of a plain torch module may have to wait for an engine.
network_layers(report, now.selected)
