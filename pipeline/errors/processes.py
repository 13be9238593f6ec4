"""Errors of several processes that train one run together. A process is named by its rank and its host."""

from pipeline.errors.base import Fault, Refusal
from pipeline.errors.training import NodeFailure


class BadLaunch(Refusal):
    """An environment variable of the launcher that cannot be read."""

    def __init__(self, name: str, value: str) -> None:
        super().__init__(
            f"The environment variable {name} is {value[:60]!r}, which is no whole number that fits. Leave it to "
            "torchrun, or unset RANK and WORLD_SIZE to train in one process."
        )


class OneProcessOnly(Refusal):
    """A command started by torchrun that has nothing to share."""

    def __init__(self, command: str, processes: int) -> None:
        super().__init__(
            f"`{command}` works in one process, and {processes:,} were started. Several can `train`, or be an "
            "`engine`; start this one without torchrun."
        )


class OtherProcess(Refusal):
    """A process that differs from process 0. what: in words. theirs, own: the values of that process and of 0."""

    def __init__(self, rank: int, host: str, what: str, theirs: str, first: str, own: str) -> None:
        super().__init__(
            f"Process {rank} on {host} has {what} {theirs}, process 0 on {first} has {own}. All processes of a run "
            "need the same."
        )


class OtherBuild(Refusal):
    """A run that this process has built in another way than process 0. theirs, own: what each has, in words."""

    def __init__(self, own: str, first: str, theirs: str) -> None:
        super().__init__(f"it has {own}, process 0 on {first} has {theirs}. All processes of a run need the same.")


class HomeOfProcess(Refusal):
    """A home that one process cannot use. reason: a sentence that names the path."""

    def __init__(self, rank: int, host: str, reason: str) -> None:
        super().__init__(f"Process {rank} on {host}: {reason}")


class RefusedByProcess(Refusal):
    """What another process refused while it built the run. reason: a sentence."""

    def __init__(self, rank: int, host: str, reason: str) -> None:
        super().__init__(f"Process {rank} on {host}: {reason}")


class BatchNotShared(Refusal):
    """A batch that the processes cannot share equally. reason: a sentence, with the sizes that they can."""


class MissingProcess(Fault):
    """A process that has not joined. seconds: how long it was waited for."""

    def __init__(self, missing: str, count: int, seconds: float) -> None:
        super().__init__(
            f"{missing} of {count:,} did not join within {seconds:,.0f} seconds. Look at what it printed, and start "
            "all processes with the same command."
        )


class NoMeetingPoint(Fault):
    """The address at which the processes meet does not answer."""

    def __init__(self, address: str, port: int, reason: str) -> None:
        super().__init__(
            f"The processes cannot meet at {address}:{port}: {reason}. Check that this machine reaches the address, "
            "and that torchrun was started with the same --rdzv-endpoint everywhere."
        )


class LostProcess(NodeFailure):
    """A process that ended, or does not answer any more, during an action. process: which one, in words. node_id: that
    of the training node. lost: that it is gone, as a clause."""

    def __init__(self, process: str, node_id: str, doing: str, title: str = "") -> None:
        self.lost = f"{process} has ended or does not answer any more"
        super().__init__(node_id, doing, f"{self.lost}. The run can be resumed from its last checkpoint.", title)


class FaultOfProcess(NodeFailure):
    """A fault of another process, whose sentence it repeats. node_id: the node that failed there."""

    def __init__(self, rank: int, host: str, sentence: str, node_id: str, doing: str) -> None:
        Fault.__init__(self, f"Process {rank} on {host}: {sentence}")
        self.node_id, self.doing, self.title = node_id, doing, ""


class ProcessesDiffer(NodeFailure):
    """Processes of one run that no longer train the same networks. part: what differs, such as "the weights of the
    …". process: the first whose part differs from that of process 0. node_id: that of the training node."""

    def __init__(self, part: str, process: int, step: int, node_id: str = "", title: str = "") -> None:
        Fault.__init__(
            self,
            f"At step {step:,}, {part} in process {process} differ from those in process 0, so the processes no longer "
            "train the same networks, and the run stops before it saves them. Custom code is the usual cause, such as "
            "a node that makes something else in each process: correct it and resume from the last checkpoint, or "
            "train in one process.",
        )
        self.node_id, self.doing, self.title = node_id, "stay the same in all processes", title


class LeaderLost(Fault):
    """Process 0 has ended, so that this process ends too. Nobody is told: process 0, or torchrun, has said why."""

    def __init__(self) -> None:
        super().__init__("Process 0 has ended, so this process ends too.")


class NothingToResume(Refusal):
    """Processes that were started again and find no note of the run that they began."""

    def __init__(self) -> None:
        super().__init__(
            "These processes were started again, but the run that they began is not known: without torchrun's own "
            "store nothing is kept. Unset TORCH_DISABLE_SHARE_RDZV_TCP_STORE, or resume it by hand: python -m pipeline "
            "train --resume latest."
        )
