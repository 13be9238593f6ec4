"""Generate: from any checkpoint of any run, a grid of images, a matrix of checkpoints and seeds, a strip between two
images, or the way from noise to images."""

import streamlit as st

from pages.components.draw.drawing import drawn
from pages.components.draw.fields import changed, pick_class, pick_settings, pick_weights
from pages.components.draw.path_view import path_view
from pages.components.draw.run_picker import pick_checkpoint, pick_run
from pages.components.generate.drawing import WIDTHS, grid_of
from pages.components.generate.interpolation import interpolation
from pages.components.generate.matrix import sample_matrix
from pages.components.shell import notices
from pages.components.shell.browser import layout
from pages.components.shell.frame import open_page
from pages.components.shell.page_paths import GENERATE, HOME, TRAIN
from pages.components.shell.pictures import picture
from pages.components.shell.state import store
from pages.components.shell.view_field import pick_view
from pipeline.studio import sampling
from pipeline.studio.family import family_of
from pipeline.studio.run.history import checkpoint_steps

open_page(GENERATE)
st.title("Generate", anchor=False)
notices.show()
run = pick_run("Generate")
if run is None:
    notices.empty("There are no runs yet. Start the default template from Home.", HOME, "Go to Home")
    st.stop()
if not checkpoint_steps(store(), run.id):
    notices.empty(
        "This run has no checkpoint yet. Train it for a while, or press Save checkpoint on the Train page.",
        TRAIN,
        "Go to Train",
    )
    st.stop()
family = family_of(run.workflow_text, run.data_text)
views = {"grid": "Grid", "matrix": "Checkpoints × seeds", "between": "Interpolation"}
view = pick_view("generate", run.id, views | ({"path": family.path.title} if family.path else {}))
if view == "matrix":
    sample_matrix(run, family.asked, family.options)
    st.stop()
step = pick_checkpoint(run)
if step is None:
    st.stop()
if view == "between":
    interpolation(run, step, family)
    st.stop()
if view == "path" and family.path:
    path_view(family, family.path, run.id, run.id, step)
    st.stop()
# The choice of weights is lower than a field, so the labels are in line at the top only.
with st.container(horizontal=True, vertical_alignment="top"):
    count = st.number_input("Images", 1, sampling.MOST, 64, key="draw_count", width=150)
    seed = st.number_input("Seed", 0, 2**31 - 1, 0, key="draw_seed", width=150)
    weights = pick_weights()
    label = pick_class(family.asked)
settings = {}
if family.options:
    with st.container(horizontal=True, vertical_alignment="top"):
        settings = changed(pick_settings(family.options, run.id), family.options)
grid = drawn(grid_of(run.id, step, int(count), int(seed), weights, label, settings), step)
if grid is not None:
    if caution := family.caution(grid.step):
        st.info(caution, icon=":material/info:")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"{count:,} images from step {grid.step:,}, seed {seed}. The same settings give the same images.")
        st.download_button(
            "Download PNG",
            grid.png,
            f"{run.id}-step-{grid.step}-seed-{seed}.png",
            "image/png",
            key="download_grid",
            icon=":material/download:",
            on_click="ignore",
            help="The PNG contains its workflow: open it on the Workflow page to restore it.",
        )
    alt = f"Grid of {count} generated images from step {grid.step:,}, seed {seed}"
    picture(grid.png, WIDTHS[layout()], alt)
