"""Pictures at a width in the page."""

from typing import Literal

import streamlit as st

GIF = b"GIF8"


def picture(content: bytes, width: int, alt: str) -> None:
    """A PNG or GIF, as wide as `width` pixels of the page; the browser scales it.

    Given this width itself, `st.image` would scale larger pictures down on the server: blurred on a screen with finer
    pixels, without their animation, and encoded again at each poll.
    """
    # "auto" would write a PNG as JPEG; a GIF it leaves as it is.
    kind: Literal["auto", "PNG"] = "auto" if content.startswith(GIF) else "PNG"
    with st.container(width=width):
        st.image(content, width="stretch", output_format=kind, alt=alt)
