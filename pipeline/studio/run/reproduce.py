"""Reproduce: start a run again from its record, and say whether both record the same numbers, and if not from where on.

Clocks are not compared. A run that reproduces another says so in its first event.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pipeline.formatting import listed
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
    began, as clauses. compared: the step up to which it is compared. agreement: what was found. deleted: whether the
    other one was, so that there is nothing to compare with."""

    original: str
    differences: tuple[str, ...]
    compared: int
    agreement: Agreement
    deleted: bool = False

    @property
    def sentence(self) -> str:
        """What a page says of it."""
        others = f" Not as it was: {listed(self.differences)}." if self.differences else ""
        if self.deleted and self.agreement == Agreement():
            return f"Reproduces run {self.original}, which was deleted.{others}"
        return f"Reproduces run {self.original}. {self.agreement.sentence}{others}"


def reproduce(trainer: TrainerHandle, run: str, who: str, *, switch: bool = False) -> str:
    """Start a stored run again as a new one, train it to the last step of that run, and return its id.

    switch: pause the loaded run first instead of being refused.
    """
    return trainer.ask(Reproduce(run=run, switch=switch, who=who), BUILD_SECONDS).run


def differences_here(store: Store, record: RunRecord) -> list[str]:
    """What differs on this machine from where the run began, as clauses, as far as it is known before the run is
    started again: versions, the processor, the commit."""
    return environment.of_record(store.files(record.id), record).differences(Environment.here())


def reproduction(store: Store, run: str, known: Reproduction | None = None) -> Reproduction | None:
    """What a run reproduces, and whether it agrees with it so far; None for a run that reproduces none.

    known: an earlier answer, after which only later steps are compared; valid until the run is resumed. Raises
    UnknownRun.
    """
    record = store.run(run)
    if known is None:
        facts = _facts(store, run)
        if not facts:
            return None
        differences = tuple(map(str, facts["differences"]))
        known = Reproduction(str(facts["reproduces"]), differences, record.parent_step or 0, Agreement())
    found = agreement.compare(store, known.original, run, known.compared + 1, record.step, known.agreement)
    deleted = not store.named([known.original])
    return replace(known, compared=record.step, agreement=found, deleted=deleted)


def _facts(store: Store, run: str) -> Mapping[str, Any]:
    started = (event for event in store.events(run, None) if event.kind == "started")
    return next((event.data for event in started if event.data and "reproduces" in event.data), {})
