"""Errors while a run is trained, and about its commands."""

from collections.abc import Iterable, Sequence

from pipeline.errors.base import Fault, GenscopeError, Refusal
from pipeline.errors.machine import HomeTrouble


class UnknownDevice(Refusal):
    """A device that this machine does not have."""

    def __init__(self, device: str, available: Iterable[str]) -> None:
        super().__init__(
            f"This machine has no device {device!r}; it has {', '.join(available)}. Choose one of these, or auto."
        )


class NotLive(Refusal):
    """A parameter that cannot change during a run. live: those that can, as "node.parameter"."""

    def __init__(self, node_id: str, name: str, live: Sequence[str] = ()) -> None:
        known = f" During a run these can change: {', '.join(live)}."
        super().__init__(
            f"{node_id}.{name} cannot change during a run. Edit it on the Workflow page and start a new run, or a fork "
            "that keeps the trained networks (`train --fork`)." + (known if live else "")
        )


class PlanEnded(Refusal):
    """A run whose learning rates are all 0 from now on, so that training on would change nothing. why: what ended, and
    what to do."""

    def __init__(self, run: str, step: int, why: str) -> None:
        super().__init__(f"Run {run} is not trained on from step {step:,}. {why}")


class UnknownUpdate(Refusal):
    """A command to update one network that the run does not train, or not in the next step."""

    def __init__(self, role: str, known: Iterable[str], *, idle: bool = False) -> None:
        now = "The next step" if idle else "This run"
        super().__init__(f"{now} does not train {role[:60]!r}; it trains {', '.join(known)}.")


class CannotRewind(Refusal):
    """A rewind to a step earlier than any that the run can restore."""

    def __init__(self, step: int, first: int) -> None:
        super().__init__(
            f"Going back to step {step:,} is not possible: the earliest step that this run can return to is {first:,}."
        )


class EngineBusy(Refusal):
    """The engine trains one run at a time and is busy with another one."""

    def __init__(self, run: str, name: str, who: str) -> None:
        doing = f"{who} is training {name!r} (run {run})" if who else f"{name!r} (run {run}) is training"
        super().__init__(f"{doing}. Pause it and switch, or wait.")


class EngineReplaced(Refusal):
    """A command that the engine leaves to its successor, which has another number of processes."""

    def __init__(self, processes: int) -> None:
        self.processes = processes
        super().__init__(f"The engine makes room for one with {_processes(processes)}. Try again in some seconds.")


class EngineByHand(Refusal):
    """A run for another number of processes than those of an engine that was started in a terminal."""

    def __init__(self, present: int, wanted: int) -> None:
        super().__init__(
            f"The run asks for {_processes(wanted)}, but the engine of this home, which was started in a terminal, has "
            f"{present:,}. End it there with Ctrl-C and try again: the dashboard then starts one that fits. Or set "
            f"processes of the training node to {present:,} (for a stored run: in a fork)."
        )


class EngineRuns(Refusal):
    """An engine that is started where the home already has one. pid: of that one."""

    def __init__(self, home: str, pid: int, *, by_hand: bool) -> None:
        end = f"Press Ctrl-C in its terminal, or: kill {pid}" if by_hand else f"To replace it: kill {pid}"
        super().__init__(
            f"The home {home} already has a training engine, process {pid}, and its dashboard uses that one. {end} "
            "(it saves its run first). Then start this one again."
        )


class NeedsProcesses(Refusal):
    """A run for several processes in one that was started alone."""

    def __init__(self, wanted: int) -> None:
        super().__init__(
            f"The run asks for {_processes(wanted)}, and this is a single one. Start them with torchrun: torchrun "
            f"--nproc-per-node={wanted} -m pipeline train … (with --nproc-per-node=1, one process trains it). The "
            "dashboard starts them by itself."
        )


def _processes(count: int) -> str:
    return f"{count:,} process{'' if count == 1 else 'es'}"


class NoRunLoaded(Refusal):
    """A command that needs a loaded run when none is loaded."""

    def __init__(self, action: str) -> None:
        super().__init__(f"{action} needs a run, and none is loaded. Start one, or open one from the list of runs.")


class StaleCommand(Refusal):
    """A command for a state that has changed in the meantime."""

    def __init__(self, action: str, now: str) -> None:
        super().__init__(
            f"{action} was not carried out: meanwhile {now}. Check the page, and repeat it if you still want it."
        )


