"""A run that reproduces another: what it says, and what it compares."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from pipeline.runs import environment, metrics
from pipeline.runs.deletion import delete_runs
from pipeline.runs.environment import Environment
from pipeline.runs.store import RunRecord, Store
from pipeline.studio.run.reproduce import differences_here, reproduction


def test_it_is_compared_step_by_step_with_its_original(store: Store, new_run: Callable[..., RunRecord]) -> None:
    original, again = new_run().id, new_run().id
    metrics.append(store, original, 1, ["loss"], np.ones((9, 1)))
    assert reproduction(store, again) is None
    facts = {"reproduces": original, "differences": ["torch was 2.0, is 2.1 now"], "changes": []}
    store.add_event(again, 0, "started", "Started", "Ada", facts)
    metrics.append(store, again, 1, ["loss"], np.ones((4, 1)))
    store.update(again, step=4)
    found = reproduction(store, again)
    assert found is not None and (found.original, found.compared, found.agreement.last) == (original, 4, 4)
    assert found.sentence == (
        f"Reproduces run {original}. They agree up to step 4. Not as it was: torch was 2.0, is 2.1 now."
    )
    metrics.append(store, again, 5, ["loss"], [[1], [3]])
    store.update(again, step=6)
    later = reproduction(store, again, found)
    assert later is not None and later.agreement.difference is not None
    assert (later.compared, later.agreement.difference.step) == (6, 6)


def test_it_is_not_compared_with_an_original_that_was_deleted(store: Store, new_run: Callable[..., RunRecord]) -> None:
    original, again = new_run().id, new_run().id
    store.add_event(again, 0, "started", "Started", "Ada", {"reproduces": original, "differences": []})
    delete_runs(store, [original])
    found = reproduction(store, again)
    assert found is not None and found.sentence == f"Reproduces run {original}, which was deleted."


def test_what_differs_on_this_machine_is_known_before_it_is_started(
    store: Store, new_run: Callable[..., RunRecord]
) -> None:
    record = new_run()
    # Recorded by a version that kept only its own number.
    assert differences_here(store, record) == []
    assert differences_here(store, replace(record, version="0.5.0"))[0].startswith("Genscope was 0.5.0, is ")
    environment.save(store.files(record.id), replace(Environment.here(), python="3.9.1"))
    (difference,) = differences_here(store, record)
    assert difference.startswith("Python was 3.9.1, is ")
