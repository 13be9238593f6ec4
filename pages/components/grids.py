"""Images beside each other: what the generator makes now, and real ones at the same size.

Pictures are shown as PNG on every page: Streamlit would make JPEGs of them, which blur what is to be judged.
"""

import streamlit as st

from pages.components.state import look


def samples_beside_real(run: str) -> None:
    """The newest sample grid with its step and a download, and a grid of real images."""
    now = look(run)
    left, right = st.columns(2)
    with left:
        st.subheader("Samples", anchor=False)
        if now.samples:
            alt = f"Grid of generated images after {now.samples_step:,} steps"
            st.image(now.samples, width="stretch", output_format="PNG", alt=alt)
            with st.container(horizontal=True, vertical_alignment="center"):
                st.caption(f"From fixed noise after {now.samples_step:,} steps")
                st.download_button(
                    "Download",
                    now.samples,
                    f"{now.run}-step-{now.samples_step}.png",
                    "image/png",
                    key="download_samples",
                    icon=":material/download:",
                    on_click="ignore",
                    type="tertiary",
                    help="A PNG that carries its workflow: open it on the Workflow page to get the workflow back.",
                )
        else:
            st.caption("The first grid is drawn when the run starts.")
    with right:
        st.subheader("Real images", anchor=False)
        if now.reals:
            st.image(now.reals, width="stretch", output_format="PNG", alt="Grid of real training images")
            st.caption("From the training set")
        else:
            st.caption("Shown while the run is loaded in the trainer.")
