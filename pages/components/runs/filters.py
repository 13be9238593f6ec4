"""What the table of runs shows: search, filters, order and columns."""

from collections.abc import Mapping, Sequence
from typing import get_args

import streamlit as st

from pages.components.runs.runs_address import alter, set_field, show_all
from pages.components.shell.state import store
from pipeline.runs import figures
from pipeline.runs.catalogue import Choices
from pipeline.runs.run_filter import COLUMNS, LONGEST_WORDS, FigureKind, Order
from pipeline.studio.comparison.metric_titles import in_charts_order
from pipeline.studio.comparison.run_table import USUAL
from pipeline.studio.comparison.runs_view import Column, RunsView

ORDERS: Mapping[str, str] = {
    "created": "Started",
    "updated": "Last trained",
    "name": "Name",
    "state": "State",
    "step": "Step",
    "seconds": "Training time",
    "images_per_second": "Speed",
    "template": "Template",
    "images": "Data",
    "who": "By",
}
FIELDS = (("states", "State"), ("templates", "Template"), ("images", "Data"), ("tags", "Tag"), ("who", "By"))


def search_field(view: RunsView) -> None:
    """The field for words."""
    set_field("runs_find", view.words)
    st.text_input(
        "Find",
        key="runs_find",
        max_chars=LONGEST_WORDS,
        placeholder="Find in names, notes, tags, ids …",
        label_visibility="collapsed",
        icon=":material/search:",
        on_change=lambda: alter(words=st.session_state.runs_find),
    )


def order_field(view: RunsView, names: Sequence[str]) -> None:
    """The order of the rows, and its direction. names: metrics to order by."""
    order = view.order
    metrics = [Column(name, kind) for name in names if name not in COLUMNS for kind in get_args(FigureKind)]
    own = [Column(order.key, order.of)] if order.by_metric else []
    titles = {**ORDERS, **{each.text: each.title for each in (*own, *metrics)}}
    chosen = own[0].text if own else order.key
    # An address may name any column.
    titles.setdefault(chosen, chosen.replace("_", " ").capitalize())
    set_field("runs_order", chosen)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.selectbox(
            "Sort by",
            list(titles),
            format_func=titles.__getitem__,
            key="runs_order",
            label_visibility="collapsed",
            on_change=_reorder,
            args=(order.descending,),
        )
        down = order.descending
        st.button(
            "Descending" if down else "Ascending",
            key="runs_direction",
            icon=":material/arrow_downward:" if down else ":material/arrow_upward:",
            help="Reverse the order.",
            on_click=_reorder,
            args=(not down,),
        )


def filters(view: RunsView, known: Choices) -> None:
    """Filters and columns, for the sidebar."""
    st.subheader("Filter", anchor=False)
    for field, label in FIELDS:
        _several(view, field, label, getattr(known, field))
    set_field("runs_archived", view.archived)
    st.toggle(
        "Archived runs too",
        key="runs_archived",
        help=f"{known.archived:,} archived.",
        on_change=lambda: alter(archived=st.session_state.runs_archived),
    )
    st.button(
        "Show all runs",
        key="runs_all",
        icon=":material/filter_alt_off:",
        disabled=not view.filters,
        on_click=show_all,
    )


def columns_field(view: RunsView, names: Sequence[str]) -> None:
    """The figures that the table shows."""
    shown = dict.fromkeys(Column.parse(text).text for text in view.columns or USUAL)
    texts = (Column(name, kind).text for name in names for kind in get_args(FigureKind))
    set_field("runs_columns", list(shown))
    st.multiselect(
        "Figures in the table",
        list(shown | dict.fromkeys(texts)),
        format_func=lambda text: Column.parse(text).title,
        key="runs_columns",
        on_change=lambda: alter(columns=tuple(st.session_state.runs_columns)),
    )


def metric_names(view: RunsView) -> list[str]:
    """The metrics that the found runs have, in the order of the comparison."""
    counts = figures.metric_names(store(), view.filter)
    return in_charts_order(counts, counts)


def _several(view: RunsView, field: str, label: str, known: Mapping[str, int]) -> None:
    chosen = getattr(view, field)
    options = list(dict.fromkeys([*chosen, *known]))
    key = f"runs_{field}"
    set_field(key, list(chosen))
    st.multiselect(
        label,
        options,
        format_func=lambda name: f"{name} ({known.get(name, 0):,})",
        key=key,
        placeholder="Any",
        disabled=not options,
        on_change=lambda: alter(**{field: tuple(st.session_state[key])}),
    )


def _reorder(descending: bool) -> None:
    key = st.session_state.runs_order
    by = Order(key, descending) if key in ORDERS else _by(Column.parse(key), descending)
    alter(sort=by.text)


def _by(column: Column, descending: bool) -> Order:
    return Order(column.metric, descending, column.of)
