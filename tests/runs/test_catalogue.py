"""Runs are found by words, state, template, data, tags and user, and listed in any order, a page at a time."""

import time
from collections.abc import Callable

import numpy as np
import pytest
from sqlalchemy import update

from pipeline.runs import edits, metrics, point_series, schema
from pipeline.runs.catalogue import Found, choices, forks_of, parent_of, search, tags_of
from pipeline.runs.deletion import delete_runs
from pipeline.runs.figures import figures
from pipeline.runs.run_filter import Order, RunFilter
from pipeline.runs.store import RunRecord, Store
from tests.many_runs import make_many
from tests.promises import Promise
from tests.runs.databases import sqlite_only

NewRun = Callable[..., RunRecord]


def names(found: Found) -> list[str]:
    return [record.name for record in found.records]


@pytest.mark.parametrize(
    "words",
    [
        *(("faces",), ("FACES",), ("first try",), ("Ünder",), ("über",), ("mnist",), ("dcgan",), ("grace",)),
        *(("best ever",), ("BEST",), ("faces", "grace"), ("50%",), ("a_b",)),
    ],
)
def test_each_word_must_occur_in_what_describes_a_run(store: Store, new_run: NewRun, words: tuple[str, ...]) -> None:
    new_run(name="other", who="Ada")
    wanted = new_run(name="Faces", who="Grace", template="dcgan", images="mnist-5k")
    edits.set_note(store, [wanted.id], "The first try, ÜBER all, ünder 50% of a_b")
    edits.tag(store, [wanted.id], ["best ever"])
    assert names(search(store, RunFilter(words=words))) == ["Faces"]
    assert names(search(store, RunFilter(words=(wanted.id[-8:],)))) == ["Faces"]


@pytest.mark.parametrize("words", [("faces", "ada"), ("5_%",), ("axb",), ("mnist-5kfaces",)])
def test_a_run_that_lacks_one_of_the_words_is_not_found(store: Store, new_run: NewRun, words: tuple[str, ...]) -> None:
    new_run(name="faces", who="Grace", images="mnist-5k")
    assert search(store, RunFilter(words=words)) == Found((), 0, {})


def test_runs_are_ordered_by_the_time_of_their_creation_also_if_their_id_is_newer(
    store: Store, new_run: NewRun
) -> None:
    new_run(name="made here")
    imported = new_run(name="imported")
    # An import gives another id to a run whose own is taken.
    with store.database.writing() as connection:
        connection.execute(update(schema.runs).where(schema.runs.c.id == imported.id).values(created=1.0))
    assert names(search(store, RunFilter(), Order.parse("-created"))) == ["made here", "imported"]
    assert names(search(store, RunFilter(), Order.parse("created"))) == ["imported", "made here"]


def test_of_each_property_one_value_is_enough_and_of_tags_all_are_needed(store: Store, new_run: NewRun) -> None:
    first = new_run(name="first", template="dcgan", images="digits", who="Ada")
    second = new_run(name="second", template="flow", images="petals", who="Grace")
    third = new_run(name="third", template="flow", images="petals", who="Ada", parent=first.id, parent_step=3)
    store.update(second.id, state="failed")
    edits.tag(store, [first.id, second.id], ["seen"])
    edits.tag(store, [second.id], ["good"])

    def found(**wanted: object) -> list[str]:
        return names(search(store, RunFilter(**wanted), Order.parse("name")))  # type: ignore[arg-type]

    assert found(states=("failed", "running")) == ["second"]
    assert found(templates=("dcgan", "flow")) == ["first", "second", "third"]
    assert found(images=("petals",), who=("Ada",)) == ["third"]
    assert found(tags=("seen",)) == ["first", "second"]
    assert found(tags=("seen", "good")) == ["second"]
    assert found(parent=first.id) == ["third"] == [each.name for each in forks_of(store, [first.id, third.id])]


def test_archived_runs_are_left_out_unless_they_are_asked_for(store: Store, new_run: NewRun) -> None:
    kept, put_away = new_run(name="kept"), new_run(name="put away")
    edits.archive(store, [put_away.id])
    assert names(search(store)) == ["kept"]
    assert names(search(store, RunFilter(archived=True))) == ["put away"]
    assert names(search(store, RunFilter(archived=None))) == ["put away", "kept"]
    edits.restore(store, [put_away.id, kept.id])
    assert names(search(store)) == ["put away", "kept"]


