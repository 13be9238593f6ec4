"""The one run that the training engine owns, and its snapshot for all browsers.

A command names the run that its user saw; if another run has replaced it since, the command is refused with a message.
`replacing.py` has the commands that replace the loaded run.
"""

import sys
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.engine import launching
from pipeline.engine.active_run import ActiveRun
from pipeline.engine.build_progress import PreparingStep
from pipeline.engine.debugger import Debugger
from pipeline.engine.devices import devices
from pipeline.engine.engine_kind import ALONE, EngineKind
from pipeline.engine.run_snapshot import fields_of_failed, snapshot_fields
from pipeline.engine.walked_stages import WalkGoal
from pipeline.errors.base import Fault, GenscopeError, Refusal
from pipeline.errors.data import ReadingStopped
from pipeline.errors.machine import HomeTrouble
from pipeline.errors.processes import LostProcess, ProcessesDiffer
from pipeline.errors.training import NodeFailure, NoRunLoaded, StaleCommand
from pipeline.nodes.workflow_changes import Change
from pipeline.processes.group import current
from pipeline.runs import queue
from pipeline.runs.interrupted import mark_interrupted
from pipeline.runs.store import Store
from pipeline.runtime.messages.commands import Command, LookAtCodes, LookInside
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.training.node_errors import reason

WALK_SECONDS = 0.3
"""Duration of a slice of a walk."""


