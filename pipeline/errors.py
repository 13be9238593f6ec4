"""Every exception of the pipeline: each builds its own sentence from the facts it is given.

A sentence says what, where (node, field, file) and what to do, so that a page, the command line and a log can
show it as it is. `Refusal` is an input we do not take (exit code 2, nothing was changed); `Fault` is
something that went wrong on our side or on the machine (exit code 1).
"""

from collections.abc import Iterable
from difflib import get_close_matches


class GenscopeError(Exception):
    """Root of everything the pipeline raises on purpose; `str(error)` is a sentence fit for the screen."""

    exit_code = 1


class Refusal(GenscopeError):
    """The input was not taken and nothing was changed."""

    exit_code = 2


class Fault(GenscopeError):
    """Something failed that the user did not ask for."""


def nearest(name: str, known: Iterable[str]) -> str:
    """The end of a sentence on an unknown name: `, did you mean 'x'?` for the known name most like it, or `.`"""
    matches = get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f", did you mean {matches[0]!r}?" if matches else "."


class UnreadableDocument(Refusal):
    """A workflow file or picture that cannot be understood."""

    def __init__(self, source: str, reason: str, remedy: str) -> None:
        super().__init__(f"{source} is not a workflow: {reason}. {remedy}")


class InvalidWorkflow(Refusal):
    """A workflow whose check found problems; `problems` are the sentences, one for each."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        count = "one problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__(f"The workflow has {count}: " + " ".join(problems))


class UnknownNode(Refusal):
    """A node id that the workflow does not hold."""

    def __init__(self, node_id: str, known: Iterable[str]) -> None:
        known = sorted(known)
        super().__init__(
            f"The workflow has no node {node_id!r}{nearest(node_id, known)} Its nodes are {', '.join(known)}."
        )


class UnknownNodeType(Refusal):
    """A kind of node that the catalogue does not hold."""

    def __init__(self, class_type: str, known: Iterable[str]) -> None:
        super().__init__(
            f"There is no node type {class_type[:60]!r}{nearest(class_type[:60], known)} "
            "`python -m pipeline nodes` lists the types there are."
        )


class UnreadableSetting(Refusal):
    """A setting from the command line that is not `NODE.PARAMETER=VALUE`."""

    def __init__(self, setting: str) -> None:
        super().__init__(
            f"The setting {setting[:60]!r} is not of the form NODE.PARAMETER=VALUE, "
            "such as generator_optimizer.learning_rate=0.001."
        )


class UnknownParameter(Refusal):
    """A parameter that the node does not have."""

    def __init__(self, node_id: str, name: str, known: Iterable[str]) -> None:
        known = sorted(known)
        super().__init__(
            f"Node {node_id!r} has no parameter {name!r}{nearest(name, known)} It has {', '.join(known) or 'none'}."
        )


class UnusableValue(Refusal):
    """A number that cannot be asked for; built with the whole sentence by whoever knows the range."""


class UnfitValue(Refusal):
    """A value that a parameter cannot have; `problem` is the sentence of the check."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"Not changed: {problem}")


class NotLive(Refusal):
    """A parameter that cannot change while a run goes on."""

    def __init__(self, node_id: str, name: str) -> None:
        super().__init__(
            f"{node_id}.{name} cannot change while the run goes on. Edit it on the Workflow page and start a new run."
        )


class UnknownRun(Refusal):
    """A run id that is not in the store, or that is no run id at all."""

    def __init__(self, run: str) -> None:
        super().__init__(f"There is no run {run[:60]!r}. `python -m pipeline runs` lists the runs there are.")


class RunLocked(Refusal):
    """A run that another process is training."""

    def __init__(self, run: str, pid: int, host: str) -> None:
        super().__init__(f"Run {run} is being trained by process {pid} on {host}. Pause it there first.")


class NameTaken(Refusal):
    """A name under which something else is already saved."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is already a workflow named {name!r}. Choose another name, or replace it knowingly.")


class UnknownWorkflow(Refusal):
    """A name under which no workflow is saved."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(f"No workflow is saved under the name {name[:60]!r}{nearest(name, known) or '.'}")


class UnusableName(Refusal):
    """A name that nothing can be saved under."""

    def __init__(self, name: str, limit: int) -> None:
        super().__init__(
            f"A workflow cannot be saved under the name {name[:60]!r}: "
            f"choose 1 to {limit} letters, digits, spaces or other visible characters."
        )


class UnknownDevice(Refusal):
    """A device that this machine does not have."""

    def __init__(self, device: str, available: Iterable[str]) -> None:
        super().__init__(
            f"This machine has no device {device!r}; it has {', '.join(available)}. Choose one of these, or auto."
        )


