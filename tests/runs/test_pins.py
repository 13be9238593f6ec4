"""Pinned checkpoints: any process may pin one, and the run's process keeps it."""

from collections.abc import Callable

import pytest

from pipeline.errors.runs import UnknownCheckpoint
from pipeline.runs import pins
from pipeline.runs.keeping import Keeping
from pipeline.runs.store import RunRecord, Store
from tests.runs.databases import SQLITE

DATABASES = SQLITE


@pytest.fixture
def saved(store: Store, new_run: Callable[..., RunRecord]) -> str:
    """A run with checkpoints of steps 100 to 900."""
    run = new_run().id
    for step in range(100, 1000, 100):
        store.files(run).checkpoint_folder(step).mkdir(parents=True)
    return run


def test_a_pinned_checkpoint_stays_until_it_is_unpinned(store: Store, saved: str) -> None:
    files, only_the_newest = store.files(saved), Keeping(last=1, doublings=False)
    pins.pin(store, saved, 300, "Ada")
    files.thin(only_the_newest)
    assert [step for step, _ in files.checkpoints()] == [300, 900]
    pins.unpin(store, saved, 300, "Grace")
    files.thin(only_the_newest)
    assert [step for step, _ in files.checkpoints()] == [900]
    assert [(event.kind, event.who, event.data) for event in store.events(saved)] == [
        ("pinned", "Ada", {"step": 300}),
        ("unpinned", "Grace", {"step": 300}),
    ]


def test_pinning_twice_is_one_event_and_each_pin_stands_by_itself(store: Store, saved: str) -> None:
    for step in (200, 300, 200):
        pins.pin(store, saved, step, "Ada")
    assert pins.pinned(store.files(saved)) == {200, 300}
    pins.unpin(store, saved, 200, "Ada")
    pins.unpin(store, saved, 200, "Ada")
    assert pins.pinned(store.files(saved)) == {300}
    assert len(store.events(saved)) == 3


def test_a_step_without_a_checkpoint_cannot_be_pinned(store: Store, saved: str) -> None:
    with pytest.raises(UnknownCheckpoint, match="at steps 100, 200"):
        pins.pin(store, saved, 250, "Ada")
    assert pins.pinned(store.files(saved)) == frozenset()
    assert store.events(saved) == []
