"""Look inside: each layer's output for one image, and its saliency map."""

import streamlit as st

from pages.components.shell.notices import try_or_show
from pages.components.shell.readiness import blocked_because
from pages.components.shell.state import trainer
from pages.components.shell.streamlit_gaps import escape
from pipeline.runs.store import RunRecord
from pipeline.runtime.messages.answers import InsideView
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.studio.family import family_of
from pipeline.studio.inspect import network_pictures
from pipeline.studio.inspect.network_pictures import MOST

SOURCES = {"real": "Real", "held-out": "Held-out", "fake": "Fake"}
COLUMNS = 4


def look_inside(record: RunRecord, snapshot: Snapshot) -> None:
    """The choice of network and image, the button, and the pictures of the last result."""
    st.subheader("Look inside", anchor=False)
    blocked = blocked_because(snapshot, moving=True)
    family = family_of(record.workflow_text, record.data_text)
    networks = family.networks
    if not networks:
        st.caption("This version of Genscope cannot read the run's workflow, so its networks are unknown.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        role = st.segmented_control(
            "Layers of",
            list(networks),
            default=next(iter(networks)),
            required=True,
            format_func=str.capitalize,
            # Each family has its own networks, and so its own choice.
            key=f"inside_role {' '.join(networks)}",
            persist_state="session",
        )
        source = st.segmented_control(
            "Image",
            list(SOURCES),
            default="fake",
            required=True,
            format_func=SOURCES.__getitem__,
            key="inside_source",
            persist_state="session",
            disabled=not networks[role],
            help="The network's input: a training image, a held-out image or a sample. A network that generates "
            "images gets the input of the sample with this number.",
        )
        index = st.number_input(
            "Number in the grid",
            min_value=1,
            max_value=MOST,
            value=1,
            key="inside_index",
            persist_state="session",
            width=150,
            help="Position in the grid of samples or real images, counted row by row from 1.",
        )
        clicked = st.button(
            "Look inside",
            key="look_inside",
            icon=":material/search:",
            disabled=bool(blocked),
            help=blocked or "Looking inside does not affect training.",
        )
    key = f"inside {record.id}"
    if clicked and (found := try_or_show(network_pictures.look_inside, trainer(), snapshot, role, source, int(index))):
        st.session_state[key] = found
    if key in st.session_state:
        _pictures(st.session_state[key])
    else:
        scored = f", and the pixels that the {family.scorer}'s score depends on" if family.scorer else ""
        st.caption(f"Shows each layer's output for an image{escape(scored)}.")


def _pictures(found: InsideView) -> None:
    st.caption(
        f"After {found.step:,} steps, with the raw (not averaged) weights and without randomness. "
        "Gradients: black is 0. Layers: mid grey is 0, and black is minus the value of white."
    )
    for start in range(0, len(found.pictures), COLUMNS):
        for column, picture in zip(st.columns(COLUMNS), found.pictures[start : start + COLUMNS], strict=False):
            column.image(
                picture.png, caption=escape(picture.label), width="stretch", output_format="PNG", alt=picture.label
            )
