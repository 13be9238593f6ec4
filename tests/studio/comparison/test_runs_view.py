from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.runs.run_filter import RunFilter
from pipeline.studio.charts.curves import XAxis
from pipeline.studio.comparison.runs_view import ADDRESS, MOST_CHOSEN, MOST_NAMES, Column, RunsView, Show

NAMES = st.lists(st.text(min_size=1, max_size=20), max_size=4, unique=True).map(tuple)
IDS = st.integers(0, 16**8 - 1).map(lambda number: f"20261129-120000-{number:08x}")
VIEWS = st.builds(
    RunsView,
    show=st.sampled_from(get_args(Show)),
    words=st.text(max_size=50),
    states=NAMES,
    templates=NAMES,
    images=NAMES,
    tags=NAMES,
    who=NAMES,
    archived=st.booleans(),
    sort=st.text(min_size=1, max_size=50),
    page=st.integers(1, 9999),
    columns=NAMES,
    chosen=st.lists(IDS, max_size=MOST_CHOSEN, unique=True).map(tuple),
    metrics=NAMES,
    over=st.sampled_from(get_args(XAxis)),
    smoothing=st.integers(0, 99),
    log=st.booleans(),
    clip=st.booleans(),
)


@given(VIEWS)
def test_a_link_shows_the_same_view(view):
    assert RunsView.read(view.address()) == view


def test_the_usual_view_needs_no_parameters():
    assert RunsView().address() == {}


@given(st.dictionaries(st.sampled_from(ADDRESS), st.text(max_size=300)))
def test_no_address_is_an_error(address):
    view = RunsView.read(address)
    assert RunsView.read(view.address()) == view
    assert view.filter is not None and view.order is not None


@pytest.mark.parametrize(
    "address",
    [{"view": "chart"}, {"page": "0"}, {"page": "-1"}, {"page": "x"}, {"runs": "../../etc"}, {"over": "x"},
     {"smoothing": "100"}, {"archived": "yes"}, {"sort": ""}, {"nothing": "1"}],
)  # fmt: skip
def test_invalid_values_are_ignored(address):
    assert RunsView.read(address) == RunsView()


def test_of_an_address_with_thousands_of_names_only_the_first_ones_are_read():
    view = RunsView.read({"tag": ",".join(map(str, range(2000)))})
    assert view.tags == tuple(map(str, range(MOST_NAMES)))


def test_a_name_with_a_comma_is_one_name():
    view = RunsView.read(RunsView(templates=("a, b", "c%2C")).address())
    assert view.templates == ("a, b", "c%2C")


def test_the_filter_has_the_words_one_by_one_and_leaves_archived_runs_out():
    assert RunsView(words=" dcgan  lr ", tags=("best",)).filter == RunFilter(words=("dcgan", "lr"), tags=("best",))
    assert RunsView(archived=True).filter.archived is None
    assert RunsView(words="a").filters and not RunsView(words=" ", archived=True).filters


@pytest.mark.parametrize(
    ("text", "metric", "of", "title"),
    [("D_loss", "D_loss", "last", "Loss: D_loss (last)"), ("kl:low", "kl", "low", "KL divergence (lowest)"),
     ("a:b", "a:b", "last", "a:b (last)"), (":low", ":low", "last", ":low (last)")],
)  # fmt: skip
def test_a_column_is_a_figure_of_a_metric(text, metric, of, title):
    column = Column.parse(text)
    assert (column.metric, column.of, column.title) == (metric, of, title)
    assert Column.parse(column.text) == column
