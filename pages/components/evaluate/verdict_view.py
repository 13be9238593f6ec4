"""Held-out and generated images as the run's scoring network judges them, the ones it is most wrong about first."""

from collections.abc import Mapping
from math import exp

import streamlit as st

from pages.components.evaluate.fields import How
from pages.components.evaluate.looking import looked_at
from pages.components.evaluate.tiles import (
    GENERATED,
    REAL,
    RIGHT,
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
from pipeline.formatting import number
from pipeline.runs.store import RunRecord
from pipeline.runtime.messages.evaluation_commands import JudgedKind, JudgedOrder, JudgeImages
from pipeline.runtime.messages.image_answers import JudgedImage, JudgedImages
from pipeline.studio.evaluation.image_tiles import Part, Tile
from pipeline.studio.family import family_of

KINDS: Mapping[JudgedKind, str] = {"both": "Both", "real": "Held-out", "generated": "Generated"}
ORDERS: Mapping[JudgedOrder, str] = {
    "most wrong": "most wrong first",
    "highest score": "most real first",
    "lowest score": "least real first",
}
SHARES = {
    "training": "Training images taken for real",
    "held-out": "Held-out images taken for real",
    "generated": "Generated images taken for real",
}


def verdict_view(record: RunRecord, step: int, how: How) -> None:
    """The shares that it takes for real, then the images with a download.

    step: of the checkpoint. how: which images are generated, and what they are compared with.
    """
    judge = family_of(record.workflow_text, record.data_text).scorer
    if not judge:
        empty(
            "This run has no network that tells real images from generated ones, so there are no verdicts. Failures "
            "shows the images that went wrong, and Memorisation those that may be copies."
        )
        return
    if how.data:
        empty(
            f"The {escape(judge)} knows only the run's own images: choose them again as the set to compare with to "
            "see its verdicts."
        )
        return
    controls = st.container(horizontal=True, vertical_alignment="bottom")
    with controls:
        kind = st.segmented_control(
            "Images", list(KINDS), default="both", required=True, key="verdict_kind", format_func=KINDS.__getitem__
        )
        order = st.selectbox("Sort", list(ORDERS), key="verdict_order", format_func=ORDERS.__getitem__, width=190)
    shown, page = shown_at_once(), f"verdicts {record.id} {step} {how} {kind} {order} {layout()}"
    found = looked_at(
        JudgeImages(
            **how.images_of(record.id, step),
            order=order,
            of=kind,
            first=first_of_page(page, shown),
            shown=shown,
        )
    )
    if found is None:
        return
    turn_back(page, shown, found.total)
    tiles = [_tile(image, found) for image in found.images]
    with controls:
        pick_page(page, shown, found.total)
        st.space("stretch")
        title = f"Verdicts of the {judge} at step {step:,}: {ORDERS[order]}"
        download(
            tiles, record, step, how.seed, "verdicts", title, {"weights": how.weights, "order": order, "images": kind}
        )
    _shares(found, judge)
    draw_tiles(tiles, [_alt(image, found) for image in found.images])
    st.caption(_legend(found, judge))


def _shares(found: JudgedImages, judge: str) -> None:
    with st.container(horizontal=True, gap="medium"):
        for kind, label in SHARES.items():
            st.metric(
                label,
                f"{found.taken_for_real[kind]:.1%}",
                width="content",
                help=f"If the {judge} takes held-out images for real much less often than training images, it has "
                "learnt its training images by heart. If it takes generated images for real as often as held-out "
                "ones, it cannot tell them apart.",
            )


def _tile(image: JudgedImage, found: JudgedImages) -> Tile:
    mark = "✓ right" if image.right else "✗ wrong"
    lines = (f"{_kind(image)} {image.place}", f"{mark}: {_verdict(image)}", _score(image, found))
    frame = RIGHT if image.right else WRONG
    return Tile((Part(image.png, GENERATED if image.generated else REAL),), lines, frame, dashed=not image.right)


def _alt(image: JudgedImage, found: JudgedImages) -> str:
    rightly = "rightly" if image.right else "wrongly"
    return f"{_kind(image)} image {image.place}, {rightly} taken for {_verdict(image)}, {_score(image, found)}"


def _kind(image: JudgedImage) -> str:
    return "Generated" if image.generated else "Held-out"


def _verdict(image: JudgedImage) -> str:
    return "real" if image.right != image.generated else "generated"


def _score(image: JudgedImage, found: JudgedImages) -> str:
    """The score as shown: the probability that the image is real, or a plain number."""
    if found.probability:
        # Beyond ±700 the exponential would overflow.
        return f"{1 / (1 + exp(-max(-700.0, min(700.0, image.score)))):.1%} real"
    return f"score {number(image.score)}"


def _legend(found: JudgedImages, judge: str) -> str:
    rule = (
        "real above 50%"
        if found.probability
        else f"real above {number(found.threshold)}, which best separates training images from generated ones"
    )
    return escape(
        f"Solid blue frame, ✓: the {judge} is right; dashed red frame, ✗: it is wrong. The strip below an image is "
        f"green for held-out images and purple for generated ones. Verdict: {rule}. The {judge} never saw held-out "
        "images in training. It scores in eval mode here, with the running statistics of its batch normalization, so "
        "scores differ from those of training batches on Train. Numbers count held-out images in their set, and "
        "generated ones in the grid of this seed."
    )
