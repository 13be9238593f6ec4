"""Names, notes, tags and archives of runs."""

from collections.abc import Callable

import pytest

from pipeline.errors.runs import UnknownRun, UnusableRunName, UnusableTag
from pipeline.runs import edits
from pipeline.runs.catalogue import tags_of
from pipeline.runs.store import RunRecord, Store
from tests.runs.databases import sqlite_only

NewRun = Callable[..., RunRecord]
MISSING = "20200101-000000-00000000"


def test_a_run_is_renamed_without_a_change_of_its_time(store: Store, new_run: NewRun) -> None:
    run = new_run()
    assert edits.rename(store, run.id, "  faces  ") == "faces"
    assert store.run(run.id) == RunRecord(**{**vars(run), "name": "faces"})


@pytest.mark.parametrize("name", ["", "   ", "two\nlines", "bell\a", "x" * 201])
def test_a_name_that_is_empty_too_long_or_invisible_is_refused(store: Store, new_run: NewRun, name: str) -> None:
    run = new_run()
    with pytest.raises(UnusableRunName, match="The name was not changed"):
        edits.rename(store, run.id, name)
    assert store.run(run.id) == run


def test_a_note_may_have_lines_and_an_end(store: Store, new_run: NewRun) -> None:
    run = new_run()
    edits.set_note(store, [run.id], " good\nor bad ")
    assert store.run(run.id).note == "good\nor bad"
    with pytest.raises(UnusableRunName, match="10,000"):
        edits.set_note(store, [run.id], "x" * 10_001)
    edits.set_note(store, [run.id], "")
    assert store.run(run.id).note == ""


def test_tags_are_trimmed_added_once_and_removed(store: Store, new_run: NewRun) -> None:
    one, two = new_run().id, new_run().id
    edits.tag(store, [one, two, one], [" best ", "best", "b"])
    edits.tag(store, [one], ["best", "a"], remove=["b", "unknown"])
    assert tags_of(store, [one, two]) == {one: ("a", "best"), two: ("b", "best")}


@pytest.mark.parametrize("tag", ["", "  ", "a,b", "a\nb", "x" * 61])
def test_a_tag_that_cannot_be_one_is_refused_and_none_is_added(store: Store, new_run: NewRun, tag: str) -> None:
    run = new_run().id
    with pytest.raises(UnusableTag, match="cannot be a tag"):
        edits.tag(store, [run], ["fine", tag])
    assert tags_of(store, [run]) == {}
    edits.tag(store, [run], ["x" * 60])


@pytest.mark.parametrize(
    "edit",
    [
        lambda store, runs: edits.archive(store, runs),
        lambda store, runs: edits.restore(store, runs),
        lambda store, runs: edits.set_note(store, runs, "note"),
        lambda store, runs: edits.tag(store, runs, ["tag"]),
    ],
)
def test_of_many_runs_all_change_or_none_and_unknown_ones_are_named(
    store: Store, new_run: NewRun, edit: Callable[[Store, list[str]], None]
) -> None:
    run = new_run()
    with pytest.raises(UnknownRun, match=f"'{MISSING}', 'nonsense', so nothing was changed"):
        edit(store, [run.id, MISSING, "nonsense"])
    with pytest.raises(UnknownRun, match=r"There is no run 'nonsense'\. Home lists"):
        edit(store, ["nonsense"])
    assert (store.run(run.id), tags_of(store, [run.id])) == (run, {})


@sqlite_only
def test_more_runs_than_one_statement_takes_are_changed_at_once(store: Store, new_run: NewRun) -> None:
    runs = [new_run().id for _ in range(510)]
    edits.archive(store, runs)
    edits.tag(store, runs, ["old"])
    assert all(record.archived for record in store.recent(1000))
    assert len(tags_of(store, runs)) == 510
