"""A store in a folder of its own, and a way to make runs in it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.runs.store import RunRecord, Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path, f"sqlite:///{tmp_path}/genscope.sqlite") as store:
        yield store


@pytest.fixture
def new_run(store: Store) -> Callable[..., RunRecord]:
    """`new_run(name="digits", ...)`: a run with a hundred steps an epoch."""

    def make(**changes: object) -> RunRecord:
        facts = {
            "name": "digits",
            "workflow_text": '{"prompt": {}}',
            "device": "cpu",
            "seed": 7,
            "total_steps": 3000,
            "batch_size": 64,
            "train_images": 6400,
            "who": "Ada",
        }
        return store.create(**{**facts, **changes})

    return make
