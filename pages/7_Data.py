"""Data: statistics and images of a data set before training: original, prepared and augmented."""

import streamlit as st

from pages.components.data.data_choice import choose_data
from pages.components.data.data_images import images
from pages.components.data.data_reading import summary_of
from pages.components.data.data_report import charts, numbers, tables
from pages.components.data.data_use import use_button, used_line
from pages.components.data.upload_shelf import upload_shelf
from pages.components.shell import notices
from pages.components.shell.frame import open_page
from pages.components.shell.page_paths import DATA
from pages.components.shell.streamlit_gaps import slot
from pages.components.workflow import draft
from pipeline.runs.home import home
from pipeline.studio import workflows
from pipeline.studio.data import data_nodes, datasets

open_page(DATA)
report = workflows.report(draft.current().workflow)
drafted = data_nodes.choice_of(report)
with st.sidebar:
    upload_shelf()
header = st.container(horizontal=True, vertical_alignment="center")
header.title("Data", anchor=False, width="content")
header.space("stretch")
notices.show()
choice = choose_data(drafted)
version = notices.try_or_show(datasets.version, choice, home()) if choice.source else None
with header:
    use_button(choice, drafted, usable=version is not None)
with slot():
    used_line(choice, report)
if version is None:
    if not choice.source:
        notices.empty("Enter the path of a folder or file on the server, or upload images in the sidebar.")
    st.stop()

with slot():
    summary = summary_of(choice, version)
    if summary:
        numbers(summary, choice, version)
if summary:
    charts(summary)
if summary or not choice.named:
    images(choice, version, datasets.count(choice, home()), data_nodes.augmentations(report))
if summary:
    tables(summary)
