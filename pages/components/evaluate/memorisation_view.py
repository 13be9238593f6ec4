"""Samples beside their nearest training images, the closest pair first, and a warning if some look like copies."""

import streamlit as st

from pages.components.evaluate.fields import How
from pages.components.evaluate.looking import looked_at
from pages.components.evaluate.tiles import (
    GENERATED,
    PLAIN,
    REAL,
    WRONG,
    download,
    draw_tiles,
    first_of_page,
    pick_page,
    shown_at_once,
    turn_back,
)
from pages.components.shell.browser import layout
from pages.components.shell.notices import empty
from pages.components.shell.streamlit_gaps import escape
from pages.components.shell.why import why_button
from pipeline.formatting import number
from pipeline.metrics.auth_pct import AUTH_PCT
from pipeline.runs.store import RunRecord
from pipeline.runtime.messages.evaluation_commands import FindMemorised
from pipeline.runtime.messages.image_answers import MemorisedImage, MemorisedImages
from pipeline.studio.evaluation.image_tiles import Part, Tile
from pipeline.studio.evaluation.memorised import memorised

PARTS = 2


def memorisation_view(record: RunRecord, step: int, how: How) -> None:
    """The shares of authentic images and the usual distances, the warning, then the pairs with a download.

    step: of the checkpoint. how: which images are generated, and what they are compared with.
    """
    numbers, notice = st.container(), st.container()
    controls = st.container(horizontal=True, vertical_alignment="bottom")
    shown, page = shown_at_once(PARTS), f"memorisation {record.id} {step} {how} {layout()}"
    found = looked_at(
        FindMemorised(
            **how.images_of(record.id, step),
            first=first_of_page(page, shown),
            shown=shown,
        )
    )
    if found is None:
        return
    turn_back(page, shown, found.total)
    with numbers:
        _numbers(found)
    with notice:
        _notice(found, own=not how.data)
    if not found.images:
        empty("No pixels of these images are kept: evaluate fewer images, or smaller ones.")
        return
    tiles = [_tile(image, found) for image in found.images]
    with controls:
        # In line with the button, in a row whose fields stand lower than its middle.
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", width="content"):
            st.markdown("**Samples beside their nearest training images**, the closest first", width="content")
            why_button("memorisation", AUTH_PCT.why, "why_memorisation")
        st.space("stretch")
        pick_page(page, shown, found.total)
        title = f"Samples (left) beside their nearest training images at step {step:,}"
        download(tiles, record, step, how.seed, "memorisation", title, {"weights": how.weights})
    draw_tiles(tiles, [_alt(image, found) for image in found.images])
    st.caption(_legend(found))


def _numbers(found: MemorisedImages) -> None:
    samples, held_out = found.authentic / found.generated, found.authentic_held_out / found.held_out
    with st.container(horizontal=True, gap="medium"):
        st.metric("Authentic samples", f"{samples:.1%}", width="content", help=AUTH_PCT.definition)
        st.metric(
            "Authentic held-out",
            f"{held_out:.1%}",
            width="content",
            help="The same share of held-out images, which are no copies: the measure for the samples.",
        )
        st.metric(
            "Usual distance",
            number(found.usual[0]),
            width="content",
            help="Median distance of held-out images from their nearest training image, between features.",
        )
        st.metric(
            "Close",
            f"below {number(found.usual[1])}",
            width="content",
            help="5% of the held-out images are closer than this to a training image.",
        )


def _notice(found: MemorisedImages, *, own: bool) -> None:
    """own: whether the run was trained on these training images."""
    warning = memorised(found.authentic, found.generated, found.authentic_held_out, found.held_out)
    copies = found.generated - found.authentic
    if not own:
        st.info("The run was not trained on this set, so that likeness is no memory.", icon=":material/info:")
    elif warning:
        st.warning(escape(warning), icon=":material/warning:")
    else:
        st.markdown(
            f"{copies:,} of {found.generated:,} samples are closer to a training image than that is to any other, no "
            "more than of held-out images: no sign of memorised training images."
        )


def _tile(image: MemorisedImage, found: MemorisedImages) -> Tile:
    lines = (
        f"Sample {image.place}, {'✓ authentic' if image.authentic else '✗ not authentic'}",
        f"distance {number(image.distance)}{', close' if image.distance < found.usual[1] else ''}",
        f"pixels {image.pixels:.2f}",
    )
    frame = PLAIN if image.authentic else WRONG
    parts = (Part(image.png, GENERATED), Part(image.nearest, REAL))
    return Tile(parts, lines, frame, dashed=not image.authentic)


def _alt(image: MemorisedImage, found: MemorisedImages) -> str:
    sort = "authentic" if image.authentic else "not authentic"
    close = ", closer than 95% of the held-out images" if image.distance < found.usual[1] else ""
    return (
        f"Sample {image.place} beside its nearest training image at distance {number(image.distance)}{close}; "
        f"{sort}; pixels differ by {image.pixels:.2f}"
    )


def _legend(found: MemorisedImages) -> str:
    pixels = ""
    if found.usual_pixels:
        median, low = found.usual_pixels
        pixels = f" For held-out images its median is {median:.2f}, and 5% are below {low:.2f}."
    return escape(
        "Left, purple strip: the sample; right, green strip: the training image. A sample is not authentic (dashed red "
        "frame, ✗) if it is closer to its training image than that one is to any other; single ones are normal, also "
        "among held-out images. Close: closer to a training image than 95% of the held-out images. Pixels: root mean "
        f"square difference of values in [−1, 1]; 0 is a copy.{pixels}"
    )
