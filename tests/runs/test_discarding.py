"""A run that was refused before its first step is deleted; its place in the queue stays, to say so."""

from collections.abc import Callable

import pytest
from sqlalchemy import insert, select

from pipeline.errors.runs import UnknownRun
from pipeline.runs import edits, schema
from pipeline.runs.discarding import discard
from pipeline.runs.store import RunRecord, Store


def test_a_discarded_run_leaves_its_place_in_the_queue(store: Store, new_run: Callable[..., RunRecord]) -> None:
    run, queue = new_run(), schema.queue
    facts = {"place": 0, "name": "", "workflow_text": "", "who": "", "created": 0, "state": "started"}
    with store.database.writing() as connection:
        connection.execute(insert(queue).values(id="place", run=run.id, **facts))
    # Users see the run while it is prepared.
    edits.tag(store, [run.id], ["mine"])
    discard(store, run.id)
    with pytest.raises(UnknownRun):
        store.run(run.id)
    assert not store.files(run.id).folder.exists()
    with store.database.reading() as connection:
        assert connection.execute(select(queue.c.id, queue.c.run)).all() == [("place", None)]
