"""What is refused, or fails, while a run is trained."""

from collections.abc import Iterable

from pipeline.errors.base import Fault, GenscopeError, Refusal


class UnknownDevice(Refusal):
    """A device that this machine does not have."""

    def __init__(self, device: str, available: Iterable[str]) -> None:
        super().__init__(
            f"This machine has no device {device!r}; it has {', '.join(available)}. Choose one of these, or auto."
        )


class NotLive(Refusal):
    """A parameter that cannot change while a run goes on."""

    def __init__(self, node_id: str, name: str) -> None:
        super().__init__(
            f"{node_id}.{name} cannot change while the run goes on. Edit it on the Workflow page and start a new run."
        )


class UnknownUpdate(Refusal):
    """A network to update by itself that the run does not train."""

    def __init__(self, role: str, known: Iterable[str]) -> None:
        super().__init__(f"This run updates no network {role[:60]!r}; it updates {', '.join(known)}.")


class NothingBefore(Refusal):
    """A step to go back to that lies before all that a run has kept."""

    def __init__(self, step: int, first: int) -> None:
        super().__init__(
            f"Going back to step {step:,} is not possible: the earliest step that this run can return to is {first:,}."
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


class DataUnavailable(Fault):
    """A data set that could not be downloaded or read."""

    def __init__(self, dataset: str, reason: str) -> None:
        super().__init__(
            f"The data set {dataset!r} could not be loaded: {reason}. "
            "Check the network connection, or choose 'mnist-5k', which needs no download."
        )


CUSTOM_NODES_PACKAGE = "own_nodes_"
"""What the names of packages begin with whose modules are files of somebody's own nodes."""


class NodeFailure(Fault):
    """A node that failed while it was built or in the middle of a step. title: the node's, "" where it is not known."""

    def __init__(self, node_id: str, doing: str, reason: str, title: str = "") -> None:
        self.node_id = node_id
        self.doing = doing
        self.title = title
        named = f"{title} ({node_id})" if title else f"Node {node_id!r}"
        super().__init__(f"{named} failed to {doing}: {reason}")


class NotFinite(NodeFailure):
    """A loss or a norm that became NaN or infinite. `tensor`: the first tensor that did, and where, if it was found."""

    def __init__(self, node_id: str, metric: str, step: int, tensor: str = "", title: str = "") -> None:
        self.metric = metric
        self.step = step
        first = f" The first tensor to go bad was {tensor}." if tensor else ""
        super().__init__(
            node_id,
            "stay finite",
            f"{metric} became NaN or infinite at step {step}.{first} Go back some steps and lower the learning rate.",
            title,
        )


class StoppedTraining(Fault):
    """A training on the command line that something has stopped. The run is saved at its last sound step."""

    def __init__(self, sentence: str, run: str, step: int) -> None:
        super().__init__(f"{sentence} Run {run} is saved at step {step:,}.")


class UnfitModule(Refusal):
    """A module that somebody has made and that cannot be trained as it is. role: what it was given as."""

    def __init__(self, role: str, reason: str) -> None:
        super().__init__(f"The {role} that was given {reason}")


class UnfitImages(Refusal):
    """Images given from Python that cannot be learned from."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The images that were given {reason}")


class MadeInPython(Refusal):
    """Something that was given from Python, asked for where it is not. title, node_id: of its node. kind: its class."""

    def __init__(self, title: str, node_id: str, kind: str) -> None:
        named = f"{title} ({node_id})"
        super().__init__(
            f"{named} stands for {kind or 'something'} made in Python, which only the process that made it has. Go on "
            "there: Training.resume(run, images, …) of pipeline.api.training takes the run up with it."
        )


class CommandRefused(GenscopeError):
    """What the engine answered to a command that it did not carry out; `kind` is the exception's name over there."""

    def __init__(self, kind: str, sentence: str, exit_code: int) -> None:
        self.kind = kind
        self.exit_code = exit_code
        super().__init__(sentence)


class EngineGone(Fault):
    """The trainer's process is not there."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"The trainer's process has ended ({reason}). The last checkpoint is kept; go on from it.")
