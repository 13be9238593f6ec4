"""Samples that went wrong: those that no class claims, and the least typical ones; the most typical to compare."""

from collections.abc import Mapping

import streamlit as st

from pages.components.evaluate.fields import How
from pages.components.evaluate.looking import looked_at
from pages.components.evaluate.tiles import (
    GENERATED,
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
from pipeline.formatting import number
from pipeline.runs.store import RunRecord
from pipeline.runtime.messages.evaluation_commands import FailureList, FindFailures
from pipeline.runtime.messages.image_answers import FailedImage, FailedImages
from pipeline.studio.evaluation.image_tiles import Part, Tile

LISTS: Mapping[FailureList, str] = {
    "unclaimed": "No class claims them",
    "least typical": "Least typical",
    "most typical": "Most typical",
}
EMPTY: Mapping[FailureList, str] = {
    "unclaimed": "A class claims every sample: the classifier gives each at least half of the probability.",
    "least typical": "No pixels of these images are kept: evaluate fewer images, or smaller ones.",
    "most typical": "No pixels of these images are kept: evaluate fewer images, or smaller ones.",
}
LEGENDS: Mapping[FailureList, str] = {
    "unclaimed": "The likeliest class of each sample and its probability, as the network of the features sees it; the "
    "least certain first. Such samples often show something between two classes.",
    "least typical": "Distance, between features, from the third nearest held-out image; the largest first. Such "
    "samples are like no real image: artefacts, or rare things that are drawn well.",
    "most typical": "Distance, between features, from the third nearest held-out image; the smallest first. If they "
    "all look alike, the run draws the safe images too often.",
}


def failures_view(record: RunRecord, step: int, how: How) -> None:
    """The choice of the list, its numbers, then the images with a download.

    step: of the checkpoint. how: which images are generated, and what they are compared with.
    """
    controls = st.container(horizontal=True, vertical_alignment="bottom")
    with controls:
        which = st.segmented_control(
            "Samples", list(LISTS), default="unclaimed", required=True, key="failures_list",
            format_func=LISTS.__getitem__,
        )  # fmt: skip
    shown, page = shown_at_once(), f"failures {record.id} {step} {how} {which} {layout()}"
    found = looked_at(
        FindFailures(
            **how.images_of(record.id, step),
            which=which,
            first=first_of_page(page, shown),
            shown=shown,
        )
    )
    if found is None:
        return
    turn_back(page, shown, found.total)
    _numbers(found)
    if not found.images:
        empty(EMPTY[which])
        return
    tiles = [_tile(image) for image in found.images]
    with controls:
        pick_page(page, shown, found.total)
        st.space("stretch")
        title = f"{LISTS[which]}: samples at step {step:,}"
        download(tiles, record, step, how.seed, "failures", title, {"weights": how.weights, "list": which})
    draw_tiles(tiles, [_alt(image) for image in found.images])
    st.caption(escape(f"{LEGENDS[which]} Numbers are those in the grid of this seed."))


def _numbers(found: FailedImages) -> None:
    with st.container(horizontal=True, gap="medium"):
        if found.unclaimed is not None and found.unclaimed_held_out is not None:
            st.metric(
                "Samples that no class claims",
                f"{found.unclaimed:.1%}",
                width="content",
                help="The highest probability of a class is below 50%.",
            )
            st.metric("The same of held-out images", f"{found.unclaimed_held_out:.1%}", width="content")
        st.metric(
            "Usual distance",
            number(found.usual),
            width="content",
            help="Median distance of held-out images from their third nearest held-out neighbour, between features.",
        )


def _tile(image: FailedImage) -> Tile:
    seems = (f"{image.certainty:.1%} “{image.likeliest}”",) if image.likeliest else ()
    lines = (f"Sample {image.place}", *seems, f"distance {number(image.distance)}")
    return Tile((Part(image.png, GENERATED),), lines)


def _alt(image: FailedImage) -> str:
    seems = f", taken for {image.likeliest} with {image.certainty:.1%}" if image.likeliest else ""
    return f"Sample {image.place}{seems}, at distance {number(image.distance)} from held-out images"
