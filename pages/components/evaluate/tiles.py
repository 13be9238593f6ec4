"""Tiles of evaluated images in rows, page by page, and all of a page as one picture to download."""

from collections.abc import Mapping, Sequence
from functools import partial
from math import ceil

import streamlit as st

from pages.components.shell import notices
from pages.components.shell.browser import Layout, layout
from pages.components.shell.palette import COLOURS, ERROR
from pages.components.shell.streamlit_gaps import escape
from pipeline.graph.workflow import Json
from pipeline.runs.store import RunRecord
from pipeline.studio.evaluation.image_tiles import Tile, sheet_png, texts_of, tile_png

REAL, GENERATED = COLOURS["green"], COLOURS["purple"]
"""Of the strip below an image."""
RIGHT, WRONG, PLAIN = COLOURS["blue"], ERROR, COLOURS["slate"]
"""Of frames; that of WRONG is dashed too. PLAIN: nothing to notice."""
ROOM: Mapping[Layout, int] = {"narrow": 560, "normal": 820, "wide": 1456}
"""Width beside the sidebar in pixels, for each layout."""
COLUMNS: Mapping[Layout, int] = {"narrow": 4, "normal": 6, "wide": 11}
"""Tiles of one image in a row, for each layout."""
ROWS = 4
GAP = 16
"""Between two tiles, in pixels of the page."""


def shown_at_once(parts: int = 1) -> int:
    """How many tiles a page of a list has. parts: images in a tile."""
    return ROWS * columns(parts)


def columns(parts: int) -> int:
    """How many tiles with so many images fit into a row."""
    return max(1, COLUMNS[layout()] // parts)


def first_of_page(view: str, shown: int) -> int:
    """How many images come before the chosen page. view: a key that changes with the list and with the layout."""
    return (int(st.session_state.get(f"page {view}", 1)) - 1) * shown


def turn_back(view: str, shown: int, total: int) -> None:
    """Go to the last page if the list has become shorter: its checkpoint may have been trained again."""
    last = max(1, ceil(total / shown))
    if st.session_state.get(f"page {view}", 1) > last:
        st.session_state[f"page {view}"] = last
        st.rerun()


def pick_page(view: str, shown: int, total: int) -> None:
    """The field for the page, if there are several."""
    pages = ceil(total / shown)
    if pages > 1:
        st.number_input(f"Page of {pages:,}", 1, pages, key=f"page {view}", width=130)


def draw_tiles(tiles: Sequence[Tile], alts: Sequence[str]) -> None:
    """The tiles in rows that wrap, each with its lines below.

    tiles: at least one, all of as many images. alts: what each shows, in words.
    """
    width = (ROOM[layout()] + GAP) // columns(len(tiles[0].parts)) - GAP
    with st.container(horizontal=True, gap="small"):
        for tile, alt in zip(tiles, alts, strict=True):
            with st.container(width=width):
                caption = "  \n".join(map(escape, tile.lines))
                st.image(_picture(tile), caption, width="stretch", output_format="PNG", alt=alt)


def download(
    tiles: Sequence[Tile], record: RunRecord, step: int, seed: int, name: str, title: str, facts: Mapping[str, Json]
) -> None:
    """A button for the tiles with their lines as one picture. name: of the view, for the file. title: a line in the
    picture. facts: how the images were chosen, for its metadata."""
    texts = notices.try_or_show(texts_of, record, step, seed, {"view": name, **facts})
    if texts is None:
        return
    st.download_button(
        "Download PNG",
        # Drawn when it is asked for: it takes longer than the page.
        partial(sheet_png, tiles, columns(len(tiles[0].parts)), title, texts),
        f"{record.id}-step-{step}-{name}.png",
        "image/png",
        key=f"download_{name}",
        icon=":material/download:",
        on_click="ignore",
        help="These images with what is said of them. The PNG contains its workflow: open it on the Workflow page to "
        "restore it.",
    )


@st.cache_data(show_spinner=False, max_entries=300)
def _picture(tile: Tile) -> bytes:
    return tile_png(tile)