def test_pages_follow_each_other_and_the_total_is_that_of_all(store: Store, new_run: NewRun) -> None:
    for number in range(5):
        new_run(name=f"run {number}")
    pages = [search(store, limit=2, offset=offset) for offset in (0, 2, 4, 6)]
    assert [names(page) for page in pages] == [["run 4", "run 3"], ["run 2", "run 1"], ["run 0"], []]
    assert {page.total for page in pages} == {5}


def test_texts_are_ordered_without_regard_to_case_and_runs_without_one_come_last(store: Store, new_run: NewRun) -> None:
    for name, template in (("b", "Flow"), ("a", ""), ("C", "dcgan")):
        new_run(name=name, template=template)
    assert names(search(store, order=Order.parse("name"))) == ["a", "b", "C"]
    assert names(search(store, order=Order.parse("template"))) == ["C", "b", "a"]
    assert names(search(store, order=Order.parse("-template"))) == ["b", "C", "a"]


@pytest.mark.parametrize("measured", [False, True])
def test_runs_are_ordered_by_a_figure_of_a_metric_and_those_without_it_come_last(
    store: Store, new_run: NewRun, measured: bool
) -> None:
    values = {"one": [1, 9, 3], "two": [2, 4, 2], "three": [8, 5, 1], "none": [], "nothing but NaN": [np.nan]}
    for name, column in values.items():
        run = new_run(name=name)
        for step, value in enumerate(column, 1):
            if measured:
                point_series.record(store, run.id, step, {"start": 0.0, "loss": value})
            else:
                metrics.append(store, run.id, step, ["loss"], [[value]])
    missing = ["nothing but NaN", "none"]
    for text, expected in {
        "loss": ["three", "two", "one"],
        "-loss": ["one", "two", "three"],
        "loss:low": ["three", "one", "two"],
        "-loss:high": ["one", "three", "two"],
    }.items():
        assert names(search(store, order=Order.parse(text))) == [*expected, *missing]
    assert names(search(store, order=Order.parse("-loss"), limit=2, offset=2)) == ["three", "nothing but NaN"]


def test_choices_are_counted_the_most_frequent_first(store: Store, new_run: NewRun) -> None:
    runs = [new_run(template=template, who=who) for template, who in (("flow", ""), ("dcgan", "Ada"), ("flow", "Ada"))]
    edits.tag(store, [run.id for run in runs], ["all"])
    edits.tag(store, [runs[0].id], ["first"])
    edits.archive(store, [runs[1].id])
    found = choices(store)
    assert list(found.templates.items()) == [("flow", 2), ("dcgan", 1)]
    assert (found.who, found.images, found.states) == ({"Ada": 2}, {}, {"paused": 3})
    assert list(found.tags.items()) == [("all", 3), ("first", 1)]
    assert (found.archived, found.total) == (1, 3)
    assert tags_of(store, [runs[0].id, runs[1].id]) == {runs[0].id: ("all", "first"), runs[1].id: ("all",)}
    assert search(store, RunFilter(tags=("first",))).tags == {runs[0].id: ("all", "first")}


def test_the_parent_of_a_fork_is_none_once_it_is_deleted_also_for_who_read_the_fork_before(
    store: Store, new_run: NewRun
) -> None:
    parent = new_run()
    fork = new_run(parent=parent.id, parent_step=2)
    assert parent_of(store, fork) == parent
    assert parent_of(store, parent) is None
    delete_runs(store, [parent.id])
    assert parent_of(store, fork) is None


@sqlite_only
@pytest.mark.slow
def test_a_page_of_ten_thousand_runs_is_found_in_no_time(store: Store, promise: Promise) -> None:
    make_many(store, runs=10_000, series=20)
    wanted = RunFilter(words=("run",))
    for what, order in {"time": "-created", "a metric": "-m3:low", "a measured metric": "m17"}.items():
        seconds = []
        for _ in range(3):
            begun = time.perf_counter()
            found = search(store, wanted, Order.parse(order), limit=50)
            shown = figures(store, [record.id for record in found.records])
            choices(store)
            seconds.append(time.perf_counter() - begun)
        # The other times measure what else the machine does.
        promise(f"50 of 10,000 runs by {what}, with figures and choices", min(seconds), 0.3)
        assert (found.total, len(shown), len(next(iter(shown.values())))) == (10_000, 50, 20)