class RunUnderWay(Refusal):
    """Another run is being trained by the one engine there is."""

    def __init__(self, run: str, name: str, who: str) -> None:
        super().__init__(f"{who or 'Somebody'} is training {name!r} (run {run}). Pause it and switch, or wait.")


class NothingToTrain(Refusal):
    """A command for the run under way when there is none."""

    def __init__(self, action: str) -> None:
        super().__init__(f"{action} needs a run, and none is loaded. Start one, or open one from the list of runs.")


class StaleCommand(Refusal):
    """A command given against a state that has changed since."""

    def __init__(self, action: str, now: str) -> None:
        super().__init__(f"{action} was not done: meanwhile {now}. Look again and repeat it if you still want it.")


class NoCheckpoint(Refusal):
    """A run of which nothing usable has been saved."""

    def __init__(self, run: str) -> None:
        super().__init__(f"Run {run} has no usable checkpoint yet. Train it for a while, or press Save checkpoint.")


class RunComplete(Refusal):
    """A run to go on with that has reached its planned end."""

    def __init__(self, total_steps: int) -> None:
        super().__init__(f"The run has reached its {total_steps:,} steps. Say how many more it should train.")


class UnreadableCommand(Refusal):
    """A command line that cannot be understood."""

    def __init__(self, command: str, reason: str) -> None:
        words = " ".join(["python -m pipeline", *command.split(), "--help"])
        super().__init__(f"{reason[:1].upper()}{reason[1:].rstrip('.')}. `{words}` says what there is.")


class UnusableFile(Refusal):
    """A file named by the user that cannot be read, or not be put where it should go; `doing`: read or written."""

    def __init__(self, path: str, doing: str, reason: str) -> None:
        super().__init__(f"{path} cannot be {doing}: {reason}.")


class UnknownCheckpoint(Refusal):
    """A step of which a run keeps no checkpoint."""

    def __init__(self, run: str, step: int, known: Iterable[int]) -> None:
        kept = ", ".join(f"{other:,}" for other in sorted(known))
        super().__init__(f"Run {run} keeps no checkpoint of step {step:,}; it keeps those of {kept}.")


class UnknownPictureFormat(Refusal):
    """A file name whose ending is none of the formats that images are written in."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Images are not written as {name!r}: end the name in .png for a grid, or in .npz for arrays.")


class DataUnavailable(Fault):
    """A data set that could not be downloaded or read."""

    def __init__(self, dataset: str, reason: str) -> None:
        super().__init__(
            f"The data set {dataset!r} could not be loaded: {reason}. "
            "Check the network connection, or choose 'mnist-5k', which needs no download."
        )


class BrokenCheckpoint(Fault):
    """A checkpoint whose bytes are not those that were saved."""

    def __init__(self, folder: str, reason: str) -> None:
        super().__init__(f"Checkpoint {folder} is damaged ({reason}); use the one before it.")


class CannotWrite(Fault):
    """A file or database that cannot be written: a full disk, a read-only folder."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path} cannot be written: {reason}. Free some space or set GENSCOPE_HOME to another folder.")


class DatabaseUnusable(Fault):
    """A database that cannot be opened or read; `where` names it without its password."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(
            f"The database {where} cannot be used: {reason}. Correct GENSCOPE_DATABASE_URL, or leave it out to keep "
            "runs in a file under GENSCOPE_HOME."
        )


class NodeFailure(Fault):
    """A node that failed while it was built or in the middle of a step."""

    def __init__(self, node_id: str, doing: str, reason: str) -> None:
        self.node_id = node_id
        self.doing = doing
        super().__init__(f"Node {node_id!r} failed to {doing}: {reason}")


class NotFinite(NodeFailure):
    """A loss or a norm that became NaN or infinite."""

    def __init__(self, node_id: str, metric: str, step: int) -> None:
        super().__init__(
            node_id,
            "stay finite",
            f"{metric} became NaN or infinite at step {step}. "
            "Go back to the last checkpoint and lower the learning rate.",
        )


class Answered(GenscopeError):
    """What the engine answered to a command that it did not carry out; `kind` is the exception's name over there."""

    def __init__(self, kind: str, sentence: str, exit_code: int) -> None:
        self.kind = kind
        self.exit_code = exit_code
        super().__init__(sentence)


class MisdeclaredNode(Fault):
    """A node class that the registry does not take: a mistake of whoever wrote it."""

    def __init__(self, class_name: str, reason: str) -> None:
        super().__init__(f"Node class {class_name} cannot be registered: {reason}.")


class EngineGone(Fault):
    """The trainer's process is not there."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"The trainer's process has ended ({reason}). The last checkpoint is kept; go on from it.")
