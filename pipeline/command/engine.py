"""`engine`: serve this home's training engine in a terminal, as one process or, under torchrun, as several."""

import secrets
from argparse import ArgumentParser, Namespace
from dataclasses import dataclass, field

from pipeline.command.answer import CommandResult, print_status
from pipeline.command.taking_part import take_part
from pipeline.formatting import counted, visible
from pipeline.runs.home import home
from pipeline.runtime.address import Address
from pipeline.runtime.messages.snapshot import Snapshot


def options(parser: ArgumentParser) -> None:
    """It has no options: runs are started and steered from the dashboard."""


def run(arguments: Namespace) -> CommandResult:
    """Serve the training engine of this home until Ctrl-C: the dashboard with the same GENSCOPE_HOME uses it instead of
    one of its own. As several processes: torchrun --nproc-per-node=2 -m pipeline engine."""
    # It ends when torchrun tells it to, be it only because another process has died.
    return take_part(_serve, once=False)


def _serve() -> CommandResult:
    """Serve, alone or as process 0."""
    from pipeline.engine.engine_kind import EngineKind
    from pipeline.engine.serving import serve
    from pipeline.processes.group import process_count

    address = Address(home(), "train")
    terminal = Terminal(str(address.home))
    kind = EngineKind(processes=process_count(), by_hand=True, told=terminal.show)
    last = serve(address, lambda: secrets.token_hex(32), kind)
    facts = {"home": str(address.home), "processes": kind.processes, "runs": terminal.runs}
    if last.trouble:
        return CommandResult(facts, f"The engine has ended: {last.trouble}.", 1)
    # A run that has failed stays in the last snapshot.
    saved = ", and its run is saved" if terminal.runs and not last.run else ""
    return CommandResult(facts, f"The engine has ended{saved}.")


@dataclass
class Terminal:
    """Says on standard error what the engine does: a line for what goes on by itself, none for single steps and chunks.

    home: of the engine. runs: the ids of those that it has trained.
    """

    home: str
    runs: list[str] = field(default_factory=list)
    _said: tuple[str, str] = ("", "")

    def show(self, snapshot: Snapshot) -> None:
        """Called with each snapshot of the engine."""
        if snapshot.engine == "starting":
            return
        if snapshot.run and snapshot.run not in self.runs:
            self.runs.append(snapshot.run)
        now = (snapshot.run, snapshot.state)
        alone = snapshot.state == "running" and (snapshot.until is not None or bool(snapshot.doing))
        step_by_step = snapshot.state == "paused" and self._said != (snapshot.run, "running")
        if now == self._said or alone or step_by_step:
            return
        self._said = now
        print_status(visible(self._sentence(snapshot)))

    def _sentence(self, snapshot: Snapshot) -> str:
        run = f"{snapshot.name!r} (run {snapshot.run})"
        by = f", by {snapshot.who}" if snapshot.who else ""
        match snapshot.state:
            case "idle":
                with_ = counted(snapshot.processes, "process", "processes")
                return (
                    f"The training engine of {self.home} is ready, with {with_}. Start runs from the dashboard of this "
                    "home; Ctrl-C here saves the run and ends the engine."
                )
            case "building":
                return f"{snapshot.doing}{by}"
            case "running":
                return f"Training {run} on {snapshot.device} from step {snapshot.step:,}{by}"
            case "failed":
                return f"{run} has failed: {snapshot.error}"
            case state:
                return f"{run} is {state} at step {snapshot.step:,}{by}"
