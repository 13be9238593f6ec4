"""Images of a data set, page by page, each one original, prepared and augmented."""

import math
from collections.abc import Mapping, Sequence

import streamlit as st

from pages.components.shell import notices
from pages.components.shell.state import drawing_engine
from pages.components.shell.streamlit_gaps import escape
from pipeline.formatting import plain
from pipeline.graph.form import Parameter, parameters
from pipeline.nodes.inputs.augment import Augment
from pipeline.runtime.messages.answers import StripImage
from pipeline.studio.data import datasets
from pipeline.studio.data.datasets import DataChoice, Strengths

ON_A_PAGE, IN_A_ROW = 12, 3
LONGEST_NAME = 34
MENU_WIDTH = 520

Hashable = tuple[tuple[tuple[str, float], ...], ...]


def images(choice: DataChoice, version: str, count: int, nodes: Sequence[tuple[str, Strengths]]) -> None:
    """A page of images. nodes: title and strengths of the workflow's augmentations; if there are none, a form sets
    one."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Images", anchor=False, width="content")
        st.space("stretch")
        chosen = _augmentation(nodes)
        st.button(
            "Draw again",
            key="draw_again",
            icon=":material/casino:",
            help="Augment the same images with other random numbers.",
            on_click=_draw_again,
        )
    how_many = "One image" if count == 1 else f"{count:,} images in a fixed shuffled order"
    st.caption(
        f"{how_many}. From left to right: original, prepared, augmented ({_in_words(chosen)}). Held-out images are "
        "never augmented."
    )
    # The source is part of the key, so that another set starts at page 1.
    pages = max(1, math.ceil(count / ON_A_PAGE))
    place = st.container()
    page = st.pagination(pages, key=f"data_page {choice.source}") if pages > 1 else 1
    with place:
        seed = st.session_state.get("data_seed", 0)
        with st.spinner("Loading images"):
            found = notices.try_or_show(_strips, choice, version, page, _hashable(chosen), seed)
        if found:
            _draw(found)


def _draw(found: Sequence[StripImage]) -> None:
    for start in range(0, len(found), IN_A_ROW):
        for column, strip in zip(st.columns(IN_A_ROW, gap="medium"), found[start : start + IN_A_ROW], strict=False):
            with column:
                if strip.reason:
                    st.markdown(f":material/broken_image: {escape(strip.reason)}")
                else:
                    alt = f"{strip.name}: original, prepared and augmented"
                    st.image(strip.png, width="stretch", output_format="PNG", alt=alt)
                st.caption(_caption(strip))


def _caption(strip: StripImage) -> str:
    name = strip.name if len(strip.name) <= LONGEST_NAME else f"…{strip.name[1 - LONGEST_NAME :]}"
    size = "" if strip.reason else "{:,}×{:,}".format(*strip.size)
    return " · ".join(filter(None, (escape(name), escape(strip.class_name), size)))


def _augmentation(nodes: Sequence[tuple[str, Strengths]]) -> tuple[Strengths, ...]:
    """The workflow's augmentations, shown read-only, or else the one set in the form."""
    with (
        st.popover("Augmentation", icon=":material/tune:", key="augmentation"),
        st.container(width=MENU_WIDTH),
    ):
        if nodes:
            for title, strengths in nodes:
                st.markdown(f"**{escape(title)}**: {_in_words([strengths])}")
            st.caption("These are nodes of the workflow; edit them on the Workflow page.")
            return tuple(strengths for _, strengths in nodes)
        st.caption(
            "The workflow has no augmentation. This previews the Augmentation node; to train with it, add it on the "
            "Workflow page."
        )
        columns = st.columns(3)
        shown = parameters(Augment)
        return ({each.name: _field(each, columns[place % 3]) for place, each in enumerate(shown)},)


def _field(parameter: Parameter, column: st.delta_generator.DeltaGenerator) -> float:
    usual: float = Augment.model_fields[parameter.name].default
    value = column.number_input(
        parameter.label,
        float(parameter.minimum or 0),
        float(parameter.maximum or 1),
        usual,
        float(parameter.step or 0.1),
        format="%g",
        key=f"augment {parameter.name}",
        persist_state="session",
        help=parameter.help,
    )
    return float(value)


def _in_words(augmentations: Sequence[Strengths]) -> str:
    """The augmentations with strengths above zero, as words."""
    labels = {each.name: each.label.lower() for each in parameters(Augment)}
    done = [
        f"{labels[name]} {plain(value)}"
        for strengths in augmentations
        for name, value in strengths.items()
        if value and name != "probability" and strengths["probability"]
    ]
    return ", ".join(done) or "not at all"


def _draw_again() -> None:
    st.session_state.data_seed = st.session_state.get("data_seed", 0) + 1


def _hashable(augmentations: Sequence[Mapping[str, float]]) -> Hashable:
    return tuple(tuple(each.items()) for each in augmentations)


@st.cache_data(show_spinner=False, max_entries=50)
def _strips(choice: DataChoice, version: str, page: int, augmentations: Hashable, seed: int) -> tuple[StripImage, ...]:
    return datasets.previews(drawing_engine(), choice, page, ON_A_PAGE, [dict(each) for each in augmentations], seed)