class DataUnavailable(Fault):
    """A data set that could not be downloaded or read."""

    def __init__(self, dataset: str, reason: str) -> None:
        super().__init__(
            f"The data set {dataset!r} could not be loaded: {reason}. "
            "Check the network connection, or choose 'mnist-5k', which needs no download."
        )


CUSTOM_NODES_PACKAGE = "own_nodes_"
"""Prefix of the package names under which files of custom nodes are imported."""


class NodeFailure(Fault):
    """A node that failed while it was built or during a step. title: the node's title, "" if unknown."""

    def __init__(self, node_id: str, doing: str, reason: str, title: str = "") -> None:
        self.node_id = node_id
        self.doing = doing
        self.title = title
        named = f"{title} ({node_id})" if title else f"Node {node_id!r}"
        super().__init__(f"{named} failed to {doing}: {reason}")


class NotFinite(NodeFailure):
    """A loss or norm that became NaN or infinite.

    tensor: the first tensor that did, and its stage, if found. images: a sentence on the training images of that batch,
    "" if it had none.
    """

    def __init__(
        self, node_id: str, metric: str, step: int, tensor: str = "", title: str = "", images: str = ""
    ) -> None:
        self.metric = metric
        self.step = step
        first = f" The first tensor to go bad was {tensor}." if tensor else ""
        first += f" {images}" if images else ""
        super().__init__(
            node_id,
            "stay finite",
            f"{metric} became NaN or infinite at step {step}.{first} Go back some steps and lower the learning rate.",
            title,
        )


class PreparationInterrupted(Fault):
    """Ctrl-C while a run was being prepared, where it raises KeyboardInterrupt."""

    def __init__(self) -> None:
        super().__init__("Interrupted while the run was being prepared.")


class TrainingStopped(Fault):
    """Training on the command line was stopped by an error. The run is saved at its last good step.

    sentence: what stopped it. advice: what to do, a sentence.
    """

    def __init__(self, sentence: str, run: str, step: int, advice: str = "") -> None:
        self.sentence, self.run, self.step = sentence, run, step
        super().__init__(f"{sentence} Run {run} is saved at step {step:,}." + (f" {advice}" if advice else ""))


class RunPaused(HomeTrouble):
    """Training without a server was paused because the home cannot be written.

    trouble: why, and what to do, in sentences. then: how it goes on after that, a clause; "" for the command line.
    """

    def __init__(self, trouble: str, run: str, step: int, then: str = "") -> None:
        then = (
            then or f"It goes on from its last checkpoint, and nothing is lost: python -m pipeline train --resume {run}"
        )
        super().__init__(f"{trouble} Run {run} is paused at step {step:,}. {then}")


class UnfitModule(Refusal):
    """A module passed from Python that cannot be trained. role: the role it was passed for."""

    def __init__(self, role: str, reason: str) -> None:
        super().__init__(f"The {role} {reason}")


class UnfitImages(Refusal):
    """Images passed from Python that cannot be used for training."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The images {reason}")


class MadeInPython(Refusal):
    """An object passed from Python is needed in a process that does not have it. title, node_id: its node. kind: its
    class."""

    def __init__(self, title: str, node_id: str, kind: str) -> None:
        named = f"{title} ({node_id})"
        super().__init__(
            f"{named} was passed from Python (class {kind or 'unknown'}) and exists only in the process that made it. "
            "Continue there: Training.resume(run, images, …) of pipeline.api.training resumes the run."
        )


class CommandRefused(GenscopeError):
    """A command that the engine answered with an exception; `kind` is the name of the exception's class."""

    def __init__(self, kind: str, sentence: str, exit_code: int) -> None:
        self.kind = kind
        self.exit_code = exit_code
        super().__init__(sentence)


class EngineGone(Fault):
    """The engine's process has ended."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"The engine has ended ({reason}). The last checkpoint is kept; resume from it.")


class UnwritableModel(Refusal):
    """A run whose networks or sampler cannot be written as a Python file. why: a clause."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"This run cannot be written as a Python file of its own, because {why}. Its weights can be written: use "
            "--to safetensors."
        )


class CannotProfile(Fault):
    """torch.profiler does not begin, or its trace cannot be read. reason: a clause."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"No profile was made: {reason[:300].rstrip('.')}. End other profilers of this process, or profile fewer "
            "steps."
        )
