"""The one run that the training engine owns, and the snapshot that tells every browser of it.

A command names the run that its user saw; if another has taken its place since, the command is refused with a sentence.
`start`, `resume` and `fork` take the place of a run only where none is moving, or on `switch`.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.data.progress import ReadProgress
from pipeline.engine import launching
from pipeline.engine.active_run import ActiveRun
from pipeline.engine.build_progress import Preparing
from pipeline.engine.debugger import Debugger
from pipeline.engine.devices import devices
from pipeline.engine.run_snapshot import facts_of
from pipeline.errors.base import GenscopeError, Refusal
from pipeline.errors.training import NodeFailure, NothingToTrain, RunUnderWay, StaleCommand
from pipeline.runs.store import Store
from pipeline.runtime.messages import Command, Snapshot


class Session:
    """Owns at most one run. changed_in: live key -> the snapshot's version in which it was changed last. going_back:
    whether the run is on its way to a step it has been at before."""

    def __init__(
        self, home: Path, publish: Callable[[Snapshot], None], stopping: Callable[[], bool] = lambda: False
    ) -> None:
        """publish: tells every browser. stopping: whether what takes long is to end, because somebody said so."""
        self.publish = publish
        self.stopping = stopping
        self.store = Store(home)
        self.store.reconcile()
        self.changed_in: dict[str, int] = {}
        self.snapshot = Snapshot(engine="ready", devices=devices(), version=1)
        self._debugger: Debugger | None = None
        self.going_back = False

    @property
    def busy(self) -> bool:
        return self.snapshot.state == "running"

    def halt(self, paused_by: str | None = None) -> None:
        """Stands still at the step that was reached. paused_by: whoever wanted that; None where it was to end there."""
        debugger = self.debugger("Training")
        if self.going_back:
            self.going_back = False
            debugger.arrive()
        if paused_by is None:
            debugger.run.rest()
            self.change(state="paused", until=None)
        else:
            debugger.run.pause(paused_by)
            self.change(state="paused", until=None, who=paused_by)

    def move(self, who: str, until: int | None = None, *, back: bool = False) -> None:
        """Sets the run going. back: on its way to a step it has been at before."""
        self.going_back = back
        self.change(state="running", until=until, who=who, doing=f"Going back to step {until:,}" if back else "")

    def close(self) -> None:
        """Saves the run under way and gives it free."""
        if self._debugger is not None:
            self.put_away("")
        self.store.close()

    def debugger(self, action: str, command: Command | None = None) -> Debugger:
        """The run under way. Raises NothingToTrain, StaleCommand where `command` is meant for another, Refusal."""
        if self._debugger is None:
            raise NothingToTrain(action)
        run = self._debugger.run
        if command is not None and command.run not in ("", run.id):
            raise StaleCommand(action, f"{self.snapshot.who or 'somebody'} started {run.record.name!r}")
        if command is not None and self.snapshot.state == "failed":
            raise Refusal(f"{action} was not done: the run has failed. Go on from its last checkpoint.")
        return self._debugger

    def under_way(self, run_id: str) -> Debugger | None:
        """The run of this id, if it is the one under way and has not failed."""
        found = self._debugger
        return found if found and found.run.id == run_id and self.snapshot.state != "failed" else None

    def take_place(self, command: Command, verb: str, make: Callable[[ReadProgress], ActiveRun]) -> None:
        """Puts another run in the place of the one under way. Raises RunUnderWay, and what `make` raises."""
        if self._debugger is not None:
            if self.busy and not command.arguments.get("switch") and command.run != self._debugger.run.id:
                raise RunUnderWay(self._debugger.run.id, self._debugger.run.record.name, self.snapshot.who)
            self.put_away(command.who)
        before = {record.id for record in self.store.recent(1)}
        self.change(state="building", run="", doing=f"Preparing to {verb}", who=command.who, error="", active="")
        self.publish(self.snapshot)
        try:
            self.adopt(make(Preparing(self._say_doing, self.stopping)))
        except NodeFailure as error:
            newest = self.store.recent(1)[0]
            failed = newest if newest.id not in before else self.store.run(str(command.arguments["run"]))
            self.change(state="failed", run=failed.id, name=failed.name, active=error.node_id, error=str(error))
            raise
        except GenscopeError:
            self.change(state="idle", name="")
            raise

    def _say_doing(self, doing: str) -> None:
        self.tell(doing=doing)
        self.publish(self.snapshot)

    def present(self, who: str) -> Debugger:
        """The run under way, to be changed: one that has gone back becomes a fork from the step it is at."""
        debugger = self.debugger("The change")
        if debugger.run.rewind.in_past:
            self.adopt(launching.branch(debugger.run, who))
            self.change(who=who)
        return self.debugger("The change")

    def adopt(self, run: ActiveRun) -> None:
        """Trains this run from now on."""
        self._debugger = Debugger(run)
        self.going_back = False
        self.changed_in = {}
        self.tell(name=run.record.name, device=run.device)

    def put_away(self, who: str) -> None:
        """Saves the run under way and lets it go."""
        debugger = self._debugger
        assert debugger is not None
        if self.snapshot.state != "failed":
            debugger.settle()
            if self.busy:
                debugger.run.pause(who)
            debugger.run.save_newest()
        debugger.run.close()
        self._debugger = None

    def fail(self, error: GenscopeError) -> None:
        node = error.node_id if isinstance(error, NodeFailure) else ""
        self.change(state="failed", until=None, active=node, error=str(error))
        try:
            self.debugger("Training").run.fail(error)
        except GenscopeError as second:
            # A full disk can fail the run and then its record too; the page still has to say both.
            self.change(error=f"{error} Nor could this be recorded: {second}")

    def change(self, **news: Any) -> None:
        """As `tell`, where pages have to be drawn anew."""
        self.tell(version=self.snapshot.version + 1, **news)

    def tell(self, **news: Any) -> None:
        """Makes the snapshot anew from the run as it stands, and from what is given."""
        facts = dict(facts_of(self._debugger)) if self._debugger else {}
        if news.get("state", self.snapshot.state) == "failed":
            # The node to blame stays the one that stands out.
            facts.pop("active", None)
        doing = self.snapshot.doing if self.going_back else ""
        self.snapshot = replace(self.snapshot, **{"doing": doing, **facts, **news})
