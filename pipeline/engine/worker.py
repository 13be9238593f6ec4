"""What the training engine can be asked, a method each, and the snapshot that tells every browser what came of it.

One engine trains one run. A command names the run that its user saw; if another has taken its place since, the command
is refused with a sentence. `start` and `resume` take the place of a run only where none is moving, or on `switch`.
"""

import contextlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from pipeline.engine.active_run import ActiveRun
from pipeline.engine.devices import devices
from pipeline.errors.base import GenscopeError, Refusal
from pipeline.errors.machine import CannotWrite
from pipeline.errors.runs import RunComplete
from pipeline.errors.training import NodeFailure, NothingToTrain, RunUnderWay, StaleCommand
from pipeline.graph import document
from pipeline.nodes.assemble import check_or_refuse
from pipeline.runs.store import Store
from pipeline.runtime.messages import Answer, Command, Snapshot
from pipeline.training.threads import best_thread_count

if TYPE_CHECKING:
    from pipeline.engine.service import Service


class TrainingWorker:
    """Owns at most one ActiveRun and moves it on."""

    def __init__(self, home: Path, publish: Callable[[Snapshot], None]) -> None:
        self._publish = publish
        self._store = Store(home)
        self._store.reconcile()
        self._run: ActiveRun | None = None
        self._changed_in: dict[str, int] = {}
        self.snapshot = Snapshot(engine="ready", devices=devices(), version=1)
        self._commands: dict[str, Callable[[Command], None]] = {
            "start": self._start,
            "resume": self._resume,
            "run": self._go_on,
            "pause": self._pause,
            "chunk": self._chunk,
            "save": self._save,
            "set_live": self._set_live,
        }

    @property
    def busy(self) -> bool:
        return self.snapshot.state == "running"

    def warm_up(self) -> None:
        """Making the first optimizer imports torch's compiler (2.5 s); the best thread count is measured once."""
        torch.optim.Adam([torch.zeros(1, requires_grad=True)])
        # A home that cannot be written is said when a run is started in it.
        with contextlib.suppress(CannotWrite):
            best_thread_count(self._store.home)

    def obey(self, command: Command) -> Answer:
        """Raises GenscopeError where the command is refused or fails."""
        if command.kind not in self._commands:
            raise Refusal(f"The trainer knows no command {command.kind!r}.")
        self._commands[command.kind](command)
        return Answer(command.number, values={"run": self.snapshot.run, "step": self.snapshot.step})

    def advance(self, service: "Service") -> None:
        """One slice of the run, and what follows from it: the end of a chunk, of the run, or its failure."""
        run = self._the_run("Training")
        until = self.snapshot.until or run.total_steps
        try:
            run.advance(until, service.interrupted)
            self._tell()
            if run.step >= run.total_steps:
                self._change(state="finished", until=None)
                run.finish()
                self._tell()
            elif run.step >= until:
                self._change(state="paused", until=None)
                run.rest()
        except GenscopeError as error:
            self._fail(run, error)

    def close(self) -> None:
        """Saves the run under way and gives it free; the next engine takes it up from there."""
        if self._run is not None:
            self._put_away("")
        self._store.close()

    def _start(self, command: Command) -> None:
        workflow = document.read(str(command.arguments["workflow"]), "The workflow")
        # Refused before the run under way is put aside for it.
        check_or_refuse(workflow)
        self._take_place(command, "start", lambda: ActiveRun.start(self._store, workflow, command.who))
        self._change(state="running", until=None)

    def _resume(self, command: Command) -> None:
        run_id = str(command.arguments["run"])
        self._store.run(run_id)
        if self._run is None or self._run.id != run_id or self.snapshot.state == "failed":
            self._take_place(command, "resume", lambda: ActiveRun.resume(self._store, run_id, command.who))
        self._move(command)

    def _take_place(self, command: Command, verb: str, make: Callable[[], ActiveRun]) -> None:
        if self._run is not None:
            if self.busy and not command.arguments.get("switch"):
                raise RunUnderWay(self._run.id, self._run.record.name, self.snapshot.who)
            self._put_away(command.who)
        self._change(state="building", run="", doing=f"Preparing to {verb}", who=command.who, error="", active="")
        self._publish(self.snapshot)
        try:
            self._run = make()
        except NodeFailure as error:
            failed = self._store.recent(1)[0] if verb == "start" else self._store.run(str(command.arguments["run"]))
            self._change(state="failed", run=failed.id, name=failed.name, active=error.node_id, error=str(error))
            raise
        except GenscopeError:
            self._change(state="idle", name="")
            raise
        self._changed_in = {}
        self._tell(name=self._run.record.name, device=self._run.device)

    def _go_on(self, command: Command) -> None:
        self._the_run("Run", command)
        self._move(command)

    def _chunk(self, command: Command) -> None:
        run = self._the_run("Chunk", command)
        steps = int(command.arguments["steps"])
        if not 1 <= steps <= 1_000_000_000:
            raise Refusal(f"A chunk has between 1 and 1,000,000,000 steps, not {steps:,}.")
        if self.busy:
            raise StaleCommand("The chunk", f"{self.snapshot.who or 'somebody'} set the run going")
        if run.step + steps > run.total_steps:
            run.extend(steps)
        self._change(state="running", until=run.step + steps, who=command.who)

    def _move(self, command: Command) -> None:
        run = self._the_run("Run")
        if steps := command.arguments.get("steps"):
            run.extend(int(steps))
        if run.step >= run.total_steps:
            raise RunComplete(run.total_steps)
        self._change(state="running", until=None, who=command.who)

    def _pause(self, command: Command) -> None:
        run = self._the_run("Pause", command)
        if self.busy:
            self._change(state="paused", until=None, who=command.who)
            run.pause(command.who)
            self._tell()

    def _save(self, command: Command) -> None:
        self._the_run("Save checkpoint", command).save_on_request(command.who)
        self._change()

    def _set_live(self, command: Command) -> None:
        run = self._the_run("The change", command)
        node, parameter = str(command.arguments["node"]), str(command.arguments["parameter"])
        key = f"{node}.{parameter}"
        if command.version is not None and self._changed_in.get(key, 0) > command.version:
            raise StaleCommand(f"The change of {key}", f"it was set to {self.snapshot.live[key]:g}")
        run.set_live(node, parameter, float(command.arguments["value"]), command.who)
        self._change()
        self._changed_in[key] = self.snapshot.version

    def _the_run(self, action: str, command: Command | None = None) -> ActiveRun:
        if self._run is None:
            raise NothingToTrain(action)
        if command is not None and command.run not in ("", self._run.id):
            raise StaleCommand(action, f"{self.snapshot.who or 'somebody'} started {self._run.record.name!r}")
        if command is not None and self.snapshot.state == "failed":
            raise Refusal(f"{action} was not done: the run has failed. Go on from its last checkpoint.")
        return self._run

    def _put_away(self, who: str) -> None:
        run = self._run
        assert run is not None
        if self.busy:
            run.pause(who)
        run.close()
        self._run = None

    def _fail(self, run: ActiveRun, error: GenscopeError) -> None:
        node = error.node_id if isinstance(error, NodeFailure) else ""
        self._change(state="failed", until=None, active=node, error=str(error))
        try:
            run.fail(error)
        except GenscopeError as second:
            # A full disk can fail the run and then its record too; the page still has to say both.
            self._change(error=f"{error} Nor could this be recorded: {second}")

    def _change(self, **news: Any) -> None:
        self._tell(version=self.snapshot.version + 1, **news)

    def _tell(self, **news: Any) -> None:
        facts: dict[str, Any] = {}
        if run := self._run:
            facts = {
                "run": run.id,
                "step": run.step,
                "total_steps": run.total_steps,
                "seconds": run.trainer.state.seconds,
                "images_per_second": run.images_per_second,
                "metrics": run.metrics,
                "live": dict(run.trainer.state.live),
                "saved": run.saved,
                "samples": run.samples,
                "samples_step": run.samples_step,
                "reals": run.reals,
            }
        self.snapshot = replace(self.snapshot, **{"doing": "", **facts, **news})
