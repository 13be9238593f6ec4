"""Reproduce: start a run again from its record, and say whether both record the same numbers, and if not from where on.

Clocks are not compared. A run that reproduces another says so in its first event.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.runs import agreement, environment
from pipeline.runs.agreement import Agreement
from pipeline.runs.environment import Environment
from pipeline.runs.store import RunRecord, Store
from pipeline.runtime.handle import TrainerHandle
from pipeline.runtime.messages.commands import Reproduce
from pipeline.studio.run.training import BUILD_SECONDS


@dataclass(frozen=True)
class Reproduction:
    """A run that reproduces another. original: the id of that run. differences: what was not as it was when this one
    began, as clauses. agreement: what both recorded so far."""

    original: str
    differences: tuple[str, ...]
    agreement: Agreement


def reproduce(trainer: TrainerHandle, run: str, who: str, *, switch: bool = False) -> str:
    """Start a stored run again as a new one, train it to the last step of that run, and return its id.

    switch: pause the loaded run first instead of being refused.
    """
    return trainer.ask(Reproduce(run=run, switch=switch, who=who), BUILD_SECONDS).run


def differences_here(store: Store, record: RunRecord) -> list[str]:
    """What differs on this machine from where the run began, as clauses, as far as it is known before the run is
    started again: versions, the processor, the commit."""
    return environment.of_record(store.files(record.id), record).differences(Environment.here())


def reproduction(store: Store, run: str) -> Reproduction | None:
    """What a run reproduces, and whether it agrees with it so far; None for a run that reproduces none. Raises
    UnknownRun."""
    facts = _facts(store, run)
    if not facts:
        return None
    record, original = store.run(run), str(facts["reproduces"])
    first = (record.parent_step or 0) + 1
    found = agreement.compare(store, original, run, first, record.step)
    return Reproduction(original, tuple(map(str, facts["differences"])), found)


def _facts(store: Store, run: str) -> Mapping[str, Any]:
    started = (event for event in store.events(run, None) if event.kind == "started")
    return next((event.data for event in started if event.data and "reproduces" in event.data), {})
