"""`train --reproduce`: start a run again from its record, and compare the losses while it trains."""

from argparse import Namespace
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pipeline.command.answer import print_status
from pipeline.data.progress import ReadProgress
from pipeline.errors.machine import UnreadableCommand
from pipeline.formatting import listed
from pipeline.runs.agreement import Agreement, compare
from pipeline.runs.store import RunRecord, Store

if TYPE_CHECKING:
    from pipeline.engine.active_run import ActiveRun

OF_OTHERS = ("set", "seed", "device", "name", "until", "epochs")
"""Options that would change what the run does."""


class Reproducing:
    """One reproduction. agreement: what has been compared so far."""

    def __init__(self, arguments: Namespace) -> None:
        """Raises UnreadableCommand for options that would make it another run."""
        for option in OF_OTHERS:
            if getattr(arguments, option) is not None:
                raise UnreadableCommand("train", f"--{option} would change the run and cannot be used with --reproduce")
        self._named = arguments.reproduce
        self._steps: int | None = arguments.steps
        self._store: Store
        self._original: RunRecord
        self._run: ActiveRun
        self._compared = 0
        self.agreement = Agreement()

    def begin(self, store: Store, progress: ReadProgress) -> "ActiveRun":
        """Say what is not as it was, and begin the new run."""
        from pipeline.engine.foreground_run import user_name
        from pipeline.engine.reproducing import reproduce, workflow_to_reproduce
        from pipeline.studio.run.reproduce import differences_here

        self._store, self._original = store, store.resolve(self._named)
        workflow = workflow_to_reproduce(self._original)
        if differences := differences_here(store, self._original):
            print_status(f"Not as it was when run {self._original.id} began: {listed(differences)}.")
        self._run = reproduce(store, self._original, workflow, user_name(), progress)
        self._compared = self._run.step
        return self._run

    def go_on(self, store: Store, run: "ActiveRun") -> None:
        """Compare a reproduction that was interrupted and has been resumed, from its beginning."""
        self._store, self._original, self._run = store, store.resolve(self._named), run
        self._compared = run.record.parent_step or 0

    @property
    def steps(self) -> int:
        """The number of steps to train: those asked for, or all that the original has."""
        return self._steps or self._original.step - (self._original.parent_step or 0)

    def follow(self, step: int) -> str:
        """Compare the steps up to this one. Returns a sentence when they first differ, else ""."""
        before, first = self.agreement, self._compared + 1
        self.agreement = compare(self._store, self._original.id, self._run.id, first, step, before)
        self._compared = step
        return self.agreement.sentence if self.agreement.difference and not before.difference else ""

    @property
    def sentence(self) -> str:
        """The result in words."""
        return f"Compared with run {self._original.id}: {self.agreement.sentence}"

    @property
    def facts(self) -> dict[str, Any]:
        """The result for --json."""
        # The first of all events: a long run has more than are read otherwise.
        started = next(event for event in self._store.events(self._run.id, None) if event.kind == "started")
        difference = self.agreement.difference
        return {
            "reproduces": self._original.id,
            "differences": list((started.data or {}).get("differences", ())),
            "agreement": {
                "agrees": difference is None,
                "last": self.agreement.last,
                "difference": None if difference is None else asdict(difference),
            },
        }
