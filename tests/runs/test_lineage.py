"""The families of runs as trees."""

from collections.abc import Callable

import pytest

from pipeline.errors.runs import UnknownRun
from pipeline.runs.deletion import delete_runs
from pipeline.runs.lineage import families
from pipeline.runs.store import RunRecord, Store
from tests.runs.databases import sqlite_only

NewRun = Callable[..., RunRecord]


def drawn(store: Store, run: str = "") -> list[str]:
    return ["  " * each.depth + each.name for each in families(store, run)]


def test_every_family_is_a_tree_with_old_siblings_first_and_the_newest_family_first(
    store: Store, new_run: NewRun
) -> None:
    a, b = new_run(name="a"), new_run(name="b")
    new_run(name="alone")
    b1 = new_run(name="b1", parent=b.id, parent_step=1)
    a1 = new_run(name="a1", parent=a.id, parent_step=1, changed="lr 1 → 2")
    new_run(name="b2", parent=b.id, parent_step=1)
    new_run(name="b11", parent=b1.id, parent_step=2)
    assert drawn(store) == ["b", "  b1", "    b11", "  b2", "a", "  a1"]
    assert drawn(store, b1.id) == ["b1", "  b11"]
    assert drawn(store, a1.id) == ["a1"]
    (found,) = families(store, a1.id)
    assert (found.parent, found.parent_step, found.changed) == (a.id, 1, "lr 1 → 2")
    with pytest.raises(UnknownRun):
        families(store, "nonsense")


def test_a_fork_of_a_deleted_run_is_a_root(store: Store, new_run: NewRun) -> None:
    first = new_run(name="first")
    fork = new_run(name="fork", parent=first.id, parent_step=3)
    new_run(name="fork of it", parent=fork.id, parent_step=5)
    delete_runs(store, [first.id])
    assert drawn(store) == ["fork", "  fork of it"]


@sqlite_only
def test_a_long_chain_of_forks_is_followed_to_its_end(store: Store, new_run: NewRun) -> None:
    run = new_run()
    for step in range(1, 1010):
        run = new_run(parent=run.id, parent_step=step)
    assert families(store)[-1].depth == 1009