class Session:
    """Owns at most one run.

    walking: where a walk to a stage ends; None without one. changed_in: live key -> version of the snapshot in which it
    was last changed. rewinding: whether the run is being replayed to the step of a rewind. preparing: shows what the
    next step waits for.
    """

    def __init__(
        self, home: Path, publish: Callable[[Snapshot], None], stopping: Callable[[], bool] = lambda: False,
        kind: EngineKind = ALONE,
    ) -> None:  # fmt: skip
        """publish: sends a snapshot to every browser. stopping: whether long work has to be cancelled. kind: of the
        engine."""
        self.kind = kind
        self.publish = publish
        self.stopping = stopping
        self.store = Store(home)
        mark_interrupted(self.store)
        self.changed_in: dict[str, int] = {}
        self.snapshot = Snapshot(engine="ready", devices=devices(), version=1)
        self._debugger: Debugger | None = None
        self.rewinding = False
        self.walking: WalkGoal | None = None
        self.preparing = PreparingStep(self._say_preparing)

    @property
    def busy(self) -> bool:
        return self.snapshot.state == "running"

    @property
    def apart(self) -> bool:
        """Whether the processes of the engine have failed apart, so that it has to end."""
        group = current()
        return group is not None and group.broken

    def lose(self, error: LostProcess) -> None:
        """Show that another process of the engine is gone. The run is interrupted: what is in memory is not whole."""
        self.change(trouble=error.lost)

    def halt(self, paused_by: str | None = None) -> None:
        """Pause at the current step. paused_by: the user who paused; None at the planned end of a step or chunk."""
        debugger = self.debugger("Training")
        debugger.end_profile()
        walking, self.walking = self.walking is not None, None
        if self.rewinding:
            self.rewinding = False
            try:
                debugger.arrive()
            except GenscopeError as error:
                # In the middle of a rewind, training must not go on as if nothing had happened.
                self.fail(error)
                return
        try:
            # Between two stages of a walk nothing is saved.
            debugger.run.rest() if paused_by is None or walking else debugger.run.pause(paused_by)
        except HomeTrouble as error:
            self.pause_for(error)
            return
        except ProcessesDiffer as error:
            self.fail(error)
            return
        self.change(state="paused", until=None, **({} if paused_by is None else {"who": paused_by}))

    def pause_for(self, trouble: GenscopeError) -> None:
        """Pause because the home cannot be used now: what is in memory is whole. Raises nothing."""
        self.rewinding, self.walking = False, None
        self.debugger("Training").stop_for(trouble)
        self.change(state="paused", until=None)

    def move(self, who: str, until: int | None = None, *, back: bool = False) -> None:
        """Set the run running, up to step `until` if given. back: whether this is the replay of a rewind."""
        self.rewinding, self.walking = back, None
        self.change(state="running", until=until, who=who, doing=f"Going back to step {until:,}" if back else "")

    def walk(self, who: str, number: int) -> None:
        """Walk to stage `number` of the step in progress, or of the next one: a first slice now, the rest as slices of
        training."""
        self.rewinding, self.walking = False, WalkGoal(self.debugger("The walk").run.step, number)
        self.change(state="running", until=None, who=who, doing=f"Walking to stage {number:,}")
        self.continue_walk(lambda: False)

    def continue_walk(self, interrupted: Callable[[], bool]) -> None:
        """Do a slice of the walk, and pause if it is at its goal."""
        goal, end = self.walking, time.monotonic() + WALK_SECONDS
        assert goal is not None
        self.preparing.stopping = lambda: interrupted() or time.monotonic() >= end
        if self.debugger("The walk").walk_to(*goal, self.preparing.stopping):
            self.halt()
        else:
            self.change()

    def close(self) -> None:
        """Save and release the loaded run. Once it is saved, the snapshot has no run, so that pages show it as it was
        stored; otherwise it says why not."""
        try:
            if self._debugger is not None and self.apart:
                self._debugger.run.close()
            elif self._debugger is not None:
                self.release_run("")
                if self.snapshot.state != "failed" and not self.snapshot.trouble:
                    self.change(state="idle", run="", until=None)
        except HomeTrouble as error:
            # The run goes on from its last checkpoint.
            sys.stderr.write(f"{error}\n")
            trouble = f"it could not save its run: {str(error).removesuffix('.')}"
            self.snapshot = replace(self.snapshot, version=self.snapshot.version + 1, trouble=trouble)
        finally:
            self.store.close()

    def debugger(self, action: str, command: Command[Any] | None = None) -> Debugger:
        """The debugger of the loaded run.

        Raises NoRunLoaded if none is loaded, StaleCommand if `command` is meant for another run, Refusal if the run
        has failed.
        """
        if self._debugger is None:
            raise NoRunLoaded(action)
        run = self._debugger.run
        if command is not None and command.run not in ("", run.id):
            raise StaleCommand(action, f"{self.snapshot.who or 'another user'} started {run.record.name!r}")
        if command is not None and self.snapshot.state == "failed":
            raise Refusal(f"{action} was not carried out: the run has failed. Resume it from its last checkpoint.")
        return self._debugger

    @property
    def loaded(self) -> Debugger | None:
        """The debugger of the loaded run, whatever its state; None without one."""
        return self._debugger

    def under_way(self, run_id: str) -> Debugger | None:
        """The debugger of this run, if it is loaded and has not failed."""
        found = self._debugger
        return found if found and found.run.id == run_id and self.snapshot.state != "failed" else None

    def show_failed_start(self, error: BaseException) -> None:
        """Show the run that failed while it was prepared; no run if there is none, as after a cancellation."""
        before = self.snapshot
        # Nothing of the run before.
        self.snapshot = Snapshot(engine="ready", devices=before.devices, who=before.who, version=before.version)
        self.change(state="idle")
        failed = error.failed_run if isinstance(error, GenscopeError) else ""
        if failed and not isinstance(error, ReadingStopped):
            self.change(**fields_of_failed(self.store.run(failed), error))

    def say_doing(self, doing: str) -> None:
        self.tell(doing=doing)
        self.publish(self.snapshot)

    def _say_preparing(self, doing: str) -> None:
        """Show what the next step waits for. Pages are redrawn at the beginning and the end of it."""
        (self.tell if doing and self.snapshot.preparing else self.change)(preparing=doing)
        self.publish(self.snapshot)

    def present(self, who: str, changes: Sequence[Change]) -> Debugger:
        """Return the debugger for these changes to the loaded run; if the run is behind its head, fork it at its
        current step first."""
        debugger = self.debugger("The change")
        if debugger.run.rewind.behind_head:
            self.adopt(launching.branch(debugger.run, who, changes))
            self.change(who=who)
        return self.debugger("The change")

    def adopt(self, run: ActiveRun) -> None:
        """Make this the loaded run. Raises GenscopeError, with the run recorded as failed and released."""
        try:
            if self._debugger is not None:
                self._debugger.end_profile(keep=False)
            with run.trainer.blamed(run.trainer.experiment.node, "be loaded"):
                self._debugger = Debugger(run)
                run.trainer.progress = self.preparing
                self.rewinding, self.walking = False, None
                self.changed_in = {}
                self.tell(name=run.record.name, device=run.device)
        except GenscopeError as error:
            self._debugger = None
            error.failed_run = run.id
            with suppress(GenscopeError):
                run.fail(error)
            with suppress(GenscopeError):
                run.close()
            self.show_failed_start(error)
            raise

    def release_run(self, who: str) -> None:
        """Save and release the loaded run. who: the user for the event of a pause.

        A run of the queue that is being trained goes back to the front of the queue, so that it is resumed later.
        """
        debugger, training = self._debugger, self.busy
        assert debugger is not None
        debugger.end_profile(keep=self.snapshot.state != "failed")
        trainer = debugger.run.trainer
        if self.snapshot.state != "failed":
            try:
                with trainer.blamed(trainer.experiment.node, "be saved"):
                    debugger.finish_half_step()
                    if self.busy:
                        debugger.run.pause(who)
                    debugger.run.save_newest()
            except LostProcess as error:
                self.lose(error)
            except NodeFailure as error:
                # Its last checkpoint is kept, and the next run is not kept waiting by this one.
                self.fail(error)
        debugger.run.close()
        self._debugger = None
        if training and self.snapshot.state != "failed":
            queue.put_back(self.store, debugger.run.id)

    def fail(self, error: GenscopeError) -> None:
        """Record the failure of the loaded run, and show it. Raises nothing."""
        debugger = self.debugger("Training")
        debugger.end_profile(keep=False)
        self.rewinding, self.walking = False, None
        # What failed may be the report of the stage.
        debugger.walked.clear()
        node = error.node_id if isinstance(error, NodeFailure) else ""
        self.change(state="failed", until=None, active=node, error=str(error))
        try:
            debugger.run.fail(error)
        except GenscopeError as second:
            # A full disk can make the run fail, and then its record; the page has to show both errors.
            self.change(error=f"{error} The failure could not be recorded either: {second}")

    def refused(self, command: Command[Any], error: BaseException) -> GenscopeError:
        """The error to answer a command with that raised `error`, which is not a GenscopeError.

        The loaded run fails, unless the command only looked at it, because its state is then unknown.
        """
        doing = f"carry out {command.kind.replace('_', ' ')!r}"
        if self._debugger is None:
            return Fault(f"The engine failed to {doing}: {reason(error)}")
        experiment = self._debugger.run.trainer.experiment
        node = experiment.node
        failure = NodeFailure(node, doing, reason(error), experiment.titles.get(node, ""))
        if not isinstance(command, LookInside | LookAtCodes) and self.snapshot.state != "failed":
            self.fail(failure)
        return failure

    def change(self, **news: Any) -> None:
        """As `tell`, with a new version, so that pages are redrawn."""
        self.tell(version=self.snapshot.version + 1, **news)

    def tell(self, **news: Any) -> None:
        """Update the snapshot from the run's current state and from `news`."""
        failed = news.get("state", self.snapshot.state) == "failed"
        facts: dict[str, Any] = {}
        # A failure is shown even if what failed is to describe the run.
        with suppress(Exception) if failed else nullcontext():
            facts = dict(snapshot_fields(self._debugger)) if self._debugger else {}
        if facts.get("idle", ()) != self.snapshot.idle:
            # Another phase: pages have other buttons.
            news = {"version": self.snapshot.version + 1, **news}
        if failed:
            # The failed node stays highlighted.
            facts.pop("active", None)
        doing = self.snapshot.doing if self.rewinding or self.walking else ""
        self.snapshot = replace(self.snapshot, **{"doing": doing, "preparing": "", **facts, **news})
